package io.ranbiki.data;

import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.Options;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Texts, a JSON object in every line: see {@link JsonLines}.
 *
 * @param files {@code folder}, or {@code train} and {@code test}
 * @param trainFile the texts to train on
 * @param testFile the texts of the test
 * @param lines how they are to be read
 * @param unlabelled the folder of a {@code train.jsonl} whose labels do not count
 */
record JsonlFormat(
    Map<String, Path> files,
    Path trainFile,
    Path testFile,
    JsonLines.Options lines,
    Optional<Unlabelled<Path>> unlabelled)
    implements Format {

  private static final String ENDING = ".jsonl";

  static JsonlFormat read(Options options) {
    return options.either("train", JsonlFormat::ofFiles, JsonlFormat::ofFolder);
  }

  private static JsonlFormat ofFiles(Options options) {
    Path train = options.path("train", "File of the texts to train on");
    Path test = options.path("test", "File of the texts of the test");
    Map<String, Path> files = new LinkedHashMap<>();
    files.put("train", train);
    files.put("test", test);
    return of(options, files, train, test);
  }

  private static JsonlFormat ofFolder(Options options) {
    Path folder = Unlabelled.folder(options);
    return of(
        options,
        Unlabelled.folders(folder, Optional.empty()),
        folder.resolve(Part.TRAIN + ENDING),
        folder.resolve(Part.TEST + ENDING));
  }

  private static JsonlFormat of(
      Options options, Map<String, Path> labelled, Path train, Path test) {
    List<String> text =
        options.oneOrMore(
            "text",
            List.of("text"),
            "The field of a text, or the two of a pair",
            ConfigNode::string);
    CsvFormat.requireTexts(options, text);
    List<String> labels =
        options.oneOrMore("label", List.of("label"), "The fields of the truth", ConfigNode::string);
    CsvRows.Kind kind =
        options.word("task", CsvRows.Kind.AUTO, "What the fields of the truth hold");
    Optional<String> key = options.optionalString("key", "The field of what people call a text");
    Optional<Unlabelled<Path>> unlabelled = Unlabelled.read(options, Unlabelled::folder);
    Map<String, Path> files = new LinkedHashMap<>(labelled);
    unlabelled.ifPresent(other -> files.put("unlabelled.folder", other.place()));
    return new JsonlFormat(
        files,
        train,
        test,
        new JsonLines.Options(
            text,
            CsvRows.Options.defaults()
                .withLabels(labels, kind)
                .withText(text.toArray(String[]::new)),
            key),
        unlabelled);
  }

  @Override
  public String name() {
    return "jsonl";
  }

  @Override
  public Task likelyTask() {
    return lines.truth().likelyTask();
  }

  @Override
  public List<Path> sources() {
    List<Path> sources =
        new ArrayList<>(List.of(Sources.there(trainFile), Sources.there(testFile)));
    unlabelled.ifPresent(set -> sources.add(Sources.there(inFolder(set))));
    return sources;
  }

  private static Path inFolder(Unlabelled<Path> set) {
    return set.place().resolve(Part.TRAIN + ENDING);
  }

  @Override
  public Dataset train() {
    return train(SampleSink.memory());
  }

  @Override
  public Dataset train(SampleSink sink) {
    return JsonLines.read(CsvRows.found(trainFile), lines, sink);
  }

  @Override
  public Dataset test(Dataset train) {
    return test(train, SampleSink.memory());
  }

  @Override
  public Dataset test(Dataset train, SampleSink sink) {
    return JsonLines.read(CsvRows.found(testFile), lines.withTask(train.task()), sink);
  }

  @Override
  public Dataset openUnlabelled(Dataset train) {
    return openUnlabelled(train, SampleSink.memory());
  }

  @Override
  public Dataset openUnlabelled(Dataset train, SampleSink sink) {
    Path file = inFolder(unlabelled.orElseThrow());
    return JsonLines.read(CsvRows.found(file), lines.unlabelled(), sink);
  }
}
