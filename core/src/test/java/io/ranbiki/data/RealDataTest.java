package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.ranbiki.data.CsvRows.Options;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Reads published data sets where the environment variable RANBIKI_DATA names their folder. */
class RealDataTest {

  private static Path folder;

  @BeforeAll
  static void find() {
    String name = System.getenv("RANBIKI_DATA");
    assumeThat(name).as("RANBIKI_DATA is not set, so real data are not read").isNotNull();
    folder = Path.of(name);
  }

  @Test
  void fashionMnist_hasItsPublishedSizesAndStatistics() {
    Dataset train = Idx.folder(folder.resolve("fashion-mnist"), Part.TRAIN);
    Dataset test = Idx.folder(folder.resolve("fashion-mnist"), Part.TEST);

    assertThat(train.size()).isEqualTo(60_000);
    assertThat(test.size()).isEqualTo(10_000);
    assertThat(train.task().width()).isEqualTo(10);
    assertThat(train.shape()).containsExactly(1, 28, 28);
    int[] perClass = new int[10];
    double sum = 0;
    for (int i = 0; i < train.size(); i++) {
      perClass[train.stratum(i)]++;
      for (float pixel : train.numbers(i)) {
        sum += pixel;
      }
    }
    assertThat(perClass).containsOnly(6000);
    assertThat(sum / (60_000 * 784.0)).isCloseTo(0.2860, within(5e-5));
  }

  @Test
  void optdigits_hasItsPublishedRows() {
    Dataset train = CsvRows.read(folder.resolve("optdigits/optdigits.tra"), Options.defaults());
    Dataset test =
        CsvRows.read(
            folder.resolve("optdigits/optdigits.tes"),
            Options.defaults().withClassNames(train.task().names()));
    assertThat(train.size()).isEqualTo(3823);
    assertThat(test.size()).isEqualTo(1797);
    assertThat(test.shape()).containsExactly(64);
    assertThat(test.task().names())
        .containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
  }

  @Test
  void letter_hasItsPublishedRows() {
    Dataset data =
        CsvRows.read(
            folder.resolve("letter/letter-recognition.data"), Options.defaults().withLabel("0"));
    assertThat(data.size()).isEqualTo(20_000);
    assertThat(data.shape()).containsExactly(16);
    assertThat(data.task().width()).isEqualTo(26);
    assertThat(data.stratum(0)).as("the first row is a T").isEqualTo('T' - 'A');
  }

  @Test
  void adult_isRefusedForItsWords() {
    Refusal.ofConfiguration(
        () -> CsvRows.read(folder.resolve("adult/adult.data.gz"), Options.defaults()),
        "Line 1 of",
        "has 'State-gov' in column 1, but a feature must be a finite number.");
  }
}
