package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Loader;
import io.ranbiki.evaluate.Evaluation;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.evaluate.PredictionsFile;
import io.ranbiki.model.Model;
import io.ranbiki.result.Result;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.train.Interrupted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Teachers that answer what they were not trained on. */
class CrossFitTest {

  private static final int FOLDS = 4;
  private static final String TEACHER =
      """
      teacher:
        cross-fit: 4
        model: {architecture: mlp, hidden: 8, layers: 1}
        train: {epochs: 5, optimizer: {adam: {learning-rate: 0.02}}}
      """;
  private static final String SENTENCE =
      "The answers are cross-fitted: each labelled training sample is answered by the one of 4"
          + " teachers that was not trained on it, all other samples by the mean of the 4.";

  @TempDir static Path shared;
  @TempDir Path folder;
  private static Path rows = Path.of("");
  private final List<String> notes = new ArrayList<>();

  @BeforeAll
  static void writeRows() throws IOException {
    rows = TinyRuns.rows(shared.resolve("rows"));
  }

  private static RunConfig config(String... overrides) {
    List<String> all = new ArrayList<>(List.of("data.augment=[]", "data.labelled=60"));
    all.addAll(List.of(overrides));
    return TinyRuns.distillation(rows, TEACHER, all.toArray(String[]::new));
  }

  private RunFolder folder(String name) {
    Path path = folder.resolve(name).resolve("run");
    return Files.exists(path) ? RunFolder.open(path) : RunFolder.create(path);
  }

  private Result run(String name, RunConfig config, BooleanSupplier stop) {
    RunListener heard =
        new RunListener() {
          @Override
          public void note(String note) {
            notes.add(note);
          }
        };
    return new Experiment(config, folder(name), List.of(), heard, stop).run();
  }

  private static double[] logits(Predictions of, int sample) {
    double[] logits = new double[of.classes()];
    of.answers().read(sample, logits);
    return logits;
  }

  private static double[] mean(List<Predictions> teachers, int sample) {
    double[] mean = new double[3];
    for (Predictions each : teachers) {
      for (int c = 0; c < 3; c++) {
        mean[c] += logits(each, sample)[c] / teachers.size();
      }
    }
    return mean;
  }

  /** What each teacher answers to some samples, asked by hand. */
  private List<Predictions> byHand(RunFolder run, Loader samples) {
    List<Predictions> answers = new ArrayList<>();
    for (int teacher = 1; teacher <= FOLDS; teacher++) {
      try (Model model = TinyRuns.open(run.stage("cross-fit-" + teacher, 1))) {
        answers.add(Evaluation.of(model, samples));
      }
    }
    return answers;
  }

  @Test
  void noSample_isAnsweredByATeacherThatWasTrainedOnIt() {
    RunConfig config = config();
    run("answers", config, () -> false);
    RunFolder run = folder("answers");
    try (RunData data = RunData.open(config);
        AskedTeacher asked =
            CrossFit.of(config, data).orElseThrow().train(run, RunListener.NONE, () -> false);
        Teacher stored = asked.ask(config.objective(), data.split(1).train(), 1)) {
      Dataset samples = data.split(1).train();
      Loader loader = data.evaluationLoader(samples);
      Predictions used = Evaluation.of(stored, loader);
      List<Predictions> byHand = byHand(run, loader);
      int labelled = 0;
      for (int i = 0; i < samples.size(); i++) {
        List<Predictions> unseeing = new ArrayList<>();
        for (int teacher = 1; teacher <= FOLDS; teacher++) {
          Path kept = run.stage("cross-fit-" + teacher, 1);
          BitSet seen =
              ModelFolder.readLabelsSeen(kept).positions().get(data.source().fingerprint());
          assertThat(seen.cardinality()).isEqualTo(45);
          if (!seen.get((int) samples.id(i))) {
            unseeing.add(byHand.get(teacher - 1));
          }
        }
        boolean known = samples.isLabelled(i);
        labelled += known ? 1 : 0;
        assertThat(unseeing).hasSize(known ? 1 : FOLDS);
        assertThat(logits(used, i)).containsExactly(mean(unseeing, i), within(1e-5));
      }
      assertThat(labelled).isEqualTo(60);
    }
  }

