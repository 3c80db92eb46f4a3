package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Names;
import io.ranbiki.model.Model;
import io.ranbiki.prepare.MelSpectrogram;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Values;
import io.ranbiki.prepare.Wav;
import io.ranbiki.serve.Prediction;
import io.ranbiki.serve.Student;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The way of a user with sounds: a teacher, a student, an ONNX file, answers to WAV files. */
class SoundsTest {

  private static final String TEACHER =
      """
      name: teacher
      latency: false
      data:
        format: audio
        folder: %s
        names: "{label}_{voice}_{take}"
        split: {by: voice, test: [c]}
        augment: [time-shift, time-mask, frequency-mask]
        validation: 0
      model:
        architecture: sound-cnn
        width: 4
        depth: 3
        prepare: {log-mel: {rate: 8000, mels: 12}, normalize: {mean: [-2], std: [4]}}
      train: {epochs: 6, batch: 6, threads: 1, optimizer: {adam: {learning-rate: 0.02}}}
      """;

  private static final String STUDENT =
      """
      name: student
      latency: false
      data:
        format: audio
        folder: %s
        names: "{label}_{voice}_{take}"
        split: {by: voice, test: [c]}
        validation: 0
      teacher: {model: %s}
      student:
        architecture: sound-cnn
        width: 2
        depth: 2
        prepare:
          log-mel: {rate: 4000, seconds: 0.2, mels: 8}
          normalize: {mean: [-2], std: [4]}
      objective: [soft-targets: {weight: 1, temperature: 2}]
      compare: {scratch: false, decisions: false}
      train: {epochs: 4, batch: 6, threads: 1, optimizer: {adam: {learning-rate: 0.02}}}
      """;

  @TempDir static Path folder;
  private static Path sounds;

  private static Typed succeed(String... arguments) {
    Typed typed = Typed.run(arguments);
    assertThat(typed.exitCode()).as(typed.err()).isZero();
    return typed;
  }

  /** A tone of 16 bits with a little noise, as the JDK writes it. */
  private static void write(Path file, double hertz, int samples, int rate, int channels)
      throws IOException {
    Random random = new Random(samples + (long) hertz);
    byte[] bytes = new byte[2 * channels * samples];
    for (int i = 0; i < samples * channels; i++) {
      double sine = Math.sin(2 * Math.PI * hertz * (i / channels) / rate);
      int value = (int) (12000 * sine + 300 * random.nextGaussian());
      bytes[2 * i] = (byte) value;
      bytes[2 * i + 1] = (byte) (value >> 8);
    }
    AudioFormat format = new AudioFormat(rate, 16, channels, true, false);
    Files.createDirectories(file.getParent());
    AudioSystem.write(
        new AudioInputStream(new ByteArrayInputStream(bytes), format, samples),
        AudioFileFormat.Type.WAVE,
        file.toFile());
  }

  /** Two tones by three voices of other lengths and rates; the third speaks in stereo. */
  @BeforeAll
  static void trainAndDistil() throws IOException {
    sounds = folder.resolve("sounds");
    for (String voice : "abc".split("")) {
      for (int take = 0; take < 4; take++) {
        int samples = 900 + 300 * take;
        int rate = voice.equals("b") ? 11025 : 8000;
        int channels = voice.equals("c") ? 2 : 1;
        String end = "_" + voice + "_" + take + ".wav";
        write(sounds.resolve("high" + end), 1500 + 20 * take, samples, rate, channels);
        write(sounds.resolve("low" + end), 400 + 20 * take, samples, rate, channels);
      }
    }
    Path train = Files.writeString(folder.resolve("train.yaml"), TEACHER.formatted(sounds));
    Path teacher = folder.resolve("runs/teacher");
    succeed("train", train.toString(), "--run-dir", teacher.toString());
    Path distil =
        Files.writeString(
            folder.resolve("distil.yaml"), STUDENT.formatted(sounds, teacher.resolve("model")));
    succeed("distill", distil.toString(), "--run-dir", folder.resolve("runs/student").toString());
    for (String run : new String[] {"teacher", "student"}) {
      succeed(
          "export",
          folder.resolve("runs").resolve(run).toString(),
          "--to",
          "onnx",
          "--output",
          folder.resolve(run + ".onnx").toString());
    }
  }

