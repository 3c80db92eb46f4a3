package io.ranbiki.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigDocumentTest {

  /** A configuration as the binding code of the library reads it. */
  record Config(
      String name,
      long seed,
      Data data,
      List<Term> objective,
      Train train,
      Optional<Double> validation) {}

  record Data(String format, List<Double> mean, List<String> augment, boolean shuffle) {}

  record Term(String name, double weight, double temperature) {
    Term {
      if (!(temperature > 0)) {
        throw new IllegalArgumentException("temperature must be above 0, but is " + temperature);
      }
    }
  }

  record Train(int epochs, String optimizer, double learningRate) {}

  static Config config(Options root) {
    return new Config(
        root.string("name", "Its name"),
        root.longInteger("seed", 1, "Its seed", Rule.atLeast(0)),
        root.map("data", "Its data", ConfigDocumentTest::data),
        root.list("objective", "Its terms", node -> node.choice(TERMS)),
        root.mapOrDefaults("train", "How it trains", ConfigDocumentTest::train),
        root.optionalNumber("validation", "A share", Rule.between(0, 1)));
  }

  static Data data(Options map) {
    return new Data(
        map.value("format", "A format", node -> node.oneOf(List.of("idx", "csv", "folder"))),
        map.optionalList("mean", "Means", ConfigNode::number),
        map.optionalList("augment", "Augmentations", node -> node.choice(AUGMENTATIONS)),
        map.bool("shuffle", true, "Whether it is shuffled"));
  }

  static final List<Provider<String>> AUGMENTATIONS =
      List.of(
          Provider.of(
              String.class,
              "crop",
              "Crops.",
              options -> "crop " + options.integer("padding", 4, "Pixels")),
          Provider.of(
              String.class,
              "flip",
              "Flips.",
              options -> {
                options.shorthand("direction");
                return options
                    .optionalString("direction", "Which way")
                    .map(way -> "flip " + way)
                    .orElse("flip");
              }),
          Provider.of(String.class, "invert", "Inverts.", options -> "invert"));

  static final List<Provider<Term>> TERMS =
      List.of(
          Provider.of(
              Term.class,
              "hard-labels",
              "Labels.",
              options -> new Term("hard-labels", weight(options), 1)),
          Provider.of(
              Term.class,
              "soft-targets",
              "Answers.",
              options ->
                  new Term(
                      "soft-targets",
                      weight(options),
                      options.number("temperature", 4, "Softer"))));

  private static double weight(Options options) {
    return options.number("weight", 1, "A weight", Rule.atLeast(0));
  }

  static Train train(Options map) {
    int epochs = map.integer("epochs", 10, "How often", Rule.atLeast(1));
    return map.optionalChoice("optimizer", "An optimiser", OPTIMIZERS)
        .map(rate -> new Train(epochs, "adam", rate))
        .orElseGet(() -> new Train(epochs, "adam", 0.001));
  }

  static final List<Provider<Double>> OPTIMIZERS =
      List.of(
          Provider.of(Double.class, "adam", "Adam.", ConfigDocumentTest::rate),
          Provider.of(Double.class, "sgd", "SGD.", ConfigDocumentTest::rate));

  private static double rate(Options options) {
    return options.number("learning-rate", "A rate", Rule.above(0));
  }

  static final String VALID =
      """
      name: basic
      seed: 7
      data:
        format: idx
        mean: [0.25, 1e-1]
        augment: [{crop: {padding: 2}}, flip, {flip: horizontal}, crop]
      objective:
        - hard-labels: {weight: 0.3}
        - soft-targets:
            weight: 0.7
            temperature: 4
      train:
        epochs: 3
        optimizer: {adam: {learning-rate: 0.01}}
      """;

  static Config bind(String text, String... overrides) {
    return bind(text, Map.of(), overrides);
  }

  static Config bind(String text, Map<String, String> environment, String... overrides) {
    return ConfigDocument.parse("a.yaml", text, List.of(overrides), environment)
        .bind(ConfigDocumentTest::config);
  }

  private static void mistakes(String text, String... lines) {
    assertMistakes(() -> bind(text), lines);
  }

  private static void assertMistakes(Runnable reading, String... lines) {
    String expected =
        lines.length == 1
            ? lines[0]
            : "a.yaml has " + lines.length + " mistakes:\n" + String.join("\n", lines);
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(reading::run)
        .withMessage(expected)
        .satisfies(e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION));
  }

  @Test
  void validFile_bindsEveryValue() {
    assertThat(bind(VALID))
        .isEqualTo(
            new Config(
                "basic",
                7,
                new Data(
                    "idx",
                    List.of(0.25, 0.1),
                    List.of("crop 2", "flip", "flip horizontal", "crop 4"),
                    true),
                List.of(new Term("hard-labels", 0.3, 1), new Term("soft-targets", 0.7, 4)),
                new Train(3, "adam", 0.01),
                Optional.empty()));
  }

  @Test
  void resolved_hasEveryDefaultInReadingOrder_andReadsBackAsItself() {
    ConfigDocument document =
        ConfigDocument.parse(
            "a.yaml",
            "objective: [soft-targets]\ndata: {format: csv, augment: [crop, flip]}\nname: '1e3'\n",
            List.of(),
            Map.of());
    Config first = document.bind(ConfigDocumentTest::config);
    String resolved = YamlWriter.write(document.resolved());

    assertThat(resolved)
        .isEqualTo(
            """
            name: '1e3'
            seed: 1
            data:
              format: csv
              mean: []
              augment:
              - crop:
                  padding: 4
              - flip
              shuffle: true
            objective:
            - soft-targets:
                weight: 1.0
                temperature: 4.0
            train:
              epochs: 10
            """);
    assertThat(bind(resolved)).isEqualTo(first);
  }

  @Test
  void writtenTexts_readBackAsThemselves() {
    for (String text :
        List.of(
            "null",
            "~",
            "true",
            "12",
            "1e3",
            "a: b",
            "# no",
            "${HOME}",
            "$${X}",
            "a\nb",
            " x ",
            "é蘭",
            "*a",
            "&a",
            "!tag",
            "'",
            "\"",
            "a".repeat(300),
            "\t",
            "- x",
            "{",
            "0x1")) {
      String yaml = YamlWriter.write(Map.of("name", text));
      ConfigDocument document = ConfigDocument.parse("a.yaml", yaml, List.of(), Map.of());
      String read = document.bind(root -> root.string("name", "Its name"));
      assertThat(read).isEqualTo(text);
    }
  }

  @Test
  void manyMistakes_areReportedTogetherEachOnceWithLineAndColumn() {
    mistakes(
        """
        name: basic
        seed: -1
        data:
          format: idxx
          mean: [a, .nan]
          shufle: true
        objective:
          - hard-labels: {weight: "0.3"}
          - soft-target: {weight: 0.7}
          - soft-targets: {temperature: 0}
        train:
          epochs: 2.5
          optimizer: {adam: {learning_rate: 0.01}}
        validation: 2
        """,
        "a.yaml:2:7: 'seed' must be at least 0, but is -1.",
        "a.yaml:4:11: 'data.format' must be one of idx, csv, folder, but is 'idxx'; did you mean"
            + " 'idx'?",
        "a.yaml:5:10: 'data.mean.0' must be a number, but is 'a'.",
        "a.yaml:5:13: 'data.mean.1' must be a finite number, but is '.nan'.",
        "a.yaml:6:3: Unknown key 'shufle' in 'data'; did you mean 'shuffle'?",
        "a.yaml:8:27: 'objective.0.hard-labels.weight' must be a number, but is the text '0.3'.",
        "a.yaml:9:5: Unknown name 'soft-target' in 'objective.1'; did you mean 'soft-targets'?",
        "a.yaml:10:5: 'objective.2': temperature must be above 0, but is 0.0",
        "a.yaml:12:11: 'train.epochs' must be a whole number, but is '2.5'.",
        "a.yaml:13:22: Unknown key 'learning_rate' in 'train.optimizer.adam'; did you mean"
            + " 'learning-rate'?",
        "a.yaml:14:13: 'validation' must be between 0 and 1, but is 2.");
  }

  @Test
  void missingKeys_areNamed() {
    mistakes(
        "data: {}\nobjective: []\n",
        "a.yaml:1:1: The key 'name' is missing.",
        "a.yaml:1:7: The key 'format' is missing in 'data'.");
  }

  @Test
  void emptyFile_lacksItsKeys() {
    for (String text : List.of("", "\n\n", "# nothing\n", "---\n", "~")) {
      mistakes(
          text,
          "a.yaml:1:1: The key 'name' is missing.",
          "a.yaml:1:1: The key 'data' is missing.",
          "a.yaml:1:1: The key 'objective' is missing.");
    }
  }

  @Test
  void wrongStructures_areNamed() {
    mistakes(
        "name: [a]\ndata: 3\nobjective: {a: 1}\ntrain:\nvalidation:\nextra: 1\n",
        "a.yaml:1:7: 'name' must be text, but is a list.",
        "a.yaml:2:7: 'data' must be a mapping of keys to values, but is '3'.",
        "a.yaml:3:12: 'objective' must be a list, but is a mapping.",
        "a.yaml:5:12: 'validation' has no value; write a number, or leave the key out.",
        "a.yaml:6:1: Unknown key 'extra'; choose one of name, seed, data, objective, train,"
            + " validation.");
    mistakes(
        "- a\n- b\n",
        "a.yaml:1:1: The configuration must be a mapping of keys to values, but is a list.");
    mistakes(
        VALID.replace("- hard-labels: {weight: 0.3}", "- {hard-labels: {}, hint: {}}"),
        "a.yaml:8:5: 'objective.0' must be one name of hard-labels, soft-targets, or one name with"
            + " its options, but is a mapping.");
  }

  @Test
  void numbersOutsideTheirType_areRefused() {
    mistakes(
        VALID.replace("seed: 7", "seed: 99999999999999999999"),
        "a.yaml:2:7: 'seed' must be a whole number within 64 bits, but is '99999999999999999999'.");
    mistakes(
        VALID.replace("epochs: 3", "epochs: 3000000000"),
        "a.yaml:13:11: 'train.epochs' must be between -2147483648 and 2147483647, but is"
            + " 3000000000.");
    mistakes(
        VALID + "validation: 1e999\n",
        "a.yaml:15:13: 'validation' must be a finite number, but is '1e999'.");
  }

  @Test
  void aValueBehindAName_isItsShorthandOrAMistake() {
    mistakes(
        VALID.replace("{flip: horizontal}", "{invert: horizontal}"),
        "a.yaml:6:50: 'data.augment.2.invert' takes no value; write the name alone.");
    mistakes(
        VALID.replace("{flip: horizontal}", "{crop: 3}"),
        "a.yaml:6:48: 'data.augment.2.crop' must be a mapping of keys to values, but is '3'.");
    assertThat(
            bind(VALID.replace("{flip: horizontal}", "{flip: {direction: up}}")).data().augment())
        .contains("flip up");
  }

  @Test
  void oneOrMore_takesASingleValueAsAListOfOne() {
    for (String text : List.of("model: a", "model: [a]")) {
      ConfigDocument document = ConfigDocument.parse("a.yaml", text, List.of(), Map.of());
      List<String> models =
          document.bind(root -> root.oneOrMore("model", "Models", ConfigNode::string));
      assertThat(models).containsExactly("a");
      assertThat(document.resolved()).isEqualTo(Map.of("model", List.of("a")));
    }
  }

  @Test
  void exceptionsThatAreNotAboutValues_passThrough() {
    ConfigDocument document = ConfigDocument.parse("a.yaml", "a: {}", List.of(), Map.of());
    RanbikiException model = RanbikiException.model("not trusted");

    assertThatThrownBy(
            () ->
                document.bind(
                    root ->
                        root.map(
                            "a",
                            "Keys",
                            map -> {
                              throw model;
                            })))
        .isSameAs(model);
    assertThatThrownBy(
            () ->
                document.bind(
                    root ->
                        root.map(
                            "a",
                            "Keys",
                            map -> {
                              throw new IllegalStateException("a bug");
                            })))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a bug");
  }

  @Test
  void variables_areExpandedOnce() {
    Map<String, String> environment = Map.of("NAME", "x${Y}", "SEED", "12");

    Config config =
        bind(VALID.replace("basic", "${NAME}/a-$${B}").replace("7", "${SEED}"), environment);

    assertThat(config.name()).isEqualTo("x${Y}/a-${B}");
    assertThat(config.seed()).isEqualTo(12);
  }

  @Test
  void unsetVariables_areAllReported() {
    mistakes(
        VALID.replace("basic", "${A}/${B}").replace("seed: 7", "seed: ${}"),
        "a.yaml:1:7: The environment variable 'A' is not set; set it, or write the value in its"
            + " place.",
        "a.yaml:1:7: The environment variable 'B' is not set; set it, or write the value in its"
            + " place.",
        "a.yaml:2:7: '${' must be followed by the name of an environment variable and '}'; write"
            + " '$${' for the characters themselves.");
  }

  @Test
  void overrides_reachEveryValue() {
    Config config =
        bind(
            VALID,
            Map.of("N", "n"),
            "name=${N}",
            "objective.0.weight=0.5",
            "objective.soft-targets.temperature=2",
            "objective.1.soft-targets.weight=0.1",
            "data.mean=[0.5]",
            "data.augment.1=crop",
            "data.augment.1.padding=9",
            "train.optimizer.adam.learning-rate=1e-4",
            "train.epochs=1",
            "train.epochs=2",
            "validation=0.1",
            "data.shuffle=false");

    assertThat(config)
        .isEqualTo(
            new Config(
                "n",
                7,
                new Data(
                    "idx",
                    List.of(0.5),
                    List.of("crop 2", "crop 9", "flip horizontal", "crop 4"),
                    false),
                List.of(new Term("hard-labels", 0.5, 1), new Term("soft-targets", 0.1, 2)),
                new Train(2, "adam", 0.0001),
                Optional.of(0.1)));
  }

  @Test
  void overrideInAMissingMapping_makesIt() {
    String text = "name: a\ndata: {format: idx}\nobjective: [hard-labels]\n";

    assertThat(bind(text, "train.epochs=4", "objective.0.weight=3").train().epochs()).isEqualTo(4);
    assertThat(bind(text, "objective.hard-labels.weight=3").objective().get(0).weight())
        .isEqualTo(3);
  }

  @Test
  void wrongOverrides_areNamed() {
    assertMistakes(
        () ->
            bind(
                VALID,
                "trian.epochs=3",
                "objective.7.weight=1",
                "objective.hard-label.weight=1",
                "data.augment.flip=x",
                "data.mean.x=1",
                "seed.x=1",
                "epochs",
                "=3",
                "a..b=1",
                "train.epochs=zero"),
        "override 'objective.7.weight=1': 'objective' has 2 entries, counted from 0, so there is"
            + " no '7'; write the whole list to add one.",
        "override 'objective.hard-label.weight=1': 'objective' is a list without an entry"
            + " 'hard-label'; did you mean 'hard-labels'?",
        "override 'data.augment.flip=x': 'data.augment' has 2 entries named 'flip'; use the index,"
            + " such as data.augment.1.",
        "override 'data.mean.x=1': 'data.mean' is a list without an entry 'x'; choose one of 0.25,"
            + " 1e-1.",
        "override 'seed.x=1': 'seed' is a single value and has no 'x'.",
        "override 'epochs': An override must have the form key.path=value, such as train.epochs=5.",
        "override '=3': An override must have the form key.path=value, such as train.epochs=5.",
        "override 'a..b=1': An override must have the form key.path=value, such as train.epochs=5.",
        "override 'train.epochs=zero': 'train.epochs' must be a whole number, but is 'zero'.",
        "override 'trian.epochs=3': Unknown key 'trian'; did you mean 'train'?");
  }

  @Test
  void aMistakeInTheFileAndInItsOverride_areBothReported() {
    assertMistakes(
        () -> bind(VALID.replace("seed: 7", "sede: 7"), "train.epochs={a"),
        "override 'train.epochs={a': not valid YAML: expected ',' or '}', but got <stream end>.");
  }

  @Test
  void unreadableFiles_areNamed(@TempDir Path folder) throws Exception {
    Path missing = folder.resolve("missing.yaml");
    Path latin = folder.resolve("latin.yaml");
    Files.write(latin, "name: é".getBytes(StandardCharsets.ISO_8859_1));

    refused(missing, "The configuration file '" + missing + "' does not exist; check the path.");
    refused(folder, "'" + folder + "' is a folder, not a configuration file; name the file in it.");
    refused(latin, "The configuration file '" + latin + "' is not UTF-8 text; save it as UTF-8.");
  }

  @Test
  void fileWithByteOrderMark_isRead(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("a.yaml");
    Files.writeString(file, "\uFEFF" + VALID);

    assertThat(
            ConfigDocument.read(file, List.of(), Map.of()).bind(ConfigDocumentTest::config).name())
        .isEqualTo("basic");
  }

  private static void refused(Path file, String message) {
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> ConfigDocument.read(file, List.of(), Map.of()))
        .withMessage(message);
  }
}
