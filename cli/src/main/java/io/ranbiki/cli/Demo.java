package io.ranbiki.cli;

import io.ranbiki.config.ConfigDocument;
import io.ranbiki.result.ModelFigures;
import io.ranbiki.result.Result;
import io.ranbiki.run.ResultJson;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunConfigReader;
import io.ranbiki.run.RunFolder;
import io.ranbiki.serve.Prediction;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine;

/**
 * The runs of a demonstration, in folders of their own under one folder. Each method prints its
 * setting, carries out its runs and gives the exit code: that of the first run that was
 * interrupted.
 */
final class Demo {

  private static final String BASIC =
      """
      Setting: 10,000 drawn digits. The teacher learns from 9,000 labels; the other
      1,000 tell which of its epochs was the best. The students see 1,000 labels: one
      learns from those alone, one also from the class that the teacher finds
      likeliest for each of 9,100 images, one from its soft targets for them; on the
      other 900, agreement with the teacher tells which epoch was the best. All start
      from the same weights and take the same number of steps.
      """;

  private static final String FEATURES =
      """
      Setting: 3,000 drawn digits. The teacher learns from 2,700 labels; the other 300
      tell which of its epochs was the best. The students see 300 labels: one learns
      from those alone, one also from the class that the teacher finds likeliest for
      each of 2,730 images, one from its soft targets for them and from the outputs of
      its layers features.2 and features.6, which its own layers features.1 and
      features.3 imitate; on the other 270, agreement with the teacher tells which
      epoch was the best. All start from the same weights and take the same number of
      steps.
      """;

  private static final String TEXT =
      """
      Setting: 10,003 questions of a bank's customers about 77 things (Banking77, (c)
      PolyAI, CC BY 4.0), of which 385 have a label, 5 of each. The teacher is a
      sentence encoder that never saw a bank, all-MiniLM-L6-v2 in 8 bits, with a
      linear layer that learns from those 385. The students take the mean of a vector
      for every word piece: one learns from the 385 labels alone, one also from what
      the teacher finds likeliest for each of 8,656 other questions, one from its soft
      targets for them; on the other 962, agreement with the teacher tells which epoch
      was the best. All start from the same weights and take the same number of steps.
      """;

  /** Asked of the student at the end; none of them is in the data. */
  private static final List<String> QUESTIONS =
      List.of(
          "I ordered a card ten days ago and it still has not come",
          "The shop took my money two times",
          "May I change my PIN?");

  private static final String ADVANCED =
      """
      Setting: 4,000 drawn digits. Three teachers, which differ by their seed, learn
      from 3,600 labels each; the other 400 tell which of its epochs was the best. The
      students see 400 labels. One learns from those alone, one also from its own past
      answers to those 400 images, the others from teachers' answers to all 4,000. All
      students start from the same weights and take the same number of steps; the
      assistants of the chain take as many again, each.
      """;

  /**
   * A student of the advanced demonstration.
   *
   * @param title what teaches it
   * @param folder of its run
   * @param overrides of the common configuration
   */
  private record Way(String title, String folder, List<String> overrides) {}

  private static final List<Way> WAYS =
      List.of(
          new Way(
              "its own past (self-distillation)",
              "self",
              List.of(
                  // For the other images its past has no answer worth learning from, and so the 400
                  // come ten times as often.
                  "data.drop-unlabelled=true",
                  "train.epochs=60",
                  "strategy={self: {every: 20}}",
                  "objective.hard-labels.weight=0.5",
                  "objective.soft-targets.weight=0.5",
                  "compare.scratch=true")),
          new Way("one teacher", "one-teacher", List.of("teacher.model=${DEMO_TEACHER_1}")),
          new Way(
              "three teachers (ensemble)",
              "ensemble",
              List.of(
                  "teacher.model=[\"${DEMO_TEACHER_1}\", \"${DEMO_TEACHER_2}\","
                      + " \"${DEMO_TEACHER_3}\"]")),
          new Way(
              "assistants 128, 64 (progressive)",
              "progressive",
              List.of(
                  "teacher.model=${DEMO_TEACHER_1}",
                  "strategy={progressive: {assistants: ["
                      + "{architecture: intermediate-cnn, hidden: 128},"
                      + " {architecture: intermediate-cnn, hidden: 64}]}}")));

  private final Path folder;
  private final long seed;
  private final CommandLine command;
  private final boolean json;
  private final List<String> everywhere;
  private final Map<String, String> environment = new HashMap<>(System.getenv());

  /**
   * Prepares the runs.
   *
   * @param json whether the result is written for programs, and nothing else
   * @param everywhere overrides for every configuration of the demonstration
   */
  Demo(Path folder, long seed, CommandLine command, boolean json, List<String> everywhere) {
    this.folder = folder;
    this.seed = seed;
    this.command = command;
    this.json = json;
    this.everywhere = List.copyOf(everywhere);
  }

  int basic(PrintWriter out) {
    return pair(BASIC, "demo-teacher.yaml", "demo-basic.yaml", out);
  }

  int features(PrintWriter out) {
    return pair(FEATURES, "demo-features-teacher.yaml", "demo-features.yaml", out);
  }

