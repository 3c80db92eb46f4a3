package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.InMemory;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Task;
import io.ranbiki.data.Views;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.tensor.TensorScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GivenAnswersTest {

  private static final Task PETS = new Task.Classes(List.of("cat", "dog"));

  /** Samples with the keys 0, 1 and 2. */
  private static final Dataset THREE =
      InMemory.rows(new float[] {1, 2, 3}, 1, new int[] {0, 1, 0}, List.of("cat", "dog"));

  @TempDir Path folder;

  private Path file(String name, String text) {
    try {
      return Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private GivenAnswers read(String text, GivenKind kind, Task task) {
    return GivenAnswers.read(file("a.csv", text), "key", kind, task);
  }

  /** The answers to {@link #THREE}, sample by sample. */
  private static float[] logits(GivenAnswers answers) {
    Loader loader =
        new Loader(THREE, Loader.Options.inOrder(3), Normalization.none(), Views.none());
    try (TensorScope scope = TensorScope.open("test");
        Teacher teacher = answers.teacher(THREE)) {
      return teacher.signal(Batch.of(loader.epoch(0).next())).logits().toFloats();
    }
  }

  @Test
  void columnsAndRows_areFoundByName() {
    GivenAnswers answers = read("dog,key,cat\n0.5,2,1.5\n-1,0,1\n7,1,8\n", GivenKind.LOGITS, PETS);
    assertThat(logits(answers)).containsExactly(1, -1, 8, 7, 1.5f, 0.5f);
  }

  @Test
  void objectsOfJson_areReadAlike() {
    Path file =
        file(
            "a.jsonl",
            """
            {"dog": -1, "key": 0, "cat": 1}
            {"key": "1", "cat": 8.0, "dog": 7}

            {"key": 2, "cat": 1.5, "dog": -Infinity}
            """);
    GivenAnswers answers = GivenAnswers.read(file, "key", GivenKind.LOGITS, PETS);
    assertThat(logits(answers)).containsExactly(1, -1, 8, 7, 1.5f, Float.NEGATIVE_INFINITY);
  }

  @Test
  void probabilities_becomeTheirLogarithms() {
    GivenAnswers answers =
        read("key,cat,dog\n0,0.25,0.75\n1,1,0\n2,0.333,0.666\n", GivenKind.PROBABILITIES, PETS);
    float[] logits = logits(answers);
    assertThat(logits[0]).isEqualTo((float) Math.log(0.25f));
    assertThat(logits[1]).isEqualTo((float) Math.log(0.75f));
    assertThat(logits[2]).isZero();
    assertThat(logits[3]).isEqualTo((float) Math.log(1e-12));
  }

  @Test
  void probabilitiesOfLabels_becomeLogOdds() {
    Task labels = new Task.Labels(List.of("cat", "dog"));
    GivenAnswers answers =
        read("key,cat,dog\n0,0.5,0.75\n1,1,0\n2,0.2,0.9\n", GivenKind.PROBABILITIES, labels);
    float[] logits = logits(answers);
    assertThat(logits[0]).isZero();
    assertThat(logits[1]).isCloseTo((float) Math.log(3), within(1e-6f));
    assertThat(logits[2]).isCloseTo((float) -Math.log(1e-12), within(1e-4f));
    assertThat(logits[3]).isEqualTo(-logits[2]);
  }

  @Test
  void namesOfClasses_becomeCertain() {
    GivenAnswers answers =
        read("by,label,key\nann,dog,0\nbob,cat,1\nann,dog,2\n", GivenKind.LABELS, PETS);
    float none = (float) Math.log(1e-12);
    assertThat(logits(answers)).containsExactly(none, 0, 0, none, none, 0);
  }

  @Test
  void numbersOfRegression_stayAsTheyAre() {
    Task prices = new Task.Numbers(List.of("price", "tax"));
    GivenAnswers answers =
        read("key,tax,price\n0,1,-20.5\n1,2,1e9\n2,3,0\n", GivenKind.NUMBERS, prices);
    assertThat(logits(answers)).containsExactly(-20.5f, 1, 1e9f, 2, 0, 3);
  }

  @Test
  void samplesWithoutAnswer_areCountedAndNamed() {
    GivenAnswers answers = read("key,cat,dog\n1,1,2\n9,1,2\n", GivenKind.LOGITS, PETS);
    assertThat(answers.missing(THREE)).containsExactly("0", "2");
    assertThat(answers.keys()).containsExactly("1", "9");
    assertThatThrownBy(() -> logits(answers))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            folder.resolve("a.csv")
                + " has no answer to sample 0. Add it, or write all keys that need one with: ranbiki"
                + " label CONFIG --unanswered FILE");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.csv", "a.jsonl"})
  void whatIsWritten_isReadToTheBit(String name) {
    float[] hard = {
      0.1f, -27.631021f, Float.MIN_VALUE, -Float.MAX_VALUE, 1f / 3, Float.NEGATIVE_INFINITY
    };
    Path file = folder.resolve(name);
    AnswersFile.write(
        file,
        List.of("key", "dog", "cat"),
        sink -> {
          sink.row(List.of("0", hard[0], hard[1]));
          sink.row(List.of("1", hard[2], hard[3]));
          sink.row(List.of("2", hard[4], hard[5]));
        });
    assertThat(logits(GivenAnswers.read(file, "key", GivenKind.LOGITS, PETS)))
        .containsExactly(hard[1], hard[0], hard[3], hard[2], hard[5], hard[4]);
  }

  private void refused(String text, GivenKind kind, String message) {
    assertThatThrownBy(() -> read(text, kind, PETS))
        .isInstanceOfSatisfying(
            RanbikiException.class,
            e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION))
        .hasMessage(message.replace("FILE", folder.resolve("a.csv").toString()));
  }

  @Test
  void columns_areThoseOfTheTask() {
    refused(
        "row,cat,dog\n1,1,2\n",
        GivenKind.LOGITS,
        "FILE has no column 'key', by which a row finds its sample; it has 'row', 'cat', 'dog'. Name"
            + " the column (teacher.key).");
    refused(
        "key,cat,cow\n1,1,2\n",
        GivenKind.LOGITS,
        "FILE has no column 'dog', and has columns that the task of the data does not name: 'cow'."
            + " Give one column for each of 'cat', 'dog', and the key's.");
    refused(
        "key,cat,dog,cow\n1,1,2,0\n",
        GivenKind.LOGITS,
        "FILE has columns that the task of the data does not name: 'cow'. Give one column for each"
            + " of 'cat', 'dog', and the key's.");
    refused(
        "key,class\n1,cat\n",
        GivenKind.LABELS,
        "FILE has no column 'label'. Name the column of the class 'label'.");
    refused(
        "key,cat,cat\n1,1,2\n",
        GivenKind.LOGITS,
        "FILE names the column 'cat' twice. Name every column once.");
  }

  @Test
  void rows_areAnswers() {
    refused(
        "key,cat,dog\n1,1,2\n2,1,nan\n",
        GivenKind.LOGITS,
        "Row 2 of FILE has 'nan' for 'dog', but must have a finite number. Repair or remove the"
            + " row.");
    refused(
        "key,cat,dog\n1,\"0,5\",\"0,5\"\n",
        GivenKind.PROBABILITIES,
        "Row 1 of FILE has '0,5' for 'cat', but must have a number from 0 to 1. Write decimal"
            + " numbers with a point.");
    refused(
        "key,cat,dog\n1,0.5,0.5\n2,0.6,0.2\n",
        GivenKind.PROBABILITIES,
        "Row 2 of FILE has probabilities that sum to 0.800, but they must sum to 1 within 0.01. Repair"
            + " the row, or say what the numbers are (teacher.kind).");
    refused(
        "key,cat,dog\n1,1.5,-0.5\n",
        GivenKind.PROBABILITIES,
        "Row 1 of FILE has '1.5' for 'cat', but must have a number from 0 to 1. Repair or remove the"
            + " row.");
    refused(
        "key,cat,dog\n1,-inf,-inf\n",
        GivenKind.LOGITS,
        "Row 1 of FILE has -Infinity for every class, so that none is left. Repair or remove the"
            + " row.");
    refused(
        "key,label\n1,cat\n2,cow\n",
        GivenKind.LABELS,
        "Row 2 of FILE has the label 'cow', which is none of the classes 'cat', 'dog'. Repair or"
            + " remove the row.");
    refused(
        "key,cat,dog\n1,1,2\n1,1,2\n",
        GivenKind.LOGITS,
        "Row 2 of FILE has the key '1', which row 1 has, too. Keep one answer for each key.");
    refused(
        "key,cat,dog\n,1,2\n",
        GivenKind.LOGITS,
        "Row 1 of FILE has no key in the column 'key'. Keep one answer for each key.");
    refused(
        "key,cat,dog\n1,1\n",
        GivenKind.LOGITS,
        "Line 2 of FILE has 2 values, but the first line names 3 columns. Repair the line.");
    refused(
        "key,cat,dog\n", GivenKind.LOGITS, "FILE has no answers. Check that it is the right file.");
  }

  @Test
  void kindOfAnotherTask_isRefused() {
    refused(
        "key,cat,dog\n1,1,2\n",
        GivenKind.NUMBERS,
        "The answers in FILE are said to be numbers, which mean nothing for the task of the data,"
            + " classes. Say teacher.kind: logits or probabilities or labels.");
  }

  @Test
  void rowOfJson_isAnObject() {
    Path file = file("a.jsonl", "{\"key\": 1, \"cat\": 1, \"dog\": 2}\n[1, 2]\n");
    assertThatThrownBy(() -> GivenAnswers.read(file, "key", GivenKind.LOGITS, PETS))
        .hasMessage(
            "Row 2 of "
                + file
                + " is no JSON object. Write one object a line, such as {\"key\": \"a.png\","
                + " \"cat\": 0.9, \"dog\": 0.1}.");
  }

  @Test
  void missingFile_isSaid() {
    Path file = folder.resolve("none.csv");
    assertThatThrownBy(() -> GivenAnswers.read(file, "key", GivenKind.LOGITS, PETS))
        .hasMessage(
            "There is no file of answers "
                + file
                + ". Correct the path, or write the keys that need an answer with: ranbiki label"
                + " CONFIG --unanswered FILE");
  }
}
