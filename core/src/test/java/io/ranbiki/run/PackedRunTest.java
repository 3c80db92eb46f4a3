package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.data.Pack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run on a pack is the run on its files. */
class PackedRunTest {

  private static final String YAML =
      """
      name: %2$s
      latency: false
      data: {format: csv, folder: "%1$s"}
      model: {architecture: mlp, hidden: 8, layers: 1}
      train: {epochs: 2, batch: 16, threads: 1}
      """;

  private static final Pack.Listener NOBODY =
      new Pack.Listener() {
        @Override
        public void begins(String what, long total, String unit) {}

        @Override
        public void step(long count) {}

        @Override
        public void ends() {}

        @Override
        public boolean goesOn() {
          return true;
        }
      };

  @TempDir Path folder;

  @BeforeEach
  void writeTables() throws IOException {
    Random random = new Random(3);
    for (String part : List.of("train", "test")) {
      StringBuilder rows = new StringBuilder();
      for (int i = 0; i < 300; i++) {
        float x = random.nextFloat();
        float y = random.nextFloat();
        rows.append(x).append(',').append(y).append(',').append(x > y ? "up" : "down").append('\n');
      }
      Files.writeString(folder.resolve(part + ".csv"), rows);
    }
  }

  private RunConfig config(String name, String... overrides) {
    return RunConfigReader.training(
        ConfigDocument.parse("m.yaml", YAML.formatted(folder, name), List.of(overrides), Map.of()));
  }

  private Path run(RunConfig config) {
    RunFolder run = RunFolder.create(folder.resolve("runs/" + config.name()));
    new Experiment(config, run, List.of("test"), RunListener.NONE, () -> false).run();
    return run.path();
  }

  /** Every file of weights and answers by its name. */
  private static List<String> bits(Path run) throws IOException {
    List<String> bits = new ArrayList<>();
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.sorted().toList()) {
        if (file.toString().endsWith(".safetensors")) {
          bits.add(run.relativize(file) + " " + Arrays.hashCode(Files.readAllBytes(file)));
        }
      }
    }
    return bits;
  }

  @Test
  void aRunOnAPack_hasTheBitsOfTheRunOnItsFiles_andBlocksAreSaid() throws IOException {
    Path pack = folder.resolve("pack");
    assertThatThrownBy(() -> run(config("none", "data.packed=" + pack)))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "There is no pack in "
                + pack
                + ". Make it with 'ranbiki pack', or leave data.packed out.");
    RunConfig files = config("files");
    assertThat(Pack.make(pack, files.data().format(), Optional.empty(), NOBODY)).isPresent();
    List<String> bits = bits(run(files));
    RunConfig packed = config("packed", "data.packed=" + pack);
    assertThat(bits(run(packed))).isEqualTo(bits).hasSizeGreaterThan(4);
    assertThat(packed.resolved().get("data").toString()).contains("order=exact");

    RunConfig blocks = config("blocks", "data.packed=" + pack, "data.order=blocks");
    assertThat(blocks.resolved().get("data").toString()).contains("order=blocks");
    try (RunData data = RunData.open(blocks)) {
      assertThat(data.notes(List.of(1L))).anyMatch(note -> note.contains("shuffled by blocks"));
    }
  }

  @Test
  void aClassOutOfScope_isInTheTestOfThePack_andAnotherOneIsNoticed() throws IOException {
    Path test = folder.resolve("test.csv");
    Files.writeString(test, Files.readString(test) + "0.5,0.5,none\n");
    Path pack = folder.resolve("pack");
    RunConfig packed = config("oos", "data.packed=" + pack, "data.out-of-scope=none");
    assertThatThrownBy(() -> Pack.make(pack, config("x").data().format(), Optional.empty(), NOBODY))
        .hasMessageContaining("has the label 'none', which is not one of the classes [down, up]");
    RunConfig files = config("y", "data.out-of-scope=none");
    Pack.make(pack, files.data().format(), Optional.of("none"), NOBODY);
    try (RunData data = RunData.open(packed);
        RunData other = RunData.open(files)) {
      assertThat(data.classNames()).containsExactly("down", "up");
      assertThat(data.test().fingerprint()).isEqualTo(other.test().fingerprint());
      assertThat(data.fingerprint()).isEqualTo(other.fingerprint());
    }
    assertThatThrownBy(() -> RunData.open(config("z", "data.packed=" + pack)))
        .hasMessageContaining("was made with other keys under 'data' than there are now.");
  }

  @Test
  void anOrderWithoutAPack_isAMistake() {
    assertThatThrownBy(() -> config("x", "data.order=blocks"))
        .hasMessageContaining(
            "'data' gives an 'order', which is one of packed samples, but no 'packed'.");
  }
}
