package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.artifact.LabelsSeen;
import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.teacher.Combine;
import io.ranbiki.teacher.EnsembleTeacher;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.teacher.Teacher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who starts from which weights, and is taught by whom, in a run: held against the same by hand.
 */
class ArmsTest {

  private static final long SEED = 3;
  private static final ModelSpec STUDENT =
      ModelSpec.of("mlp", List.of(4), 3, Map.of("hidden", 4, "layers", 1));

  @TempDir static Path shared;
  @TempDir Path folder;
  private static Path rows;
  private static Path teacher;

  @BeforeAll
  static void trainTeacher() throws IOException {
    rows = TinyRuns.rows(shared.resolve("rows"));
    teacher = TinyRuns.teacher(rows, shared.resolve("runs"));
  }

  private RunFolder runFolder() {
    return new RunFolder(folder.resolve("runs/tiny"));
  }

  private Arms arms(RunConfig config, RunData data) {
    Loader test = data.evaluationLoader(data.test());
    RunFolder created = RunFolder.create(runFolder().path());
    RunFolder.makeFolder(created.path());
    return new Arms(
        config,
        data,
        LabelsSeen.UNKNOWN,
        test,
        created,
        RunListener.NONE,
        () -> false,
        SEED,
        Judge.of(data.split(SEED), data, Judge.metric(config, data), null));
  }

  /** Answers of a store and of a live network may differ in the last bits. */
  private static void assertSameWeights(Model one, Model other) {
    Map<String, io.ranbiki.tensor.Tensor> others = other.module().state();
    one.module()
        .state()
        .forEach(
            (name, tensor) ->
                assertThat(tensor.toFloats())
                    .as(name)
                    .containsExactly(others.get(name).toFloats(), within(1e-4f)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "data.labelled=30", "data.validation=0.25"})
  void theStudentFromLabelsAlone_startsFromTheWeightsOfTheDistilledOne(String override) {
    String[] overrides = override.isEmpty() ? new String[0] : new String[] {override};
    RunConfig config =
        TinyRuns.distillation(rows, "teacher: {model: \"%s\"}\n".formatted(teacher), overrides);
    try (RunData data = RunData.open(config);
        Model begin = Networks.initial(config.student(), data, SEED);
        Model scratch = Model.create(STUDENT, SEED);
        Model student = Model.create(STUDENT, SEED);
        Model taught = Networks.initial(config.student(), data, SEED);
        AskedTeacher asked =
            AskedTeacher.open(
                config.teacher().orElseThrow(),
                data,
                runFolder().answers(),
                RunListener.NONE,
                () -> false);
        Model opened = TinyRuns.open(teacher);
        Teacher live = new ModelTeacher(opened, List.of())) {
      assertSameWeights(begin, scratch);
      Arms arms = arms(config, data);
      TinyRuns.fit(config, data, scratch, null, SEED);
      try (Model alone = arms.labelsAlone()) {
        assertSameWeights(alone, scratch);
      }
      arms.train(taught, asked);
      TinyRuns.fit(config, data, student, live, SEED);
      assertSameWeights(taught, student);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"last", "all"})
  void eachGeneration_isTaughtByTheOneBefore_orByAllBefore(String taughtBy) {
    RunConfig config =
        TinyRuns.distillation(
            rows, "strategy: {born-again: {generations: 4, taught-by: %s}}\n".formatted(taughtBy));
    List<Model> expected = new ArrayList<>();
    try (RunData data = RunData.open(config);
        Model student = Networks.initial(config.student(), data, SEED)) {
      arms(config, data).train(student, null);

      expected.add(Model.create(STUDENT, SEED));
      TinyRuns.fit(config, data, expected.get(0), null, SEED);
      for (int generation = 2; generation <= 4; generation++) {
        long seed = generation == 4 ? SEED : Arms.seedOf(SEED, generation);
        Model next = Model.create(STUDENT, seed);
        try (Teacher before = before(expected, taughtBy)) {
          TinyRuns.fit(config, data, next, before, SEED);
        }
        expected.add(next);
      }
      for (int generation = 1; generation <= 3; generation++) {
        try (Model kept = TinyRuns.open(runFolder().stage("generation-" + generation, SEED))) {
          assertSameWeights(kept, expected.get(generation - 1));
        }
      }
      assertSameWeights(student, expected.get(3));
    } finally {
      expected.forEach(Model::close);
    }
  }

  private static Teacher before(List<Model> generations, String taughtBy) {
    return taughtBy.equals("last")
        ? new ModelTeacher(generations.get(generations.size() - 1), List.of())
        : EnsembleTeacher.ofEqual(
            generations.stream().map(model -> new ModelTeacher(model, List.of())).toList(),
            new Combine.Logits());
  }

  @Test
  void eachAssistant_isTaughtByTheOneAbove_andTheStudentByTheLast() {
    RunConfig config =
        TinyRuns.distillation(
            rows,
            """
            teacher: {model: "%s"}
            strategy:
              progressive:
                assistants:
                  - {architecture: mlp, hidden: 16, layers: 1}
                  - {architecture: mlp, hidden: 8, layers: 1}
            """
                .formatted(teacher));
    List<Model> chain = new ArrayList<>();
    try (RunData data = RunData.open(config);
        Model student = Networks.initial(config.student(), data, SEED);
        AskedTeacher asked =
            AskedTeacher.open(
                config.teacher().orElseThrow(),
                data,
                runFolder().answers(),
                RunListener.NONE,
                () -> false)) {
      arms(config, data).train(student, asked);

      chain.add(TinyRuns.open(teacher));
      for (int link = 1; link <= 3; link++) {
        Map<String, Integer> options = Map.of("hidden", 32 >> link, "layers", 1);
        long seed = link == 3 ? SEED : Arms.seedOf(SEED, link);
        Model next = Model.create(ModelSpec.of("mlp", List.of(4), 3, options), seed);
        try (Teacher above = new ModelTeacher(chain.get(link - 1), List.of())) {
          TinyRuns.fit(config, data, next, above, SEED);
        }
        chain.add(next);
      }
      for (int link = 1; link <= 2; link++) {
        try (Model kept = TinyRuns.open(runFolder().stage("assistant-" + link, SEED))) {
          assertSameWeights(kept, chain.get(link));
        }
      }
      assertSameWeights(student, chain.get(3));
    } finally {
      chain.forEach(Model::close);
    }
  }
}
