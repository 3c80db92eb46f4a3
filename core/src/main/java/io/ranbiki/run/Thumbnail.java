package io.ranbiki.run;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;

/** Pictures of samples, small enough that a page with all of them is. */
final class Thumbnail {

  /** Pixels of the longer side. */
  private static final int LONGEST = 96;

  private static final int LONGEST_READ = 4096;
  private static final long MOST_BYTES = 64L << 20;

  /** The first bytes of a PNG file, before the lengths of its sides. */
  private static final long SIGNATURE = 0x89504e470d0a1a0aL;

  private static final int HEADER = 24;

  /** No folder: a result may name anything. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]*\\.png");

  private Thumbnail() {}

  /** The picture as a PNG file; empty if it is missing or is none. */
  static Optional<byte[]> read(Path folder, String name) {
    if (!NAME.matcher(name).matches()) {
      return Optional.empty();
    }
    Path file = folder.resolve(name);
    try {
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > MOST_BYTES) {
        return Optional.empty();
      }
      byte[] png = Files.readAllBytes(file);
      if (png.length < HEADER || ByteBuffer.wrap(png).getLong() != SIGNATURE) {
        return Optional.empty();
      }
      int width = ByteBuffer.wrap(png).getInt(16);
      int height = ByteBuffer.wrap(png).getInt(20);
      int longest = Math.max(width, height);
      if (Math.min(width, height) < 1 || longest > LONGEST_READ) {
        return Optional.empty();
      }
      return longest <= LONGEST ? Optional.of(png) : smaller(file, (double) LONGEST / longest);
    } catch (IOException e) {
      return Optional.empty(); // a report is worth more than one of its pictures
    }
  }

  private static Optional<byte[]> smaller(Path file, double factor) throws IOException {
    BufferedImage image = ImageIO.read(file.toFile());
    int width = (int) Math.max(1, Math.round(image.getWidth() * factor));
    int height = (int) Math.max(1, Math.round(image.getHeight() * factor));
    BufferedImage small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = small.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    graphics.drawImage(image, 0, 0, width, height, null);
    graphics.dispose();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(small, "png", bytes);
    return Optional.of(bytes.toByteArray());
  }
}
