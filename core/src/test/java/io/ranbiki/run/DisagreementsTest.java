package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.data.Dataset;
import io.ranbiki.data.Digits;
import io.ranbiki.data.InMemory;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.result.Disagreement;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DisagreementsTest {

  @TempDir Path folder;

  private static Predictions sureOf(Dataset samples, int[] classes, float logit) {
    float[] logits = new float[10 * classes.length];
    for (int i = 0; i < classes.length; i++) {
      logits[10 * i + classes[i]] = logit;
    }
    long[] labels = IntStream.range(0, classes.length).mapToLong(samples::stratum).toArray();
    long[] ids = LongStream.range(0, classes.length).toArray();
    return Predictions.ofLogits(ids, labels, 10, logits);
  }

  @Test
  void farthestSamples_areNamedAndShownAsTheyAre() throws IOException {
    Dataset samples = Digits.dataset(60, 1);
    int[] right = IntStream.range(0, 60).map(samples::stratum).toArray();
    int[] wrongOnce = right.clone();
    wrongOnce[17] = (right[17] + 1) % 10;

    List<Disagreement> found =
        Disagreements.of(sureOf(samples, right, 9), sureOf(samples, wrongOnce, 9), samples, folder);

    assertThat(found).hasSize(48);
    Disagreement first = found.get(0);
    assertThat(first.truth()).isEqualTo(samples.task().names().get(right[17]));
    assertThat(first.teacher()).isEqualTo(first.truth());
    assertThat(first.student()).isEqualTo(samples.task().names().get(wrongOnce[17]));
    assertThat(first.divergence()).isGreaterThan(8);
    assertThat(found.get(1).divergence()).isZero();
    assertThat(first.picture()).isEqualTo("disagreement-01-" + samples.id(17) + ".png");

    BufferedImage picture = ImageIO.read(folder.resolve(first.picture()).toFile());
    float[] pixels = samples.numbers(17);
    for (int i = 0; i < pixels.length; i++) {
      int grey = Math.round(255 * pixels[i]);
      assertThat(picture.getRGB(i % 28, i / 28) & 0xffffff)
          .isEqualTo(grey << 16 | grey << 8 | grey);
    }
    assertThat(folder.toFile().list()).hasSize(48);
  }

  @Test
  void texts_areShown_asFarAsThereIsRoom() {
    List<String> texts =
        IntStream.range(0, 60)
            .mapToObj(i -> i == 17 ? "\uD842\uDFB7".repeat(400) : "text " + i)
            .toList();
    int[] classes = IntStream.range(0, 60).map(i -> i % 2).toArray();
    List<String> names = IntStream.range(0, 10).mapToObj(Integer::toString).toList();
    Dataset samples = InMemory.texts(texts, classes, names);
    int[] wrongOnce = classes.clone();
    wrongOnce[17] = 2;
    List<Disagreement> found =
        Disagreements.of(
            sureOf(samples, classes, 9), sureOf(samples, wrongOnce, 9), samples, folder);
    assertThat(found.get(0).text()).isEqualTo("\uD842\uDFB7".repeat(300) + " ...");
    assertThat(found.get(1).text()).startsWith("text ");
    assertThat(found).allSatisfy(each -> assertThat(each.picture()).isNull());
  }

  @Test
  void rowsOfNumbers_haveNoPicture() throws IOException {
    Path rows = TinyRuns.rows(folder.resolve("rows"));
    Path teacher = TinyRuns.teacher(rows, folder.resolve("runs"));
    RunConfig config = TinyRuns.distillation(rows, "teacher: {model: \"%s\"}\n".formatted(teacher));
    RunFolder run = RunFolder.create(folder.resolve("runs/tiny"));
    List<Disagreement> found =
        new Experiment(config, run, List.of(), RunListener.NONE, () -> false)
            .run()
            .evidence()
            .disagreements();
    assertThat(found).hasSize(48).allSatisfy(each -> assertThat(each.picture()).isNull());
    assertThat(run.evaluation().toFile().list())
        .allSatisfy(name -> assertThat(name).endsWith(".safetensors"));
  }
}
