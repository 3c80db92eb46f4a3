package io.ranbiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.data.Digits;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Views;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.objective.HardLabels;
import io.ranbiki.objective.Objective;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.tensor.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointsTest {

  private static final ModelSpec STUDENT = ModelSpec.of("student-cnn", List.of(1, 28, 28), 10);

  @TempDir private Path folder;

  /** Two steps an epoch; gives the weights as text, in which every bit shows. */
  private String trained(int epochs, BooleanSupplier stop, List<String> notes) {
    Engine.setThreads(1);
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void note(String note) {
            notes.add(note);
          }
        };
    TrainOptions options = new TrainOptions(epochs, new Optimizer.Adam(0.001), Schedule.constant());
    Loader loader =
        new Loader(
            Digits.dataset(8, 5),
            Loader.Options.shuffled(4, 3),
            Normalization.none(),
            Views.none());
    try (Model student = Model.create(STUDENT, 1);
        Trainer trainer =
            new Trainer(
                student, null, Objective.of(new HardLabels(1)), loader, options, 1, listener)) {
      trainer.run(new Watch(model -> Double.NaN, new Checkpoints(folder), stop, listener));
      Map<String, String> weights =
          student.module().state().entrySet().stream()
              .collect(
                  Collectors.toMap(
                      Map.Entry::getKey,
                      entry -> java.util.Arrays.toString(entry.getValue().toFloats())));
      return new java.util.TreeMap<>(weights).toString();
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private void damage(String name) throws IOException {
    byte[] bytes = Files.readAllBytes(folder.resolve(name));
    Files.write(folder.resolve(name), java.util.Arrays.copyOf(bytes, bytes.length / 2));
  }

  private static BooleanSupplier afterSteps(int steps) {
    AtomicInteger asked = new AtomicInteger();
    return () -> asked.incrementAndGet() == steps;
  }

  @ParameterizedTest
  @ValueSource(strings = {"fa-IR", "ar-EG", "th-TH-u-nu-thai", "en-US"})
  @ResourceLock(Resources.LOCALE)
  void runInAnyLanguage_isGoneOnWithInAnother(String language) throws IOException {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag(language));
      assertThatThrownBy(() -> trained(5, afterSteps(9), new ArrayList<>()))
          .isInstanceOf(Interrupted.class)
          .hasMessage("stopped after step 9");
      assertThat(names())
          .hasSize(3)
          .allMatch(name -> name.matches("step-0000000000[0-9]{2}-[0-9a-f]{16}\\.safetensors"));
    } finally {
      Locale.setDefault(before);
    }
    String resumed = trained(5, () -> false, new ArrayList<>());
    for (String name : names()) {
      Files.delete(folder.resolve(name));
    }
    assertThat(resumed).isEqualTo(trained(5, () -> false, new ArrayList<>()));
  }

  @Test
  void namesInOtherDigits_asEarlierVersionsWroteThem_areFoundAndPruned() throws IOException {
    assertThatThrownBy(() -> trained(5, afterSteps(3), new ArrayList<>()))
        .isInstanceOf(Interrupted.class);
    for (String name : names()) {
      StringBuilder persian = new StringBuilder(name);
      for (int i = "step-".length(); i < "step-".length() + 12; i++) {
        persian.setCharAt(i, (char) (name.charAt(i) - '0' + '\u06f0'));
      }
      Files.move(folder.resolve(name), folder.resolve(persian.toString()));
    }
    assertThatThrownBy(() -> trained(5, afterSteps(1), new ArrayList<>()))
        .isInstanceOf(Interrupted.class)
        .hasMessage("stopped after step 4");
    trained(5, () -> false, new ArrayList<>());
    assertThat(names()).hasSize(3).allMatch(name -> name.startsWith("step-0000000000"));
  }

  @Test
  void damagedFile_isNamedAndTheOneBeforeIsUsed() throws IOException {
    trained(3, () -> false, new ArrayList<>());
    String newest = names().get(2);
    damage(newest);
    List<String> notes = new ArrayList<>();
    trained(3, () -> false, notes);
    assertThat(notes)
        .containsExactly(
            "checkpoint "
                + newest
                + " in "
                + folder
                + " is damaged; the training goes on from step 4");
  }

  @Test
  void allDamaged_trainingBeginsAnew_andSaysSoOnce() throws IOException {
    String straight = trained(3, () -> false, new ArrayList<>());
    List<String> saved = names();
    for (String name : saved) {
      damage(name);
    }
    List<String> notes = new ArrayList<>();
    assertThatThrownBy(() -> trained(3, afterSteps(1), notes)).isInstanceOf(Interrupted.class);
    assertThat(notes)
        .containsExactly(
            "checkpoints "
                + saved.get(2)
                + ", "
                + saved.get(1)
                + ", "
                + saved.get(0)
                + " in "
                + folder
                + " are damaged; no other is left, and the training begins anew");
    assertThat(names()).hasSize(1).allMatch(name -> name.startsWith("step-000000000001-"));
    List<String> later = new ArrayList<>();
    assertThat(trained(3, () -> false, later)).isEqualTo(straight);
    assertThat(later).isEmpty();
  }
}
