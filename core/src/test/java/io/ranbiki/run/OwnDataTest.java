package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.OwnJar;
import io.ranbiki.RanbikiException;
import io.ranbiki.config.Catalogue;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import io.ranbiki.config.Rule;
import io.ranbiki.config.YamlWriter;
import io.ranbiki.data.Augmentation;
import io.ranbiki.data.Augmentations;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Digits;
import io.ranbiki.data.Format;
import io.ranbiki.data.Pixels;
import io.ranbiki.data.SplitMix;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Unlabelled;
import io.ranbiki.data.View;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.store.Key;
import io.ranbiki.teacher.StoreKey;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data format and an augmentation of a user's own are read, described and used as ours are. */
class OwnDataTest {

  /** Digits in the writing of one person. */
  private record Hand(long writer, int pages, Optional<Unlabelled<Long>> unlabelled)
      implements Format {

    static Hand read(Options options) {
      return new Hand(
          writer(options),
          options.integer("pages", 3, "How many pages of ten digits there are", Rule.atLeast(1)),
          Unlabelled.read(options, Hand::writer));
    }

    private static long writer(Options options) {
      return options.longInteger("writer", "Who wrote the digits", Rule.atLeast(1));
    }

    @Override
    public String name() {
      return "hand";
    }

    @Override
    public Map<String, Path> files() {
      return Map.of();
    }

    @Override
    public Dataset train() {
      return Digits.dataset(10 * pages, writer);
    }

    @Override
    public Dataset test(Dataset train) {
      return Digits.dataset(20, writer + 1);
    }

    @Override
    public Dataset openUnlabelled(Dataset train) {
      return Splits.unlabelled(Digits.dataset(50, unlabelled.orElseThrow().place()));
    }
  }

  /** White becomes black. */
  private record Negative(double probability) implements Augmentation {

    static Negative read(Options options) {
      return new Negative(
          options.number(
              "probability", 0.5, "How likely a view is one", Rule.above(0), Rule.atMost(1)));
    }

    @Override
    public void apply(SplitMix random, Pixels pixels) {
      if (random.nextDouble() >= probability) {
        return;
      }
      for (int y = 0; y < pixels.height(); y++) {
        for (int x = 0; x < pixels.width(); x++) {
          pixels.set(0, y, x, 1 - pixels.get(0, y, x));
        }
      }
    }
  }

  /** What stands in the user's jar. */
  public static final class Mine implements Catalogue {
    @Override
    public List<Provider<?>> providers() {
      return List.of(
          Provider.of(Format.class, "hand", "One person's digits.", Hand::read),
          Provider.of(Augmentation.class, "negative", "White becomes black.", Negative::read));
    }
  }

  @TempDir Path folder;

  private <T> T withJar(Callable<T> test) throws Exception {
    return OwnJar.with(folder, Mine.class, test);
  }

  private static ConfigDocument document(String data) {
    String text =
        """
        name: own
        data: %s
        teacher: {model: t}
        student: {architecture: student-cnn}
        objective: [soft-targets]
        """;
    return ConfigDocument.parse("a.yaml", text.formatted(data), List.of(), Map.of());
  }

  private static RunConfig read(String data) {
    return RunConfigReader.distillation(document(data));
  }

  @Test
  void itsSamples_areOpened() throws Exception {
    RunConfig config =
        withJar(
            () ->
                read(
                    "{format: hand, writer: 7, unlabelled: {writer: 9, limit: 5}, validation: 0}"));
    try (RunData data = RunData.open(config)) {
      Dataset train = data.split(1).train();
      assertThat(train.size()).isEqualTo(30 + 5);
      assertThat(train.isLabelled(29)).isTrue();
      assertThat(train.isLabelled(30)).isFalse();
      assertThat(data.test().size()).isEqualTo(20);
    }
  }

  @Test
  void itsDefaults_standInTheResolvedConfiguration() throws Exception {
    ConfigDocument document = document("{format: hand, writer: 7}");
    withJar(() -> RunConfigReader.distillation(document));
    assertThat(YamlWriter.write(document.resolved())).contains("writer: 7", "pages: 3");
  }

