package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * PNG and JPEG files in one folder per class: {@code folder/class/name.png}. Classes are the folder
 * names in order; an id is the position in the listing sorted by class and file name. Samples are
 * {@code [1 or 3, height, width]}, decoded when asked for; {@link InMemory#copyOf} decodes only
 * once. All images must have one size, which is checked when the folder is opened. Names that start
 * with a dot are left out; any other file is an error, so that no sample is lost in silence.
 */
public final class ImageFolder {

  private static final int LARGEST_IMAGE = 1 << 26;

  private ImageFolder() {}

  /** What is made of a pixel. */
  public enum Colour {
    /** One channel: luma as ITU-R BT.601 and Pillow's mode L have it. */
    GREY(1),
    /** Three channels: red, green, blue. An alpha channel is left out. */
    RGB(3);

    private final int channels;

    Colour(int channels) {
      this.channels = channels;
    }
  }

  /**
   * Opens the sub-folder {@code train} or {@code test} of a folder.
   *
   * @throws RanbikiException as {@link #open(Path, Colour)}
   */
  public static Dataset open(Path folder, Part part, Colour colour) {
    Sources.requireFolder(folder);
    return open(folder.resolve(part.toString()), colour);
  }

  /**
   * Opens a folder with one sub-folder per class.
   *
   * @throws RanbikiException if a folder is missing or empty, a file is not a PNG or JPEG image, or
   *     sizes differ
   */
  public static Dataset open(Path folder, Colour colour) {
    Sources.requireFolder(folder);
    List<Path> classes = list(folder);
    List<Path> files = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (int label = 0; label < classes.size(); label++) {
      if (!Files.isDirectory(classes.get(label))) {
        throw RanbikiException.configuration(
            "%s lies beside the class folders, where only folders may be. Move the file into the"
                + " folder of its class.",
            classes.get(label));
      }
      List<Path> images = images(classes.get(label));
      files.addAll(images);
      for (int i = 0; i < images.size(); i++) {
        labels.add(label);
      }
    }
    if (classes.isEmpty()) {
      throw RanbikiException.configuration(
          "%s has no class folders. Put the images of each class into a folder of its name.",
          folder);
    }
    List<String> names = classes.stream().map(c -> c.getFileName().toString()).toList();
    return dataset(files, labels.stream().mapToInt(label -> label).toArray(), names, colour);
  }

  /**
   * Opens a folder of images without classes, which has no sub-folders.
   *
   * @throws RanbikiException as {@link #open(Path, Colour)}
   */
  public static Dataset unlabelled(Path folder, Colour colour) {
    Sources.requireFolder(folder);
    list(folder).stream()
        .filter(Files::isDirectory)
        .findFirst()
        .ifPresent(
            inner -> {
              throw RanbikiException.configuration(
                  "%s is a folder, but images without labels lie side by side in one folder. Move"
                      + " its images up into %s.",
                  inner, folder);
            });
    List<Path> files = images(folder);
    int[] labels = new int[files.size()];
    Arrays.fill(labels, Dataset.UNLABELLED);
    return dataset(files, labels, List.of(), colour);
  }

  private static Dataset dataset(
      List<Path> files, int[] labels, List<String> classNames, Colour colour) {
    int[] size = size(files.get(0));
    if ((long) size[0] * size[1] * colour.channels > LARGEST_IMAGE) {
      throw RanbikiException.configuration(
          "%s is %d x %d pixels large, but an image may have %d numbers at most. Make the images"
              + " smaller.",
          files.get(0), size[1], size[0], LARGEST_IMAGE);
    }
    IntStream.range(1, files.size())
        .parallel()
        .forEach(index -> requireSize(files, index, size, size(files.get(index))));
    return new Samples(
        new int[] {colour.channels, size[0], size[1]},
        labels,
        classNames,
        index -> index,
        (index, target, offset) -> {
          BufferedImage image = decode(files.get(index));
          requireSize(files, index, size, new int[] {image.getHeight(), image.getWidth()});
          write(image, colour, target, offset);
        },
        () -> {
          Fingerprint fingerprint = new Fingerprint("image-folder").text(colour.name());
          fingerprint.texts(classNames).ints(labels);
          files.forEach(fingerprint::file);
          return fingerprint.hex();
        },
        () -> {});
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(path -> !path.getFileName().toString().startsWith("."))
          .sorted((a, b) -> a.getFileName().toString().compareTo(b.getFileName().toString()))
          .toList();
    } catch (IOException e) {
      throw Sources.unreadable(folder, e);
    }
  }

  private static List<Path> images(Path folder) {
    List<Path> files = list(folder);
    if (files.isEmpty()) {
      throw RanbikiException.configuration(
          "The image folder %s is empty. Put images into it or remove it.", folder);
    }
    for (Path file : files) {
      String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
      if (!Files.isRegularFile(file)
          || !(name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg"))) {
        throw RanbikiException.configuration(
            "%s is not a file that ends in .png, .jpg or .jpeg. Convert it or move it elsewhere.",
            file);
      }
    }
    return files;
  }

  private static void requireSize(List<Path> files, int index, int[] size, int[] found) {
    if (!Arrays.equals(size, found)) {
      throw RanbikiException.configuration(
          "%s is %d x %d pixels large, but %s is %d x %d, and all images must have one size."
              + " Bring them to the same size.",
          files.get(index), found[1], found[0], files.get(0), size[1], size[0]);
    }
  }

  private interface Use<T> {
    T of(ImageReader reader) throws IOException;
  }

  /** Height and width, from the header alone. */
  private static int[] size(Path file) {
    return with(file, reader -> new int[] {reader.getHeight(0), reader.getWidth(0)});
  }

  private static BufferedImage decode(Path file) {
    return with(file, reader -> reader.read(0));
  }

  private static <T> T with(Path file, Use<T> use) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw Sources.unreadable(file, e);
    }
    // Not ImageIO.read: it writes to a temporary file, and hides why it returns nothing.
    try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new IOException("neither PNG nor JPEG");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        return use.of(reader);
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      throw new RanbikiException(
          RanbikiException.Kind.CONFIGURATION,
          file + " is empty, damaged, or not a PNG or JPEG image. Replace or remove it.",
          e);
    }
  }

  private static void write(BufferedImage image, Colour colour, float[] target, int offset) {
    int width = image.getWidth();
    int height = image.getHeight();
    int plane = width * height;
    boolean plainGrey =
        image.getRaster().getNumBands() <= 2 && !(image.getColorModel() instanceof IndexColorModel);
    if (plainGrey) {
      // getRGB would bend the values: it takes grey for linear light.
      Raster raster = image.getRaster();
      float[] row = new float[width];
      float largest = (1 << raster.getSampleModel().getSampleSize(0)) - 1;
      for (int y = 0; y < height; y++) {
        raster.getSamples(0, y, width, 1, 0, row);
        for (int x = 0; x < width; x++) {
          for (int channel = 0; channel < colour.channels; channel++) {
            target[offset + channel * plane + y * width + x] = row[x] / largest;
          }
        }
      }
      return;
    }
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        int red = row[x] >> 16 & 0xff;
        int green = row[x] >> 8 & 0xff;
        int blue = row[x] & 0xff;
        int at = offset + y * width + x;
        if (colour == Colour.GREY) {
          int luma = (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
          target[at] = luma / 255f;
        } else {
          target[at] = red / 255f;
          target[at + plane] = green / 255f;
          target[at + 2 * plane] = blue / 255f;
        }
      }
    }
  }
}
