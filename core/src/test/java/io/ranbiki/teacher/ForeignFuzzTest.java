package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged files end in a message, or in a teacher; never in anything else. */
@Timeout(60) // for all of a file
class ForeignFuzzTest {

  private static final int FLIPS = Integer.getInteger("ranbiki.fuzz", 300);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {"rows.onnx", "dynamic.onnx", "external.onnx", "two-outputs.onnx", "traced.pt"})
  void flippedBytes_giveAMessageOrATeacher(String name) throws IOException {
    Files.copy(Foreign.file("external.bin"), folder.resolve("external.bin"));
    byte[] whole = Files.readAllBytes(Foreign.file(name));
    Random random = new Random(name.hashCode());
    for (int i = 0; i < FLIPS; i++) {
      byte[] damaged = whole.clone();
      int flips = 1 + random.nextInt(3);
      for (int flip = 0; flip < flips; flip++) {
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      }
      requireMessageOrTeacher(name, damaged, "flip " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"rows.onnx", "dynamic.onnx", "external.onnx", "two-outputs.onnx", "traced.pt"})
  void truncatedFiles_giveAMessageOrATeacher(String name) throws IOException {
    Files.copy(Foreign.file("external.bin"), folder.resolve("external.bin"));
    byte[] whole = Files.readAllBytes(Foreign.file(name));
    int step = Math.max(1, whole.length / FLIPS);
    for (int length = 1; length < whole.length; length += step) {
      requireMessageOrTeacher(name, Arrays.copyOf(whole, length), length + " bytes");
    }
  }

  private void requireMessageOrTeacher(String name, byte[] bytes, String what) throws IOException {
    Path file = Files.write(folder.resolve("damaged" + name.substring(name.indexOf('.'))), bytes);
    List<Integer> sample = name.startsWith("rows") ? Foreign.ROW : Foreign.IMAGE;
    try (TensorScope scope = TensorScope.open("fuzz");
        Teacher teacher = Teachers.open(TeacherSource.of(file, true, null), sample, 0, List.of())) {
      assertThat(teacher.classes()).isPositive();
    } catch (RanbikiException e) {
      assertThat(e.getMessage()).as(what).doesNotContain("\n").hasSizeLessThan(900);
    }
  }
}