  @Test
  void itsMistakes_haveLineColumnAndWhatWasMeant() {
    assertThatThrownBy(() -> withJar(() -> read("{format: hand, writr: 7}")))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("a.yaml:2:22: Unknown key 'writr' in 'data'; did you mean 'writer'?");
    assertThatThrownBy(() -> withJar(() -> read("{format: hand, writer: 0}")))
        .hasMessage("a.yaml:2:30: 'data.writer' must be at least 1, but is 0.");
    assertThatThrownBy(() -> withJar(() -> read("{format: hnd, writer: 1}")))
        .hasMessageContaining(
            "'data.format' must be one of audio, cifar10, cifar100, csv, digits, hand,")
        .hasMessageEndingWith("but is 'hnd'; did you mean 'hand'?");
  }

  @Test
  void aFormatOfAModuleThatIsNotThere_saysWhichAndHowToGetIt() {
    assertThatThrownBy(() -> read("{format: parquet, train: a.parquet, test: b.parquet, label: x}"))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "a.yaml:2:16: 'data.format' is 'parquet', which the module ranbiki-tables reads; start"
                + " the command with RANBIKI_MODULES=tables, or add io.ranbiki:ranbiki-tables to"
                + " your dependencies.");
  }

  @Test
  void itsSentences_areInTheSchema() throws Exception {
    assertThat(List.of(withJar(RunConfigReader::jsonSchema)))
        .allMatch(schema -> schema.contains("How many pages of ten digits there are"));
    assertThat(List.of(withJar(() -> RunConfigReader.tables())))
        .allMatch(tables -> tables.contains("(`format: hand`)"));
  }

  @Test
  void whatARecordRefuses_isOneMistake_andNoKeyBesideItIsUnknown() {
    assertThatThrownBy(() -> read("{format: csv, folder: f, delimiter: '\"', limit: 3, views: 2}"))
        .hasMessage(
            "a.yaml:2:7: 'data': The delimiter of a CSV file must not be a quote or a line break."
                + " Use a comma, a semicolon or a tab.");
  }

  @Test
  void itsAugmentation_makesViews_andIsInTheKeyOfStoredAnswers() throws Exception {
    ConfigDocument document = document("{format: digits, size: 10, augment: [negative]}");
    RunConfig config = withJar(() -> RunConfigReader.distillation(document));
    assertThat(YamlWriter.write(document.resolved())).contains("negative", "probability: 0.5");
    Augmentations augmentations = config.data().augmentations();
    float[] pixels = {0, 0.25f, 0.5f, 1};
    int turned = 0;
    for (int number = 0; number < 100; number++) {
      float[] view = pixels.clone();
      augmentations.apply(new View(1, 2, number), view, 0, new int[] {1, 2, 2}, new float[4]);
      turned += view[0] == 1 ? 1 : 0;
      assertThat(view).isIn(pixels, new float[] {1, 0.75f, 0.5f, 0});
    }
    assertThat(turned).as("50 of 100, 5 standard deviations").isBetween(25, 75);
    Key key = StoreKey.of("t", "d", Prepare.NONE, augmentations, 1, 10).key();
    assertThat(key.parts()).containsEntry("augmentations", "Negative[probability=0.5]");
  }

  @Test
  void itsAugmentation_isCheckedAsOursAre() {
    assertThatThrownBy(
            () -> withJar(() -> read("{format: digits, augment: [{negative: {probabilty: 1}}]}")))
        .hasMessage(
            "a.yaml:2:46: Unknown key 'probabilty' in 'data.augment.0.negative'; did you mean"
                + " 'probability'?");
    assertThatThrownBy(
            () -> new Augmentations(List.of(new Negative(1))).requireFits(new int[] {16}))
        .hasMessageStartingWith("The augmentation Negative[probability=1.0] needs images");
  }
}
