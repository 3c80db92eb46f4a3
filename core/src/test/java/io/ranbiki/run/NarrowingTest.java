package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.teacher.PrincipalComponents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NarrowingTest {

  private static final float[] ROWS = {0.6f, 0.8f, -0.0f, 1e-30f, -0.8f, 0.6f};

  @TempDir Path folder;

  private final List<String> notes = new ArrayList<>();
  private int asked;

  private Narrowing narrowing(String key) {
    Supplier<PrincipalComponents> find =
        () -> {
          asked++;
          return PrincipalComponents.of(ROWS, 2);
        };
    return new Narrowing(folder.resolve("answers/a.pca"), key, find, notes::add);
  }

  @Test
  void whatWasFoundOnce_isReadAfterItWasKept_withTheSameBits() throws IOException {
    Narrowing first = narrowing("key");
    first.keep();
    assertThat(folder).isEmptyDirectory();
    assertThat(first.components()).isSameAs(first.components());
    assertThat(folder).isEmptyDirectory();
    first.keep();
    first.keep();
    PrincipalComponents read = narrowing("key").components();
    assertThat(asked).isEqualTo(1);
    assertThat(read.rows()).isEqualTo(ROWS);
    assertThat(read.count()).isEqualTo(2);
    assertThat(notes).isEmpty();
  }

  @Test
  void whatAKilledProcessLeft_isRemoved_butNothingOfOthers() throws IOException {
    Path answers = Files.createDirectory(folder.resolve("answers"));
    long living = ProcessHandle.current().pid();
    List<String> others = List.of(".a.pca." + living + "-7.tmp", ".b.pca.999999999-7.tmp", "b.pca");
    for (String other : others) {
      Files.createFile(answers.resolve(other));
    }
    Files.createFile(answers.resolve(".a.pca.999999999-7.tmp"));
    Narrowing first = narrowing("key");
    first.components();
    first.keep();
    try (Stream<Path> files = Files.list(answers)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(others.get(0), others.get(1), others.get(2), "a.pca");
    }
  }

  @Test
  void whatIsDamagedOrOfAnotherTeacher_isFoundAgain_andSaid() throws IOException {
    Narrowing first = narrowing("key");
    first.components();
    first.keep();
    Path file = folder.resolve("answers/a.pca");
    byte[] whole = Files.readAllBytes(file);
    for (int at = 0; at < whole.length; at++) {
      byte[] damaged = at % 2 == 0 ? whole.clone() : Arrays.copyOf(whole, at);
      if (at % 2 == 0) {
        damaged[at] ^= 1;
      }
      Files.write(file, damaged);
      assertThat(narrowing("key").components().rows()).isEqualTo(ROWS);
    }
    assertThat(notes)
        .hasSize(asked - 1)
        .containsOnly(
            "The principal components in "
                + file
                + " are damaged, and the teacher is asked again.");
    Files.write(file, whole);
    int before = asked;
    Narrowing other = narrowing("another key");
    other.components();
    assertThat(asked).isEqualTo(before + 1);
    other.keep();
    narrowing("another key").components();
    assertThat(asked).isEqualTo(before + 1);
  }
}
