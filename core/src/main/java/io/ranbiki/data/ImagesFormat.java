package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.prepare.Colour;
import io.ranbiki.prepare.Values;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Images of any size in a folder for each class, see {@link ImageFolder}, or in a list: a CSV file
 * with the columns {@code image}, a path from the list's folder on, and {@code label}.
 *
 * @param folder where the folders {@code train} and {@code test} are, or, where they are split,
 *     those of the classes; empty if other places are named
 * @param trainPlace a folder of class folders, or a list; empty for what {@code folder} says
 * @param testPlace the same for the test
 * @param split how the images become two parts; empty if there are two
 * @param colour what is made of a pixel
 * @param skip what becomes of files that are no images, or damaged
 * @param unlabelled a folder of images without labels, side by side
 */
public record ImagesFormat(
    Optional<Path> folder,
    Optional<Path> trainPlace,
    Optional<Path> testPlace,
    Optional<Split> split,
    Colour colour,
    Skip skip,
    Optional<Unlabelled<Path>> unlabelled)
    implements Format {

  /**
   * How images become those of training and those of the test.
   *
   * @param share of every class that goes to the test, above 0 and below 1
   * @param seed chooses them
   */
  public record Split(double share, long seed) {}

  /** Checks that the places go together. */
  public ImagesFormat {
    if (folder.isEmpty() && trainPlace.isEmpty()) {
      throw RanbikiException.configuration(
          "No images are named. Say where they are: folder: FOLDER, or train: FOLDER or LIST.csv.");
    }
    if (split.isPresent() && testPlace.isPresent()) {
      throw RanbikiException.configuration(
          "The images of the test are named, and others are to be split off. Leave 'test' or"
              + " 'split' out.");
    }
    if (folder.isPresent()
        && trainPlace.isPresent()
        && (split.isPresent() || testPlace.isPresent())) {
      throw RanbikiException.configuration(
          "'folder' is %s, but the images are those of 'train'%s, so that nothing there would be"
              + " read. Leave 'folder' out.",
          folder.get(), testPlace.isPresent() ? " and 'test'" : "");
    }
    if (split.isEmpty() && folder.isEmpty() && testPlace.isEmpty()) {
      throw RanbikiException.configuration(
          "The images of training are named, but those of the test are not. Say test: FOLDER or"
              + " LIST.csv, or split: 0.2.");
    }
  }

  static ImagesFormat read(Options options) {
    Optional<Path> folder =
        options.optionalPath("folder", "Where the folders train and test are, or those of classes");
    Optional<Path> train =
        options.optionalPath("train", "A folder of class folders, or a list image,label in CSV");
    Optional<Path> test = options.optionalPath("test", "The same for the test");
    Optional<Double> share =
        options.optionalNumber(
            "split",
            "Share of every class that becomes the test; none if left out",
            Rule.above(0),
            Rule.below(1));
    long seed = options.longInteger("test-seed", 0, "Chooses the images that 'split' takes");
    return new ImagesFormat(
        folder,
        train,
        test,
        share.map(part -> new Split(part, seed)),
        options.word("colour", Colour.RGB, "What is made of a pixel"),
        Skip.read(options),
        Unlabelled.read(options, Unlabelled::folder));
  }

  @Override
  public String name() {
    return "images";
  }

  @Override
  public Map<String, Path> files() {
    Map<String, Path> files = new LinkedHashMap<>();
    folder.ifPresent(path -> files.put("folder", path));
    trainPlace.ifPresent(path -> files.put("train", path));
    testPlace.ifPresent(path -> files.put("test", path));
    unlabelled.ifPresent(set -> files.put("unlabelled.folder", set.place()));
    return files;
  }

  @Override
  public List<Path> sources() {
    List<Path> sources = new ArrayList<>();
    Path all = trainPlace.or(() -> folder).orElseThrow();
    boolean parts = split.isEmpty() && trainPlace.isEmpty();
    addSources(parts ? all.resolve(Part.TRAIN.toString()) : all, sources);
    if (split.isEmpty()) {
      addSources(
          testPlace.orElseGet(() -> folder.orElse(all).resolve(Part.TEST.toString())), sources);
    }
    unlabelled.ifPresent(set -> addSources(set.place(), sources));
    return sources;
  }

  /** A folder, or a list and all images that it names. */
  private static void addSources(Path place, List<Path> sources) {
    sources.add(place);
    if (Files.isRegularFile(place)) {
      try (Dataset rows = CsvRows.read(place, listed(List.of()))) {
        IntStream.range(0, rows.size())
            .mapToObj(index -> ((Values.Text) rows.read(index).get(Batch.TEXT)).value())
            .forEach(image -> sources.add(place.resolveSibling(image).normalize()));
      }
    }
  }

  @Override
  public boolean decodes() {
    return true;
  }

  private ImageFiles.Options options() {
    return new ImageFiles.Options(colour, skip, false);
  }

  @Override
  public Dataset train() {
    Path place = trainPlace.orElseGet(() -> folder.orElseThrow());
    if (split.isEmpty()) {
      return open(trainPlace.isPresent() ? place : part(Part.TRAIN), List.of(), options());
    }
    Dataset all = open(place, List.of(), options());
    int held = (int) Math.round(all.size() * split.get().share());
    if (held == 0 || held == all.size()) {
      throw RanbikiException.configuration(
          "The split %s of %,d images leaves %,d to train on and %,d for the test, but both need"
              + " one at least. Change the share, or add images.",
          split.get().share(), all.size(), all.size() - held, held);
    }
    Dataset kept = Splits.holdOutByClass(all, held, split.get().seed()).train();
    requireEveryClass(all, kept, split.get());
    return ((Subset) kept).withNotes();
  }

  private static void requireEveryClass(Dataset all, Dataset kept, Split split) {
    int[] counts = new int[all.strata()];
    IntStream.range(0, kept.size()).forEach(index -> counts[kept.stratum(index)]++);
    for (int label = 0; label < counts.length; label++) {
      if (counts[label] == 0) {
        throw RanbikiException.configuration(
            "The split %s with the test-seed %d leaves no training image of class '%s'. Take a"
                + " smaller share, or add images of it.",
            split.share(), split.seed(), all.task().names().get(label));
      }
    }
  }

  @Override
  public Dataset test(Dataset train) {
    if (split.isPresent() && train instanceof Subset kept) {
      return kept.rest();
    }
    return open(
        testPlace.orElseGet(() -> part(Part.TEST)), train.task().names(), options().like(train));
  }

  private Path part(Part part) {
    Path all = folder.orElseThrow();
    Sources.requireFolder(all);
    return all.resolve(part.toString());
  }

  @Override
  public Dataset openUnlabelled(Dataset train) {
    return ImageFolder.unlabelled(unlabelled.orElseThrow().place(), options().like(train));
  }

  private static Dataset open(Path place, List<String> classNames, ImageFiles.Options options) {
    return Files.isRegularFile(place)
        ? list(place, classNames, options)
        : ImageFolder.open(place, classNames, options);
  }

  private static Dataset list(Path file, List<String> classNames, ImageFiles.Options options) {
    List<Path> files = new ArrayList<>();
    List<String> keys = new ArrayList<>();
    try (Dataset rows = CsvRows.read(file, listed(classNames))) {
      int[] labels = IntStream.range(0, rows.size()).map(rows::stratum).toArray();
      for (int i = 0; i < labels.length; i++) {
        String image = ((Values.Text) rows.read(i).get(Batch.TEXT)).value();
        Path path = file.resolveSibling(image).normalize();
        if (image.isEmpty() || !Files.exists(path)) {
          throw RanbikiException.configuration(
              "There is no image '%s', which %s names. Paths begin at the folder of the list.",
              image, rows.place(i));
        }
        files.add(path);
        keys.add(image);
      }
      return ImageFiles.open(files, keys::get, labels, rows.task().names(), options);
    }
  }

  /** How a list is read. */
  private static CsvRows.Options listed(List<String> classNames) {
    return new CsvRows.Options(
        List.of("label"),
        CsvRows.Kind.CLASSES,
        List.of("image"),
        Optional.empty(),
        true,
        ',',
        CsvRows.Mixed.NONE,
        classNames);
  }
}
