package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.data.Batch;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Views;
import io.ranbiki.model.Model;
import io.ranbiki.store.Store;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Stored answers across processes: killed, out of disk, and read by another than wrote them. */
class StoreIT {

  private static final int ANSWERS = LabelProcess.VIEWS * LabelProcess.DATA.size();

  @TempDir Path folder;

  @Test
  void aProcessKilledAgainAndAgain_finishes_andItsAnswersAreTheSameToTheBit() throws Exception {
    Path file = folder.resolve("answers.store");
    long seed = 20;
    Random random = new Random(seed);
    for (int kill = 0; kill < 3; kill++) {
      int batches = 15 + random.nextInt(20); // a block or none, so that some are missing at the end
      Process process = start(List.of(), file);
      try (BufferedReader lines = process.inputReader()) {
        for (int line = 0; line < batches && lines.readLine() != null; line++) {}
        Thread.sleep(random.nextInt(4));
        process.destroyForcibly().waitFor();
      }
      long kept = Store.open(file, LabelProcess.KEY.key()).size();
      assertThat(kept).as("seed %d, kill %d", seed, kill).isLessThan(ANSWERS);
    }
    long before = Store.open(file, LabelProcess.KEY.key()).size();
    assertThat(before).isPositive();
    Process last = start(List.of(), file);
    List<String> said = lines(last);
    assertThat(said).endsWith("finished").contains("missing " + (ANSWERS - before));
    requireLiveAnswers(file);
    Path whole = folder.resolve("whole.store");
    assertThat(lines(start(List.of(), whole))).endsWith("finished");
    for (int view = 0; view < LabelProcess.VIEWS; view++) {
      assertThat(logits(file, view)).as("view %d", view).isEqualTo(logits(whole, view));
    }
  }

  private static float[] logits(Path file, int view) {
    long[] ids = LongStream.range(0, LabelProcess.DATA.size()).toArray();
    try (TensorScope scope = TensorScope.open("stored")) {
      Store store = Store.open(file, LabelProcess.KEY.key());
      return store.read(ids, view, 0).get("logits").dense().toFloats();
    }
  }

  @Test
  void twoProcessesAtOnce_askEveryAnswerOnce() throws Exception {
    Path file = folder.resolve("answers.store");
    Process first = start(List.of(), file);
    Process second = start(List.of(), file);
    List<String> said = new ArrayList<>(lines(first));
    said.addAll(lines(second));
    assertThat(said).filteredOn("finished"::equals).as("%s", said).hasSize(2);
    assertThat(said).filteredOn(line -> line.startsWith("missing")).hasSize(1);
    assertThat(said).contains("missing " + ANSWERS, "done " + ANSWERS);
    assertThat(Store.open(file, LabelProcess.KEY.key()).size()).isEqualTo(ANSWERS);
    requireLiveAnswers(file);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aFullDisk_isNamed_andLosesNothing() throws Exception {
    Path file = folder.resolve("answers.store");
    // A limit on the size of files is met as a full disk is: a write that fails halfway.
    Process process = start(List.of("sh", "-c", "ulimit -f 200; exec \"$@\"", "sh"), file);
    List<String> said = lines(process);
    assertThat(process.waitFor()).isEqualTo(6);
    assertThat(said.get(said.size() - 1))
        .matches(
            ("Cannot write \\d+ bytes to the store %s/part-00000.store: File too large. What was"
                    + " written before is kept; free some space or check the permissions, and label"
                    + " again.")
                .formatted(file));
    long kept = Store.open(file, LabelProcess.KEY.key()).size();
    int block = (48 + 1024 * 52 + 63) / 64 * 64;
    assertThat(kept).isEqualTo(1024 * ((200 * 512 - 4096) / block));
    assertThat(lines(start(List.of(), file))).endsWith("finished");
    requireLiveAnswers(file);
  }

  private static Loader students() {
    return new Loader(
        LabelProcess.DATA,
        Loader.Options.shuffled(32, 3),
        LabelProcess.KEY.normalization(),
        Views.cycle(
            LabelProcess.KEY.augmentations(), LabelProcess.KEY.viewsSeed(), LabelProcess.VIEWS));
  }

  private static void requireLiveAnswers(Path file) {
    Loader students = students();
    try (Model network = LabelProcess.network();
        ModelTeacher live = new ModelTeacher(network, List.of());
        StoredTeacher stored = StoredTeacher.open(file, LabelProcess.KEY)) {
      for (int epoch = 0; epoch < 2 * LabelProcess.VIEWS; epoch++) {
        try (Epoch batches = students.epoch(epoch)) {
          while (batches.hasNext()) {
            try (TensorScope scope = TensorScope.open("compare")) {
              Batch batch = Batch.of(batches.next());
              Tensor difference = stored.signal(batch).logits().sub(live.signal(batch).logits());
              assertThat(difference.norm().item()).isCloseTo(0, within(1e-4));
            }
          }
        }
      }
    }
  }

  private static Process start(List<String> before, Path file) throws IOException {
    Engine.start(); // so that the children find the native libraries unpacked
    List<String> command = new ArrayList<>(before);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:-UsePerfData",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            LabelProcess.class.getName(),
            file.toString()));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static List<String> lines(Process process) throws IOException {
    try (BufferedReader lines = process.inputReader()) {
      return lines.lines().toList();
    }
  }
}
