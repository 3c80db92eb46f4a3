package io.ranbiki.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.config.ConfigDocument;
import io.ranbiki.data.CsvFormat;
import io.ranbiki.data.CsvRows;
import io.ranbiki.result.Result;
import io.ranbiki.run.Experiment;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunConfigReader;
import io.ranbiki.run.RunFolder;
import io.ranbiki.run.RunListener;
import io.ranbiki.teacher.GivenKind;
import io.ranbiki.teacher.TeacherSource;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The examples of photographs, sounds and tables run from end to end, on little that is drawn. */
class ShortFormsTest {

  private static final int ROWS = 96;
  private static final List<String> CELLS = List.of("", "a", "b", "c");

  @TempDir Path folder;
  private final Random random = new Random(1);

  private ConfigDocument document(String example, String... overrides) {
    List<String> all = new ArrayList<>(List.of(overrides));
    all.addAll(List.of("train.epochs=1", "train.threads=1", "latency=false"));
    return ConfigDocument.read(
        Path.of(example), all, Map.of("RANBIKI_DATA", folder.resolve("data").toString()));
  }

  private Result run(RunConfig config) {
    RunFolder run = RunFolder.create(folder.resolve("runs").resolve(config.name()));
    return new Experiment(config, run, List.of("test"), RunListener.NONE, () -> false).run();
  }

  private Result train(String example, String... overrides) {
    return run(RunConfigReader.training(document(example, overrides)));
  }

  /** Untaught teachers are no reason to stop here. */
  private Result distill(String example, String... overrides) {
    String[] all = Arrays.copyOf(overrides, overrides.length + 1);
    all[overrides.length] = "doctor=false";
    return run(RunConfigReader.distillation(document(example, all)));
  }

  @Test
  void photographs() throws IOException {
    for (String name : List.of("disc", "square")) {
      Path files = Files.createDirectories(folder.resolve("data/photos").resolve(name));
      for (int i = 0; i < 12; i++) {
        int width = 20 + random.nextInt(20);
        BufferedImage picture = new BufferedImage(width, 24, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = picture.createGraphics();
        pen.setColor(new Color(0xff0000 + random.nextInt(1 << 16)));
        if (name.equals("disc")) {
          pen.fillOval(4, 4, 14, 14);
        } else {
          pen.fillRect(4, 4, 14, 14);
        }
        pen.dispose();
        String format = i % 2 == 0 ? "png" : "jpg";
        ImageIO.write(picture, format, files.resolve(i + "." + format).toFile());
      }
    }
    train("photos/teacher.yaml", "model.width=4", "model.prepare.resize=24");
    Result result =
        distill(
            "photos/student.yaml",
            "teacher.model=" + folder.resolve("runs/photos-teacher/model"),
            "student.width=4",
            "student.prepare.resize=16");
    assertThat(result.models())
        .containsOnlyKeys(Result.TEACHER, Result.SCRATCH, Result.DECISIONS, Result.STUDENT);
  }

  @Test
  void sounds() throws IOException {
    Path recordings = Files.createDirectories(folder.resolve("data/fsdd/recordings"));
    AudioFormat format = new AudioFormat(8000, 16, 1, true, false);
    for (String speaker : List.of("nicolas", "theo", "jackson", "lucas")) {
      for (int i = 0; i < 8; i++) {
        byte[] bytes = new byte[1600 + 200 * i];
        for (int at = 0; at < bytes.length / 2; at++) {
          double tone = Math.sin((i % 2 == 0 ? 0.3 : 1.2) * at);
          bytes[2 * at + 1] = (byte) (40 * tone + random.nextInt(8));
        }
        AudioInputStream sound =
            new AudioInputStream(new ByteArrayInputStream(bytes), format, bytes.length / 2);
        Path file = recordings.resolve(i % 2 + "_" + speaker + "_" + i / 2 + ".wav");
        AudioSystem.write(sound, AudioFileFormat.Type.WAVE, file.toFile());
      }
    }
    train("sound/teacher.yaml");
    Result result =
        distill(
            "sound/student.yaml",
            "seed=1",
            "teacher.model=" + folder.resolve("runs/digits-teacher/model"));
    assertThat(result.models().get(Result.STUDENT).parameters())
        .isLessThan(result.models().get(Result.TEACHER).parameters() / 30);
  }

  /** The tables and answers that an example asks for, of random cells. */
  private void writeTables(RunConfig config, List<String> truths) throws IOException {
    CsvFormat format = (CsvFormat) config.data().format();
    TeacherSource.Given teacher = config.teacher().orElseThrow().given().orElseThrow();
    CsvRows.Options rows = format.rows();
    boolean numbers = teacher.kind() == GivenKind.NUMBERS;
    List<String> names =
        Stream.of(rows.labels(), rows.mixed().numbers(), rows.mixed().categories())
            .flatMap(List::stream)
            .toList();
    Files.createDirectories(format.trainFile().getParent());
    int key = 1;
    for (boolean test : new boolean[] {false, true}) {
      List<String> table = new ArrayList<>();
      List<String> answers = new ArrayList<>();
      table.add(
          Stream.of(rows.key().stream(), names.stream(), rows.mixed().ignored().stream())
              .flatMap(each -> each)
              .collect(Collectors.joining(",")));
      answers.add(teacher.key() + "," + String.join(",", numbers ? rows.labels() : truths));
      for (int i = 0; i < ROWS; i++, key++) {
        List<String> cells = new ArrayList<>(List.of(key + "", truths.get(i % truths.size())));
        rows.mixed().numbers().forEach(any -> cells.add(random.nextInt(90) + ""));
        rows.mixed().categories().forEach(any -> cells.add(CELLS.get(random.nextInt(4))));
        rows.mixed().ignored().forEach(any -> cells.add("x"));
        table.add(String.join(",", cells));
        String even = numbers ? "40" : Double.toString(1.0 / truths.size());
        answers.add(key + ("," + even).repeat(numbers ? 1 : truths.size()));
      }
      Files.write(test ? format.testFile() : format.trainFile(), table);
      Files.write(test ? teacher.test().orElseThrow() : teacher.file(), answers);
    }
  }

  @ParameterizedTest
  @CsvSource({"letter,A B C", "income,<=50K >50K", "hours,20 30 40 50"})
  void tables(String name, String truths) throws IOException {
    String example = "tables/" + name + ".yaml";
    writeTables(RunConfigReader.distillation(document(example)), List.of(truths.split(" ")));
    assertThat(distill(example).models()).containsKeys(Result.TEACHER, Result.STUDENT);
  }
}