  @Test
  void theFolder_keepsWhatSoundsGoThrough() {
    ModelConfig kept = ModelFolder.readConfig(folder.resolve("runs/student/model"));
    assertThat(kept.prepare())
        .isEqualTo(
            Prepare.of(
                    new Step.LogMel(
                        new MelSpectrogram(
                            new MelSpectrogram.Options(4000, 100, 40, 128, 8, 0, 2000)),
                        800))
                .with(new Normalization(new float[] {-2}, new float[] {4})));
    assertThat(kept.spec().input()).containsExactly(1, 21, 8);
    assertThat(ModelFolder.readConfig(folder.resolve("runs/teacher/model")).spec().inputs())
        .extracting(field -> field.toString())
        .containsExactly("input_features FLOAT32 [1, any, 12]", "attention_mask INT64 [any]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"teacher", "student"})
  void aService_answersWavFilesAsTheNetworkDoes(String run) throws IOException {
    try (Student student = Student.load(folder.resolve(run + ".onnx"));
        ModelFolder.Loaded loaded = ModelFolder.read(folder.resolve("runs/" + run + "/model"))) {
      Model model = loaded.model();
      model.module().eval();
      Prepare prepare = loaded.config().prepare();
      for (String name : new String[] {"high_c_0.wav", "low_b_3.wav", "low_a_1.wav"}) {
        Path file = sounds.resolve(name);
        Values.Sound sound = Wav.read(file);
        Values frames = prepare.apply(Row.of(Batch.SOUND, sound)).get(Preparation.FRAMES);
        Preparation outside = student.preparation();
        float[] expected = ((Values.Floats) frames).data().clone();
        if (outside.inside().isEmpty()) {
          for (int i = 0; i < expected.length; i++) {
            expected[i] = (expected[i] + 2) / 4;
          }
        }
        assertThat(outside.apply(file)).isEqualTo(expected);

        float[] logits = logits(model, frames, prepare.normalization());
        Prediction prediction = student.predict(file);
        float scale = Math.max(Math.abs(logits[0]), Math.abs(logits[1]));
        assertThat(prediction.logits()).containsExactly(logits, within(1e-5f * Math.max(1, scale)));
        assertThat(student.predict(Files.readAllBytes(file)).logits())
            .isEqualTo(prediction.logits());
        assertThat(student.predict(sound.wave(), sound.rate()).logits())
            .isEqualTo(prediction.logits());
      }
    }
  }

  private static float[] logits(Model model, Values frames, Normalization normalization) {
    try (NoGrad noGrad = new NoGrad();
        TensorScope scope = TensorScope.open("test")) {
      int[] shape = frames.shape();
      Tensor input =
          Tensors.of(((Values.Floats) frames).data(), 1, shape[0], shape[1], shape[2])
              .sub(normalization.mean()[0])
              .div(normalization.std()[0]);
      Batch batch =
          new Batch(Map.of(Preparation.FRAMES, input), Map.of(), new Names(new long[1], 0));
      return model.answer(batch).logits().toFloats();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"teacher", "student"})
  void predict_saysTheSameOfARunAndOfItsFile(String run) {
    String file = sounds.resolve("high_c_2.wav").toString();
    String ofRun = succeed("predict", folder.resolve("runs/" + run).toString(), file).out();
    assertThat(ofRun).startsWith(file + ": ");
    assertThat(succeed("predict", folder.resolve(run + ".onnx").toString(), file).out())
        .isEqualTo(ofRun);
    assertThat(
            succeed("predict", folder.resolve(run + ".onnx").toString(), sounds.toString()).out())
        .hasLineCount(24);
  }

  @Test
  void theTeacher_tellsHighFromLow() {
    String file = sounds.resolve("low_c_1.wav").toString();
    assertThat(succeed("predict", folder.resolve("runs/teacher").toString(), file).out())
        .startsWith(file + ": low");
  }

  @Test
  void whatIsNoSound_isNamedAndTheRestAnswered() throws IOException {
    Path bad = Files.writeString(folder.resolve("bad.wav"), "ID3 is how MP3 begins");
    Typed typed =
        Typed.run(
            "predict",
            folder.resolve("student.onnx").toString(),
            bad.toString(),
            sounds.resolve("low_a_0.wav").toString());
    assertThat(typed.exitCode()).isEqualTo(3);
    assertThat(typed.err())
        .contains(
            bad
                + " is not a WAV file: it begins as a file of the format MP3. Convert it to WAV, or"
                + " remove it.");
    assertThat(typed.out()).contains("low_a_0.wav: ");
  }
}
