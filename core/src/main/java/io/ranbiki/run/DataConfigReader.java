package io.ranbiki.run;

import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.MapNode;
import io.ranbiki.config.Named;
import io.ranbiki.config.Rule;
import io.ranbiki.config.Words;
import io.ranbiki.data.Augmentation;
import io.ranbiki.data.Augmentations;
import io.ranbiki.data.CsvRows;
import io.ranbiki.prepare.Colour;
import io.ranbiki.prepare.Normalization;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Binds the keys of {@code data}. */
final class DataConfigReader {

  private static final List<String> FORMATS =
      Arrays.stream(DataConfig.Format.values()).map(DataConfig.Format::word).toList();
  private static final int DEFAULT_DIGITS = 10_000;
  private static final String AUTO = "auto";

  private static final List<String> TASKS =
      Arrays.stream(CsvRows.Kind.values()).map(CsvRows.Kind::word).toList();
  private static final Pattern POSITION = Pattern.compile("-?\\d+");

  private DataConfigReader() {}

  /**
   * Reads the keys.
   *
   * @param taught whether there is a teacher
   */
  static DataConfig read(MapNode node, boolean taught) {
    String word = node.oneOf("format", FORMATS);
    DataConfig.Format format =
        Arrays.stream(DataConfig.Format.values())
            .filter(candidate -> candidate.word().equals(word))
            .findFirst()
            .orElse(DataConfig.Format.DIGITS);
    if (word.isEmpty()) {
      // The keys of some format are no second mistake.
      List.of("folder", "size", "label", "task", "text", "key", "header", "delimiter", "colour")
          .forEach(node::optional);
    }
    boolean drawn = format == DataConfig.Format.DIGITS;
    Optional<Path> folder = drawn ? Optional.empty() : Optional.of(node.path("folder"));
    int size = drawn ? node.integer("size", DEFAULT_DIGITS, Rule.atLeast(1)) : 0;
    boolean rows = format == DataConfig.Format.CSV;
    CsvRows.Options csv = rows ? csv(node) : CsvRows.Options.defaults();
    Colour colour =
        format == DataConfig.Format.IMAGES
                && node.oneOf("colour", "rgb", List.of("rgb", "grey")).equals("grey")
            ? Colour.GREY
            : Colour.RGB;
    // Every key is read before a record may refuse some of them, so that none of them is unknown.
    Optional<Normalization> normalization =
        node.optionalMap("normalize", DataConfigReader::normalization);
    List<Augmentation> augment = node.optionalList("augment", DataConfigReader::augmentation);
    int views = node.integer("views", 0, Rule.atLeast(0));
    DataConfig.Validation validation = validation(node, taught);
    Optional<Integer> limit = node.optionalInteger("limit", Rule.atLeast(1));
    Optional<Integer> labelled = node.optionalInteger("labelled", Rule.atLeast(1));
    boolean dropUnlabelled = node.bool("drop-unlabelled", false);
    Optional<Long> splitSeed = node.optionalValue("split-seed", value -> value.longInteger());
    Optional<DataConfig.Unlabelled> unlabelled =
        node.optionalMap("unlabelled", inner -> unlabelled(inner, word));
    Optional<Double> labelledShare =
        node.optionalNumber("labelled-share", Rule.above(0), Rule.below(1));
    return new DataConfig(
        format,
        folder,
        size,
        csv,
        colour,
        normalization.orElse(Normalization.none()),
        new Augmentations(augment),
        views,
        validation,
        limit,
        labelled,
        dropUnlabelled,
        splitSeed,
        unlabelled,
        labelledShare);
  }

  private static DataConfig.Validation validation(MapNode node, boolean taught) {
    if (!node.has("validation") || node.node("validation").isWord(AUTO)) {
      node.oneOf("validation", AUTO, List.of(AUTO));
      return new DataConfig.Auto(taught);
    }
    return new DataConfig.Share(node.number("validation", Rule.atLeast(0), Rule.below(1)));
  }

  private static CsvRows.Options csv(MapNode node) {
    List<String> labels =
        node.has("label") ? node.oneOrMore("label", ConfigNode::string) : List.of("-1");
    String task = node.oneOf("task", CsvRows.Kind.AUTO.word(), TASKS);
    CsvRows.Kind kind = CsvRows.Kind.valueOf(task.toUpperCase(Locale.ROOT));
    Optional<String> text = node.optionalString("text");
    Optional<String> key = node.optionalString("key");
    // Whoever names a column has named columns.
    boolean named =
        Stream.of(labels.stream(), text.stream(), key.stream())
            .flatMap(columns -> columns)
            .anyMatch(column -> !POSITION.matcher(column).matches());
    boolean header = node.bool("header", named);
    return new CsvRows.Options(labels, kind, text, key, header, delimiter(node), List.of());
  }

  private static char delimiter(MapNode node) {
    String text = node.string("delimiter", ",");
    if (text.equals("\\t")) {
      return '\t'; // without quotes, as a shell leaves it
    }
    if (text.length() != 1) {
      node.node("delimiter")
          .mistake(
              "must be one character, such as \",\", \";\" or \"\\t\", but is '"
                  + Words.shorten(text)
                  + "'.");
      return ',';
    }
    return text.charAt(0);
  }

  private static DataConfig.Unlabelled unlabelled(MapNode node, String format) {
    if (format.isEmpty()) {
      // The keys of some format are no second mistake.
      List.of("folder", "size").forEach(node::optional);
      return new DataConfig.Unlabelled(Optional.empty(), 0, node.optionalInteger("limit"));
    }
    boolean drawn = format.equals(DataConfig.Format.DIGITS.word());
    Optional<Path> folder = drawn ? Optional.empty() : Optional.of(node.path("folder"));
    int size = drawn ? node.integer("size", DEFAULT_DIGITS, Rule.atLeast(1)) : 0;
    return new DataConfig.Unlabelled(folder, size, node.optionalInteger("limit", Rule.atLeast(1)));
  }

  static Normalization normalization(MapNode node) {
    return new Normalization(floats(node, "mean"), floats(node, "std"));
  }

  private static float[] floats(MapNode node, String key) {
    List<Double> numbers = node.oneOrMore(key, number -> number.number());
    float[] values = new float[numbers.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = numbers.get(i).floatValue();
    }
    return values;
  }

  static Augmentation augmentation(ConfigNode node) {
    Named choice =
        node.oneKey(List.of("crop", "resized-crop", "flip", "rotation", "noise", "erase"));
    return switch (choice.name()) {
      case "crop" -> new Augmentation.Crop(choice.options().integer("padding", 4));
      case "resized-crop" ->
          new Augmentation.ResizedCrop(choice.options().number("smallest-area", 0.25));
      case "erase" ->
          new Augmentation.Erase(
              choice.options().number("probability", 0.5),
              choice.options().number("smallest-area", 0.02),
              choice.options().number("largest-area", 0.33));
      case "flip" ->
          new Augmentation.Flip(
              choice.bare()
                      || choice
                          .value()
                          .oneOf(List.of("horizontal", "vertical"))
                          .equals("horizontal")
                  ? Augmentation.Direction.HORIZONTAL
                  : Augmentation.Direction.VERTICAL);
      case "rotation" -> new Augmentation.Rotation(choice.options().number("degrees", 10));
      default -> new Augmentation.Noise(choice.options().number("std", 0.1));
    };
  }
}
