package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Colour;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Image;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Values;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Images, each in a file of its own, decoded when asked for. When they are opened, only the first
 * and the last bytes of each are read: whether it is an image, of what size, and there to its end.
 * Images of one size are samples {@code [1 or 3, height, width]}; where sizes differ, the lengths
 * vary from sample to sample, and networks bring them to one by their preparation.
 */
final class ImageFiles {

  /**
   * How images are read.
   *
   * @param colour what is made of a pixel
   * @param skip what becomes of a file that is no image; to find those whose damage lies inside,
   *     each is decoded when it is opened
   * @param anySize whether lengths vary also where all images have one size, as those of training
   *     differ
   */
  record Options(Colour colour, Skip skip, boolean anySize) {
    static Options of(Colour colour) {
      return new Options(colour, Skip.NONE, false);
    }

    /** For samples that go with others. */
    Options like(Dataset others) {
      return new Options(colour, skip, others.input().varies());
    }
  }

  private final Options options;
  private final List<Path> files;

  /** Of each file; null for one that is left out. */
  private final Image.@Nullable Header[] headers;

  /** The files that the decoder found fault with, and read all the same. */
  private final Set<Integer> damaged = ConcurrentHashMap.newKeySet();

  private ImageFiles(List<Path> files, Options options) {
    this.options = options;
    this.files = files;
    headers = new Image.Header[files.size()];
    RanbikiException[] refusals = new RanbikiException[headers.length];
    IntStream.range(0, headers.length)
        .parallel()
        .forEach(
            index -> {
              try {
                headers[index] = header(index);
              } catch (RanbikiException e) {
                refusals[index] = e;
              }
            });
    for (RanbikiException refusal : refusals) {
      if (refusal != null) {
        throw refusal; // the first by name, whichever thread was faster
      }
    }
  }

  private Image.@Nullable Header header(int index) {
    Path file = files.get(index);
    try {
      Image.Header header = Image.header(file);
      if (options.skip == Skip.DAMAGED && Image.read(file).isDamaged()) {
        return null;
      }
      return header;
    } catch (RanbikiException e) {
      if (Files.isDirectory(file)) {
        throw new RanbikiException(
            RanbikiException.Kind.CONFIGURATION,
            file + " is a folder where images must lie. Move its images up, and remove it.",
            e);
      }
      if (options.skip == Skip.DAMAGED && e.kind() == RanbikiException.Kind.CONFIGURATION) {
        return null;
      }
      throw e;
    }
  }

  /**
   * Opens files.
   *
   * @param keys what people call each, see {@link Dataset#key}
   * @param labels a class for each, or {@link Dataset#UNLABELLED}
   * @param classNames the names of the classes; empty if there are none
   * @throws RanbikiException if one is no image, or cannot be read, or none is left
   */
  static Dataset open(
      List<Path> files,
      IntFunction<String> keys,
      int[] labels,
      List<String> classNames,
      Options options) {
    return new ImageFiles(files, options).dataset(keys, labels, classNames);
  }

  private Dataset dataset(IntFunction<String> keys, int[] labels, List<String> classNames) {
    int[] kept = IntStream.range(0, headers.length).filter(i -> headers[i] != null).toArray();
    if (kept.length == 0) {
      throw RanbikiException.configuration(
          "None of %,d files is an image that can be decoded, the first being %s. Check the path.",
          files.size(), files.get(0));
    }
    int[] shape = shape(kept);
    if (shape.length == 0) {
      for (int index : kept) {
        Image.Header header = headers[index];
        if (header != null) {
          Step.Resize.requireUsable(header.height(), header.width(), files.get(index).toString());
        }
      }
    }
    int[] keptLabels = IntStream.of(kept).map(index -> labels[index]).toArray();
    Dataset samples =
        new Samples(
            List.of(field(shape)),
            new Truth.OfClasses(keptLabels, new Task.Classes(classNames)),
            index -> kept[index],
            new Source(kept, shape),
            () -> fingerprint(kept, keptLabels, classNames),
            () -> {});
    return new Placed(
        samples, index -> files.get(kept[index]).toString(), index -> keys.apply(kept[index]));
  }

  /** {@code [channels, height, width]}; empty if they differ. */
  private int[] shape(int[] kept) {
    Image.Header first = headers[kept[0]];
    if (options.anySize || first == null) {
      return new int[0];
    }
    for (int index : kept) {
      Image.Header other = headers[index];
      if (other != null && (other.height() != first.height() || other.width() != first.width())) {
        return new int[0];
      }
    }
    return new int[] {options.colour.channels(), first.height(), first.width()};
  }

  private Field field(int[] shape) {
    return shape.length > 0
        ? InMemory.image(shape)
        : new Field(
            Batch.IMAGE,
            Field.Kind.UINT8,
            List.of(options.colour.channels(), Field.ANY, Field.ANY));
  }

  private String fingerprint(int[] kept, int[] labels, List<String> classNames) {
    Fingerprint fingerprint = new Fingerprint("image-folder").text(options.colour.name());
    for (int index : kept) {
      Image.Header header = headers[index];
      if (header != null && !header.plain()) {
        // Answers to pixels that went through a colour profile must not stand for these.
        fingerprint.text("components of JPEG as stored");
        break;
      }
    }
    fingerprint.texts(classNames).ints(labels);
    if (kept.length < files.size()) {
      fingerprint.ints(kept);
    }
    for (int index : kept) {
      fingerprint.file(files.get(index));
    }
    return fingerprint.hex();
  }

  /** Decodes the files that were kept. */
  private final class Source implements Samples.Source {

    private final int[] kept;

    /** Of all images; empty if they differ. */
    private final int[] shape;

    Source(int[] kept, int[] shape) {
      this.kept = kept;
      this.shape = shape;
    }

    @Override
    public Row read(int index) {
      Path file = files.get(kept[index]);
      Image image = Image.read(file);
      if (shape.length > 0 && (image.height() != shape[1] || image.width() != shape[2])) {
        throw RanbikiException.configuration(
            "%s is %d x %d pixels large, but was %d x %d when the run began. Start it again.",
            file, image.width(), image.height(), shape[2], shape[1]);
      }
      if (image.isDamaged()) {
        damaged.add(kept[index]);
      }
      int[] own = {options.colour.channels(), image.height(), image.width()};
      return Row.of(Batch.IMAGE, new Values.Bytes(image.bytes(options.colour), own));
    }

    @Override
    public List<String> notes() {
      List<String> notes = new ArrayList<>();
      note(
          notes,
          IntStream.range(0, headers.length).filter(i -> headers[i] == null),
          "Left out are %,d of %,d files, which are damaged or no images; the first is %s.");
      note(
          notes,
          IntStream.of(kept).filter(i -> headers[i] != null && headers[i].turned()),
          "What the camera says of %,d of %,d images (EXIF) lets viewers turn them, first of %s;"
              + " networks see them as they lie in the file.");
      note(
          notes,
          damaged.stream().mapToInt(i -> i),
          "The data of %,d of %,d images are damaged, first of %s; they were read all the same,"
              + " but may not look as they should.");
      return notes;
    }

    /** Adds a sentence that counts some of the files, and names the first. */
    private void note(List<String> notes, IntStream some, String sentence) {
      int[] found = some.sorted().toArray();
      if (found.length > 0) {
        notes.add(
            String.format(Locale.ROOT, sentence, found.length, files.size(), files.get(found[0])));
      }
    }
  }
}
