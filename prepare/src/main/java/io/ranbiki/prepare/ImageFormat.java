package io.ranbiki.prepare;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;

/** The formats of images, told by the first bytes of a file; its name says nothing. */
enum ImageFormat {
  /** Portable Network Graphics. */
  PNG("PNG", new int[] {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'}),
  /** The format of cameras. */
  JPEG("JPEG", new int[] {0xff, 0xd8, 0xff}),
  /** Bitmaps of Windows. */
  BMP("BMP", new int[] {'B', 'M'}),
  /** People also have GIF files under the name of a PNG. */
  GIF("GIF", new int[] {'G', 'I', 'F', '8'}),
  /** Read by a plug-in of ImageIO. */
  WEBP("WebP", new int[] {'R', 'I', 'F', 'F'});

  /** Bytes of a file that tell its format and, but for JPEG, its size. */
  static final int HEAD = 64;

  /** How other files begin that people have under the name of an image. */
  private static final Map<String, String> OTHERS =
      Map.of(
          "II*\0", "TIFF",
          "MM\0*", "TIFF",
          "%PDF", "PDF",
          "8BPS", "Photoshop",
          "<svg", "SVG",
          "<!DOCTYPE html", "HTML",
          "<html", "HTML",
          "\u00ff\n", "JPEG XL");

  private static final int PNG_FIRST_CHUNK = 8;
  private static final byte[] PNG_END = {0, 0, 0, 0, 'I', 'E', 'N', 'D'};

  private final String word;
  private final int[] signature;

  ImageFormat(String word, int[] signature) {
    this.word = word;
    this.signature = signature;
  }

  /** As people write it. */
  String word() {
    return word;
  }

  /** The format of a file that begins so; empty for any other kind of file. */
  static Optional<ImageFormat> of(byte[] bytes) {
    return Arrays.stream(values())
        .filter(format -> format.begins(bytes))
        .filter(format -> format != WEBP || isAt(bytes, 8, "WEBP"))
        .findFirst();
  }

  /** What else a file is that people have among their images, where that can be told. */
  static Optional<String> other(byte[] bytes) {
    String begin = new String(bytes, 0, Math.min(HEAD, bytes.length), StandardCharsets.ISO_8859_1);
    if (begin.startsWith("ftyp", 4) && begin.length() >= 12) {
      String brand = begin.substring(8, 12);
      return Optional.of(
          brand.startsWith("avi") ? "AVIF" : brand.matches("he..|mif1|msf1") ? "HEIC" : "video");
    }
    return OTHERS.entrySet().stream()
        .filter(known -> begin.startsWith(known.getKey()))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private boolean begins(byte[] bytes) {
    for (int i = 0; i < signature.length; i++) {
      if (i >= bytes.length || (bytes[i] & 0xff) != signature[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * What the beginning of a file says.
   *
   * @param head as many bytes as there are
   * @throws EOFException if more of them are needed
   * @throws IOException if they are not those of this format
   */
  Image.Header header(byte[] head) throws IOException {
    return switch (this) {
      case PNG -> png(head);
      case JPEG -> {
        Jpeg jpeg = Jpeg.head(head);
        requirePixels(jpeg.height(), jpeg.width());
        yield new Image.Header(jpeg.height(), jpeg.width(), jpeg.isPlain(), false, jpeg.isTurned());
      }
      case BMP -> bmp(head);
      case GIF -> header(little(head, 8, 2), little(head, 6, 2), false);
      case WEBP -> webp(head);
    };
  }

  private static Image.Header header(int height, int width, boolean animated) throws IOException {
    requirePixels(height, width);
    return new Image.Header(height, width, true, animated, false);
  }

  private static void requirePixels(int height, int width) throws IOException {
    if (height < 1 || width < 1) {
      throw new IOException("no pixels");
    }
  }

  private static Image.Header png(byte[] head) throws IOException {
    int width = big(head, 16);
    int height = big(head, 20);
    CRC32 sum = new CRC32();
    int stored = big(head, 29);
    sum.update(head, 12, 17);
    if ((int) sum.getValue() != stored) {
      throw new IOException("a damaged header"); // Java's reader would believe it
    }
    boolean animated = false;
    int at = PNG_FIRST_CHUNK;
    while (!isAt(head, at + 4, "IDAT") && !animated) {
      int length = big(head, at);
      animated = isAt(head, at + 4, "acTL");
      if (length < 0 || at + 12L + length > Integer.MAX_VALUE) {
        throw new IOException("a chunk of " + length + " bytes");
      }
      at += 12 + length;
      big(head, at); // is there, or more bytes are needed
    }
    return header(height, width, animated);
  }

  private static Image.Header bmp(byte[] head) throws IOException {
    boolean old = little(head, 14, 4) == 12;
    int width = little(head, 18, old ? 2 : 4);
    int height = old ? little(head, 20, 2) : Math.abs(little(head, 22, 4));
    return header(height, width, false);
  }

  private static Image.Header webp(byte[] head) throws IOException {
    if (isAt(head, 12, "VP8X")) {
      boolean animated = (little(head, 20, 1) & 2) != 0;
      return header(little(head, 27, 3) + 1, little(head, 24, 3) + 1, animated);
    }
    if (isAt(head, 12, "VP8L")) {
      int sizes = little(head, 21, 4);
      return header((sizes >> 14 & 0x3fff) + 1, (sizes & 0x3fff) + 1, false);
    }
    return header(little(head, 28, 2) & 0x3fff, little(head, 26, 2) & 0x3fff, false);
  }

  /**
   * Checks that a file is there to its end, as far as that can be seen without decoding it.
   *
   * @param tail its last bytes, 16 or fewer
   * @param size of the file in bytes
   * @return whether it is; a JPEG file may also have something behind its end
   */
  boolean ends(byte[] head, byte[] tail, long size) throws IOException {
    return switch (this) {
      case PNG -> tail.length >= 12 && isAt(tail, tail.length - 12, PNG_END);
      case JPEG -> isAt(tail, tail.length - 2, new byte[] {(byte) 0xff, (byte) 0xd9});
      case GIF -> tail[tail.length - 1] == ';';
      case WEBP -> Integer.toUnsignedLong(little(head, 4, 4)) + 8 <= size;
      case BMP -> {
        boolean plain = little(head, 14, 4) >= 40 && little(head, 30, 4) == 0;
        long row = ((long) little(head, 18, 4) * little(head, 28, 2) + 31) / 32 * 4;
        yield !plain || little(head, 10, 4) + row * Math.abs(little(head, 22, 4)) <= size;
      }
    };
  }

  private static boolean isAt(byte[] bytes, int at, String text) {
    return isAt(bytes, at, text.getBytes(StandardCharsets.US_ASCII));
  }

  private static boolean isAt(byte[] bytes, int at, byte[] wanted) {
    return at >= 0
        && at + wanted.length <= bytes.length
        && Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length);
  }

  private static int big(byte[] bytes, int at) throws EOFException {
    return Integer.reverseBytes(little(bytes, at, 4));
  }

  private static int little(byte[] bytes, int at, int count) throws EOFException {
    if (at + count > bytes.length) {
      throw new EOFException("the header ends early");
    }
    int value = 0;
    for (int i = count - 1; i >= 0; i--) {
      value = value << 8 | bytes[at + i] & 0xff;
    }
    return value;
  }
}
