package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Samples are packed once, and what a run cannot read of a pack is one sentence. */
class PackCommandTest {

  private static final String YAML =
      """
      name: small
      latency: false
      data: {format: csv, folder: "%1$s", validation: 0}
      model: {architecture: mlp, hidden: 4, layers: 1}
      train: {epochs: 1, batch: 16, threads: 1}
      """;

  @TempDir Path folder;
  private Path config;
  private Path pack;

  @BeforeEach
  void write() throws IOException {
    Random random = new Random(1);
    for (String part : new String[] {"train", "test"}) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < (part.equals("train") ? 40 : 12); i++) {
        text.append(random.nextFloat()).append(",").append(random.nextFloat());
        text.append(i % 2 == 0 ? ",p\n" : ",q\n");
      }
      Files.writeString(folder.resolve(part + ".csv"), text);
    }
    config = Files.writeString(folder.resolve("small.yaml"), YAML.formatted(folder));
    pack = folder.resolve("packs/small");
  }

  private Typed typed(String verb, String... more) {
    String[] words = new String[3 + more.length];
    words[0] = verb;
    words[1] = config.toString();
    words[2] = "data.packed=" + pack;
    System.arraycopy(more, 0, words, 3, more.length);
    return Typed.run(words);
  }

  private Typed train(String run) {
    return typed("train", "--quiet", "--run-dir", folder.resolve(run).toString());
  }

  private String next() {
    return "Next: ranbiki train %s data.packed=%s\n".formatted(config, pack);
  }

  @Test
  void samplesArePackedOnce_andAgainWhenTheirFilesChange() throws IOException {
    Typed first = typed("pack");
    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(first.err()).isEmpty();
    assertThat(first.out())
        .matches("52 samples in \\Q%s\\E, 0 MB\n\\Q%s\\E".formatted(pack, next()));
    Path header = pack.resolve("pack.json");
    FileTime made = Files.getLastModifiedTime(header);

    Typed second = typed("pack");
    assertThat(second.exitCode()).isZero();
    assertThat(second.out())
        .isEqualTo(pack + " holds the samples as they are now; nothing is to be done.\n" + next());
    assertThat(Files.getLastModifiedTime(header)).isEqualTo(made);

    Path test = folder.resolve("test.csv");
    Files.writeString(test, Files.readString(test) + "1,2,q\n");
    Typed stale = train("stale");
    assertThat(stale.exitCode()).isEqualTo(3);
    assertThat(stale.err())
        .isEqualTo(
            "error: %s changed since the pack %s was made of it. Make it again with 'ranbiki pack'.\n"
                .formatted(test, pack));
    assertThat(typed("pack").out()).startsWith("53 samples in " + pack);
  }

  @Test
  void aMissingOrDamagedPack_isOneSentence_andIsMadeAgain() throws IOException {
    Typed missing = train("missing");
    assertThat(missing.exitCode()).isEqualTo(3);
    assertThat(missing.err())
        .isEqualTo(
            "error: There is no pack in %s. Make it with 'ranbiki pack', or leave data.packed out.\n"
                .formatted(pack));
    typed("pack");
    for (String name : new String[] {"train.rows", "test.truth", "pack.json"}) {
      Path file = pack.resolve(name);
      byte[] bytes = Files.readAllBytes(file);
      bytes[name.endsWith("json") ? bytes.length / 2 : 5] ^= 1;
      Files.write(file, bytes);
      Typed damaged = train("damaged-" + name);
      assertThat(damaged.exitCode()).as(name).isEqualTo(3);
      assertThat(damaged.err())
          .isEqualTo(
              "error: %s is cut or damaged. Make the pack again with 'ranbiki pack'.\n"
                  .formatted(file));
      assertThat(typed("pack").out()).as(name).startsWith("52 samples in " + pack);
    }
    Typed whole = typed("train", "--quiet", "--dry-run");
    assertThat(whole.exitCode()).as(whole.err()).isZero();
  }

  @Test
  void whatIsNoSample_leavesNoPack() throws IOException {
    Files.writeString(folder.resolve("test.csv"), "1,2,p\n1,x,q\n");
    Typed refused = typed("pack");
    assertThat(refused.exitCode()).isEqualTo(3);
    assertThat(refused.err())
        .startsWith("error: Line 2 of " + folder.resolve("test.csv") + " has 'x' in column 1");
    assertThat(folder.resolve("packs")).isEmptyDirectory();
  }
}