  /** A small student of a sentence encoder that got a head from few labels. */
  int text(DemoTexts texts, PrintWriter out) {
    say(TEXT, out);
    environment.put("DEMO_QUESTIONS", texts.questions().toString());
    environment.put("DEMO_ENCODER", texts.encoder().toString());
    environment.put("DEMO_TOKENIZER", texts.tokenizer().toString());
    RunFolder teacher = RunFolder.create(folder.resolve("teacher"));
    RunFolder student = RunFolder.create(folder.resolve("student"));
    int code = train("demo-text-teacher.yaml", teacher, "DEMO_TEACHER", "seed=" + seed);
    if (code != 0) {
      return code;
    }
    RunConfig config = distillation("demo-text.yaml", List.of("seed=" + seed));
    if (json) {
      return Runner.run(config, student, command, Runner.Shows.JSON);
    }
    code = Runner.run(config, student, command, Runner.Shows.NOTHING);
    if (code == 0) {
      ResultTable.print(ResultJson.read(student.result()), out);
      answers(student, out);
      out.println("Everything about these runs is in " + folder);
      out.println("Their report, for any browser: " + student.report());
      Next.say(out, "predict", student.path(), "--text", Next.quoted("Somebody stole my phone"));
      Next.say(out, "export", student.path(), "--to onnx");
    }
    return code;
  }

  private static void answers(RunFolder run, PrintWriter out) {
    out.println();
    out.println("The distilled student, asked what is not in the data:");
    try (Predictor student = Predictor.open(run.path())) {
      for (String question : QUESTIONS) {
        Prediction answer = student.text().apply(question);
        out.printf(Locale.ROOT, "  %s%n    -> %s%n", question, answer.top(1).get(0));
      }
    }
    out.println();
  }

  /** One teacher and one student beside those that it is compared with. */
  private int pair(String setting, String teacherFile, String studentFile, PrintWriter out) {
    say(setting, out);
    RunFolder teacher = RunFolder.create(folder.resolve("teacher"));
    RunFolder student = RunFolder.create(folder.resolve("student"));
    int code = train(teacherFile, teacher, "DEMO_TEACHER", "seed=" + seed);
    return code != 0
        ? code
        : Runner.run(
            distillation(studentFile, List.of("seed=" + seed)),
            student,
            command,
            Runner.Shows.json(json));
  }

  private void say(String setting, PrintWriter out) {
    if (!json) {
      out.print(setting);
      out.flush();
    }
  }

  int advanced(PrintWriter out) {
    say(ADVANCED, out);
    for (int teacher = 1; teacher <= 3; teacher++) {
      int code =
          train(
              "demo-teacher.yaml",
              RunFolder.create(folder.resolve("teacher-" + teacher)),
              "DEMO_TEACHER_" + teacher,
              "seed=" + (seed + teacher - 1),
              "name=demo-teacher-" + teacher,
              "data.size=4000",
              "train.epochs=2");
      if (code != 0) {
        return code;
      }
    }
    Map<Way, Result> results = new LinkedHashMap<>();
    List<Path> runs = new ArrayList<>();
    for (Way way : WAYS) {
      RunFolder run = RunFolder.create(folder.resolve(way.folder()));
      List<String> overrides = new ArrayList<>(way.overrides());
      overrides.add("seed=" + seed);
      overrides.add("name=demo-" + way.folder());
      int code =
          Runner.run(
              distillation("demo-advanced.yaml", overrides), run, command, Runner.Shows.NOTHING);
      if (code != 0) {
        return code;
      }
      results.put(way, ResultJson.read(run.result()));
      runs.add(run.path());
    }
    if (json) {
      Map<String, Object> found = new LinkedHashMap<>();
      results.forEach((way, result) -> found.put(way.folder(), result));
      out.print(ResultJson.text(Map.of("folder", folder.toString(), "results", found)));
      out.flush();
      return 0;
    }
    table(results, out);
    out.println("Everything about these runs is in " + folder);
    out.println("Their report, for any browser: " + ReportCommand.write(runs));
    Next.say(out, "export", runs.get(runs.size() - 1), "--to onnx");
    out.flush();
    return 0;
  }

  private static void table(Map<Way, Result> results, PrintWriter out) {
    Result compared = Objects.requireNonNull(results.get(WAYS.get(0)));
    double labelsAlone = accuracy(compared, Result.SCRATCH);
    Table table =
        new Table("student taught by", "accuracy", "the teacher's", "against labels alone");
    table.add("labels alone", percent(labelsAlone), Shown.UNKNOWN, Shown.UNKNOWN);
    results.forEach(
        (way, result) -> {
          double student = accuracy(result, Result.STUDENT);
          table.add(
              way.title(),
              percent(student),
              result.models().containsKey(Result.TEACHER)
                  ? percent(accuracy(result, Result.TEACHER))
                  : Shown.UNKNOWN,
              Shown.points(student - labelsAlone) + " points");
        });
    out.println();
    table.print(Table.Format.TEXT, out);
    ModelFigures student = Objects.requireNonNull(compared.models().get(Result.STUDENT));
    out.printf(
        Locale.ROOT,
        "%nEvery student has %s parameters. This is one seed; several seeds tell a gain from"
            + " chance.%n",
        Shown.count(student.parameters()));
  }

  private static String percent(double share) {
    return Shown.percent(share, 2);
  }

  private static double accuracy(Result result, String role) {
    return Objects.requireNonNull(Objects.requireNonNull(result.models().get(role)).accuracy());
  }

  /** Trains a teacher, which configurations then find under a name. */
  private int train(String file, RunFolder teacher, String name, String... overrides) {
    int code =
        Runner.run(
            RunConfigReader.training(document(file, List.of(overrides))),
            teacher,
            command,
            Runner.Shows.NOTHING);
    environment.put(name, teacher.model().toAbsolutePath().toString());
    return code;
  }

  private RunConfig distillation(String file, List<String> overrides) {
    return RunConfigReader.distillation(document(file, overrides));
  }

  private ConfigDocument document(String file, List<String> overrides) {
    try (InputStream in = Demo.class.getResourceAsStream(file)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      List<String> all = new ArrayList<>(overrides);
      all.addAll(everywhere);
      return ConfigDocument.parse(file, text, all, environment);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