  @Test
  void testSamples_areAnsweredByAll_andTheFirstLineSaysIt() {
    RunConfig config = config("seed=[1, 2]");
    Result result = run("test", config, () -> false);
    RunFolder run = folder("test");
    try (RunData data = RunData.open(config)) {
      List<Predictions> byHand = byHand(run, data.evaluationLoader(data.test()));
      Predictions used = PredictionsFile.read(run.predictions(Result.TEACHER, 1));
      for (int i = 0; i < used.size(); i++) {
        assertThat(logits(used, i)).containsExactly(mean(byHand, i), within(1e-5));
      }
    }
    assertThat(result.evidence().seenByTeacher().sentence()).contains(SENTENCE);
    assertThat(notes).containsOnlyOnce(SENTENCE);
    assertThat(ResultJson.read(run.result())).isEqualTo(result);
    assertThat(run.stage("cross-fit-1", 2)).as("trained once for all seeds").doesNotExist();
  }

  @Test
  void stoppedRun_endsWithTheSameBits() {
    RunConfig config = config("data.validation=0.2");
    run("straight", config, () -> false);
    int[] asked = {0};
    for (int stop = 5; ; stop += 29) {
      int at = stop;
      try {
        run("stopped", config, () -> ++asked[0] > at);
        break;
      } catch (Interrupted e) {
        asked[0] = 0;
      } catch (RanbikiException e) {
        assertThat(e.kind()).as(e.getMessage()).isEqualTo(RanbikiException.Kind.IO);
        asked[0] = 0;
      }
    }
    for (String file : List.of("model", "stages/cross-fit-1-1", "stages/cross-fit-4-1")) {
      assertThat(folder.resolve("stopped/run").resolve(file).resolve("model.safetensors"))
          .hasSameBinaryContentAs(
              folder.resolve("straight/run").resolve(file).resolve("model.safetensors"));
    }
  }

  private static void refused(String message, String... overrides) {
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(
            () -> {
              RunConfig config = config(overrides);
              try (RunData data = RunData.open(config)) {
                CrossFit.of(config, data);
              }
            })
        .withMessageContaining(message);
  }

  @Test
  void whatCannotBeCrossFitted_isRefused() {
    refused("'teacher.cross-fit' must be at least 2, but is 1", "teacher.cross-fit=1");
    refused(
        "'teacher.cross-fit' is 61, but only 60 training samples have a label; take fewer folds.",
        "teacher.cross-fit=61");
    refused(
        "'teacher.cross-fit' leaves a teacher without any sample of the classes 'ash', 'oak', which"
            + " have one labelled training sample alone; add samples, or give a teacher that was trained on"
            + " other data",
        "data.labelled=4",
        "teacher.cross-fit=2");
    refused("Unknown key 'weights' in 'teacher'", "teacher.weights=[1, 2]");
    refused("Unknown key 'answers' in 'teacher'", "teacher.answers=live");
    refused(
        "has a term that compares with a teacher, but it is the recipe of labels alone",
        "teacher.objective=[soft-targets]");
    refused(
        "'teacher' cross-fits its teachers, but the objective reads outputs of their layers"
            + " (layers.0), which mean something else in each; leave the terms that read layers"
            + " out",
        "objective=[{hint: {pairs: [{teacher: layers.0, student: layers.0}]}}]");
  }

  @Test
  void commandsThatAskATeacherBeforehand_sayWhoTrainsIt() {
    RunConfig config = config();
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> Labelling.of(config, folder("label"), RunListener.NONE, () -> false))
        .withMessage(
            "'teacher.cross-fit' names no teacher that is there: a distillation trains them and asks"
                + " them itself. Begin it with: ranbiki distill CONFIG");
  }
}
