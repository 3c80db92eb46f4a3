package io.ranbiki.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The students and their answers were made in Python by {@code make.py} beside them. */
class StudentTest {

  private static final Path FILES = Path.of("src", "test", "resources", "students");
  private static final Path IMAGE = FILES.resolve("colours.png");

  @TempDir Path folder;

  private static Path file(String name) {
    return FILES.resolve(name + ".onnx");
  }

  private static List<float[]> answers(String name) throws IOException {
    return Files.readAllLines(FILES.resolve(name + ".txt")).stream()
        .map(
            line -> {
              String[] words = line.split(" ");
              float[] numbers = new float[words.length];
              for (int i = 0; i < numbers.length; i++) {
                numbers[i] = Float.parseFloat(words[i]);
              }
              return numbers;
            })
        .toList();
  }

  private static void refused(ThrowingCallable action, Kind kind, String message) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(RanbikiException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"colours", "outside", "grey"})
  void images_areAnsweredAsInPython(String name) throws IOException {
    float[] expected = answers(name).get(0);
    try (Student student = Student.load(file(name));
        InputStream stream = Files.newInputStream(IMAGE)) {
      assertThat(student.names()).containsExactly("boot", "sandal, open", "Turnschuh ü");
      Prediction prediction = student.predict(IMAGE);
      assertThat(prediction.logits()).containsExactly(expected, within(1e-5f));
      for (Prediction same :
          List.of(
              student.predict(Files.readAllBytes(IMAGE)),
              student.predict(stream),
              student.predict(ImageIO.read(IMAGE.toFile())))) {
        assertThat(same.logits()).containsExactly(prediction.logits());
      }
    }
  }

  @Test
  void rows_areAnsweredAsInPython() throws IOException {
    List<float[]> expected = answers("rows");
    try (Student student = Student.load(file("rows"))) {
      assertThat(student.predict(new float[] {1, 2, 3}).logits())
          .containsExactly(expected.get(0), within(1e-5f));
      Prediction large = student.predict(new float[] {-4, 5.5f, 1000});
      assertThat(large.logits()).containsExactly(expected.get(1), within(1e-3f));
      assertThat(large.name()).isEqualTo("yes");
    }
  }

  @Test
  void texts_areAnsweredAsInPython() throws IOException {
    try (Student student = Student.load(FILES.resolve("texts.onnx"))) {
      for (String line : Files.readAllLines(FILES.resolve("texts.txt"))) {
        String[] columns = line.split("\t");
        if (columns[0].isEmpty()) {
          refused(() -> student.predict(""), Kind.CONFIGURATION, "The text is empty. Give one.");
          continue;
        }
        float[] logits = student.predict(columns[0]).logits();
        assertThat(student.predict(columns[0].getBytes(StandardCharsets.UTF_8)).logits())
            .containsExactly(logits);
        String[] expected = columns[1].split(" ");
        for (int i = 0; i < logits.length; i++) {
          assertThat(logits[i]).isCloseTo(Float.parseFloat(expected[i]), within(1e-5f));
        }
      }
      refused(
          () -> student.predict(new byte[] {'a', (byte) 0xe9}),
          Kind.CONFIGURATION,
          "The text is not UTF-8. Give it as UTF-8.");
      refused(
          () -> student.predict(IMAGE),
          Kind.CONFIGURATION,
          "The network takes texts, and got something else. Give it a text.");
    }
  }

  @Test
  void manyThreads_getTheAnswersOfOne() {
    try (Student student = Student.load(file("colours"))) {
      float[] alone = student.predict(IMAGE).logits();
      assertThat(
              IntStream.range(0, 200)
                  .parallel()
                  .mapToObj(i -> student.predict(IMAGE).logits())
                  .allMatch(logits -> Arrays.equals(logits, alone)))
          .isTrue();
    }
  }

  @Test
  void closedStudent_refusesAndClosesTwice() {
    Student student = Student.load(file("rows"));
    student.close();
    student.close();
    assertThatThrownBy(() -> student.predict(new float[3]))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void inputsThatDoNotFit_areRefusedByWhatToDo() {
    try (Student images = Student.load(file("colours"));
        Student rows = Student.load(file("rows"))) {
      refused(
          () -> images.predict(new float[59]),
          Kind.CONFIGURATION,
          "The sample has 59 numbers, but the network takes 60, of shape [3, 4, 5]. Give one number"
              + " for each.");
      refused(
          () -> images.predict(new byte[10]),
          Kind.CONFIGURATION,
          "The image is empty, damaged, or not a PNG, JPEG, BMP, GIF or WebP image. Replace or remove it.");
      refused(
          () -> rows.predict(IMAGE),
          Kind.CONFIGURATION,
          IMAGE + " is an image, but the network takes 3 numbers. Give it a row of numbers.");
      refused(
          () -> images.predict(new java.awt.image.BufferedImage(4, 5, 1)),
          Kind.CONFIGURATION,
          "The image is 4 x 5 pixels large, but the network takes images of 5 x 4. Bring it to that"
              + " size.");
    }
  }

  @Test
  void folder_standsForTheOneFileInIt() throws IOException {
    refused(
        () -> Student.load(folder),
        Kind.MODEL,
        folder
            + " holds no .onnx file, where one is expected. Export the student: ranbiki export RUN"
            + " --to onnx.");
    Files.copy(file("rows"), folder.resolve("b.onnx"));
    Files.writeString(folder.resolve("README.md"), "");
    try (Student student = Student.load(folder)) {
      assertThat(student.names()).containsExactly("no", "yes");
    }
    Files.copy(file("grey"), folder.resolve("a.onnx"));
    refused(
        () -> Student.load(folder),
        Kind.MODEL,
        folder + " holds 2 .onnx files (a.onnx, b.onnx), where one is expected. Name one of them.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "no-preparation | does not say what its inputs go through (ranbiki.preparation is not in its"
            + " metadata). Take a file that was written by: ranbiki export RUN --to onnx.",
        "no-classes | does not name its classes (ranbiki.classes is not in its metadata). Add"
            + " class-names to config.json of the model folder, and export it again.",
        "softmax | is not a student as Ranbiki exports it: its answers to 8 random samples are"
            + " probabilities, where logits are expected (it ends in a softmax). Export it again.",
        "other-output | is not a student as Ranbiki exports it: it has no 'logits', but [scores]."
            + " Export it again.",
        "twice | is not a student as Ranbiki exports it: two of its answers have one name. Export it"
            + " again.",
        "other-shape | is not a student as Ranbiki exports it: its 'input' is FLOAT [batch, 3], where"
            + " FLOAT [batch, 4] is expected. Export it again.",
        "other-classes | is not a student as Ranbiki exports it: its 'logits' is FLOAT [batch, 2],"
            + " where FLOAT [batch, 3] is expected. Export it again.",
        "fixed-batch | is not a student as Ranbiki exports it: its 'input' is FLOAT [4, 3], where"
            + " FLOAT [batch, 3] is expected. Export it again."
      })
  void fileThatIsNoStudent_isRefusedByWhatToDo(String name, String message) {
    refused(() -> Student.load(file(name)), Kind.MODEL, file(name) + " " + message);
  }

  @Test
  void preparationOfALaterVersion_isRefused() {
    refused(
        () -> Student.load(file("newer")),
        Kind.MODEL,
        "The preparation in "
            + file("newer")
            + " asks for schema 2, which this version of Ranbiki does not know. Use a newer"
            + " version.");
  }

  @Test
  void missingOrDamagedFile_isRefused() throws IOException {
    Path missing = folder.resolve("none.onnx");
    refused(
        () -> Student.load(missing),
        Kind.MODEL,
        "There is no file " + missing + ". Give the path of an ONNX file.");
    byte[] whole = Files.readAllBytes(file("colours"));
    Path cut = Files.write(folder.resolve("cut.onnx"), Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> Student.load(cut))
        .isInstanceOf(RanbikiException.class)
        .hasMessageStartingWith(cut + " cannot be run: ")
        .hasMessageEndingWith(". Copy it again from where it came.")
        .hasMessageNotContaining("\n");
  }

  @Test
  void theModule_hasNeitherTheLibraryNorLibtorch() {
    for (String absent :
        List.of(
            "io.ranbiki.model.Model",
            "org.bytedeco.pytorch.global.torch",
            "com.fasterxml.jackson.databind.ObjectMapper")) {
      assertThatThrownBy(() -> Class.forName(absent)).isInstanceOf(ClassNotFoundException.class);
    }
  }
}
