package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Task;
import io.ranbiki.store.Encoding;
import io.ranbiki.teacher.AnswersFile;
import io.ranbiki.teacher.GivenAnswers;
import io.ranbiki.teacher.GivenKind;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.teacher.TeacherSource;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Answers in files that others can read and write: what a teacher answered, and the keys of samples
 * that still need an answer. Training and test have a file each, since a key may be in both.
 */
public final class AnswersExport {

  /** The column of the keys. */
  private static final String KEY = "key";

  private AnswersExport() {}

  /**
   * What was written.
   *
   * @param file of the samples that are trained on
   * @param rows of it
   * @param testFile of the samples of the test
   * @param testRows of it; 0 if it was not written
   * @param kind what the answers are
   */
  public record Written(Path file, int rows, Path testFile, int testRows, GivenKind kind) {}

  /** {@code answers-test.csv} for {@code answers.csv}. */
  static Path ofTest(Path file) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    int end = dot < 0 ? name.length() : dot;
    return file.resolveSibling(name.substring(0, end) + "-test" + name.substring(end));
  }

  /**
   * Refuses what could not be written, before anybody is asked.
   *
   * @throws RanbikiException of kind configuration, or IO if there is no such folder
   */
  static void requirePossible(RunConfig config, RunData data, Path file) {
    requireFolder(file);
    if (!config.data().augmentations().list().isEmpty()) {
      throw RanbikiException.configuration(
          "The answers of this configuration are to views (data.augment), and a file holds one answer"
              + " to a sample as it is. Say data.augment=[] to export these.");
    }
    Encoding encoding = config.teacher().map(TeacherConfig::encoding).orElse(Encoding.FLOAT32);
    if (!encoding.equals(Encoding.FLOAT32) && !encoding.equals(Encoding.FLOAT16)) {
      throw RanbikiException.configuration(
          "A file holds an answer for every class, but teacher.encoding '%s' keeps some alone. Say"
              + " float32.",
          encoding);
    }
    if (data.task().names().isEmpty() || data.task() instanceof Task.ClassesAt) {
      throw RanbikiException.configuration(
          "A file holds one column for each name that the task of the data gives, but %s has none."
              + " Only answers of classes, labels and numbers can be exported.",
          data.task().word());
    }
  }

  private static void requireFolder(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw RanbikiException.io(
          "Cannot write %s: its folder is not there. Make it, or name another file.", file);
    }
  }

  /** Writes what the teacher answered; all is stored already. */
  static Written answers(RunConfig config, RunData data, AskedTeacher teacher, Path file) {
    List<Asked> training = new ArrayList<>();
    Dataset samples = data.trainedOn(config.seeds());
    Optional<Dataset> heldOut = data.agreedOn(config.seeds());
    GivenKind kind = data.task() instanceof Task.Numbers ? GivenKind.NUMBERS : GivenKind.LOGITS;
    try (Teacher stored = teacher.stored(config.objective());
        Teacher held = heldOut.isPresent() ? teacher.answersToHeldOut() : stored) {
      training.add(new Asked(stored, data.evaluationLoader(samples)));
      heldOut.ifPresent(some -> training.add(new Asked(held, data.evaluationLoader(some))));
      int rows = write(file, data.task(), training);
      int testRows = 0;
      if (teacher.answersTest()) {
        try (Teacher ofTest = teacher.answersToTest()) {
          Asked test = new Asked(ofTest, data.evaluationLoader(data.test()));
          testRows = write(ofTest(file), data.task(), List.of(test));
        }
      }
      return new Written(file, rows, ofTest(file), testRows, kind);
    }
  }

  /** Somebody and the samples that they are asked about. */
  private record Asked(Teacher teacher, Loader samples) {}

  private static int write(Path file, Task task, List<Asked> asked) {
    List<String> columns = Stream.concat(Stream.of(KEY), task.names().stream()).toList();
    if (new HashSet<>(columns).size() < columns.size()) {
      throw RanbikiException.configuration(
          "The column of the keys is called '%s', and so is a class of the data. Rename the class.",
          KEY);
    }
    Set<Long> written = new HashSet<>(); // a seed may hold out what another trains on
    AnswersFile.write(
        file,
        columns,
        sink -> {
          written.clear();
          for (Asked each : asked) {
            write(each, written, sink);
          }
        });
    return written.size();
  }

  private static void write(Asked asked, Set<Long> written, AnswersFile.Sink sink)
      throws IOException {
    Dataset samples = asked.samples().dataset();
    int index = 0;
    try (Epoch batches = asked.samples().epoch(0)) {
      while (batches.hasNext()) {
        try (TensorScope scope = TensorScope.open("export answers")) {
          Batch batch = Batch.of(batches.next());
          float[] logits = asked.teacher().signal(batch).logits().to(DType.FLOAT32).toFloats();
          int width = logits.length / batch.size();
          for (int i = 0; i < batch.size(); i++, index++) {
            if (written.add(samples.id(index))) {
              List<Object> row = new ArrayList<>(List.of(samples.key(index)));
              for (int c = 0; c < width; c++) {
                row.add(logits[i * width + c]);
              }
              sink.row(row);
            }
          }
        }
      }
    }
  }

  /**
   * Writes the keys of samples that have no answer in the files of a configuration, which need not
   * be there yet.
   *
   * @throws RanbikiException if the teacher is no file of answers
   */
  public static Written unanswered(RunConfig config, Path file) {
    TeacherSource.Given source =
        Labelling.requireTeacher(config)
            .given()
            .orElseThrow(
                () ->
                    RanbikiException.configuration(
                        "The teacher of this configuration is asked by Ranbiki itself, so no answer"
                            + " is missing from a file. --unanswered is for answers of a file"
                            + " (teacher.from)."));
    requireFolder(file);
    try (RunData data = RunData.open(config)) {
      Dataset trained = data.trainedOn(config.seeds());
      Path from = source.file();
      List<String> missing = new ArrayList<>(missing(source, from, data, trained));
      data.agreedOn(config.seeds())
          .ifPresent(held -> missing.addAll(missing(source, from, data, held)));
      List<String> ofTest = missing(source, source.test().orElse(from), data, data.test());
      List<String> training = missing.stream().distinct().toList();
      writeKeys(file, source.key(), training);
      if (!ofTest.isEmpty()) {
        writeKeys(ofTest(file), source.key(), ofTest);
      }
      return new Written(file, training.size(), ofTest(file), ofTest.size(), source.kind());
    }
  }

  private static List<String> missing(
      TeacherSource.Given source, Path file, RunData data, Dataset samples) {
    return Files.exists(file)
        ? GivenAnswers.read(file, source.key(), source.kind(), data.task()).missing(samples)
        : IntStream.range(0, samples.size()).mapToObj(samples::key).toList();
  }

  private static void writeKeys(Path file, String column, List<String> keys) {
    AnswersFile.write(
        file,
        List.of(column),
        sink -> {
          for (String key : keys) {
            sink.row(List.of(key));
          }
        });
  }
}
