package io.ranbiki.prepare;

import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A JPEG file: what its markers say, and how its components become red, green and blue, as libjpeg
 * and Pillow's {@code convert("RGB")} do it. Java's own conversion applies colour profiles, guesses
 * other colour spaces than libjpeg and differs between versions; here no profile is applied.
 *
 * <p>Source: libjpeg 6b, {@code jdapimin.c} for the colour space and {@code jdcolor.c} for the
 * numbers; Pillow 12.3, {@code Convert.c} for CMYK.
 */
final class Jpeg {

  private static final int START = 0xd8;
  private static final int END = 0xd9;
  private static final int SCAN = 0xda;
  private static final int FIRST_RESTART = 0xd0;
  private static final int COMMENT = 0xfe;
  private static final int FIRST_APPLICATION = 0xe0;
  private static final int LAST_APPLICATION = 0xef;

  private static final int ORIENTATION = 0x112;
  private static final int MOST_TURNED = 8;

  /** Numbers of jdcolor.c have 16 binary places. */
  private static final int PLACES = 16;

  private static final int HALF = 1 << (PLACES - 1);

  private static final int[] RED_OF_CR = new int[256];
  private static final int[] GREEN_OF_CR = new int[256];
  private static final int[] GREEN_OF_CB = new int[256];
  private static final int[] BLUE_OF_CB = new int[256];

  static {
    for (int i = 0; i < 256; i++) {
      int chroma = i - 128;
      RED_OF_CR[i] = 91881 * chroma + HALF >> PLACES;
      GREEN_OF_CR[i] = -46802 * chroma;
      GREEN_OF_CB[i] = -22554 * chroma + HALF;
      BLUE_OF_CB[i] = 116130 * chroma + HALF >> PLACES;
    }
  }

  private enum Space {
    GREY,
    RGB,
    YCC,
    CMYK,
    YCCK
  }

  private final byte[] bytes;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private byte[] components = new byte[0];
  private boolean jfif;
  private boolean exif;
  private boolean turned;
  private boolean profile;
  private int adobe = -1;
  private int height;
  private int width;

  /**
   * Reads the markers.
   *
   * @throws EOFException if the file ends before its end marker; libjpeg makes up the rest
   * @throws IOException if the picture has not 1, 3 or 4 components
   */
  Jpeg(byte[] bytes) throws IOException {
    this(bytes, END);
  }

  /**
   * Reads the markers before the pixels.
   *
   * @param beginning of a file
   * @throws EOFException if it ends before them
   * @throws IOException if the picture has not 1, 3 or 4 components
   */
  static Jpeg head(byte[] beginning) throws IOException {
    return new Jpeg(beginning, SCAN);
  }

  private Jpeg(byte[] bytes, int last) throws IOException {
    this.bytes = bytes;
    int at = 0;
    int copied = 0;
    for (int code = START; code != last; ) {
      int marker = marker(at);
      code = bytes[marker] & 0xff;
      at = marker + 1;
      if (code == END && last != END) {
        throw new IOException("no pixels");
      }
      // Zero is a data byte of 255; start, end and restarts stand alone, and so do reserved ones.
      if (code > END && code != 0xff || code >= 0xc0 && code < FIRST_RESTART) {
        int end = at + length(at);
        note(code, at + 2, end);
        if (code >= FIRST_APPLICATION && code <= LAST_APPLICATION || code == COMMENT) {
          kept.write(bytes, copied, marker - 1 - copied);
          copied = end;
        }
        at = end;
      }
    }
    kept.write(bytes, copied, at - copied);
    if (components.length != 1 && components.length != 3 && components.length != 4) {
      throw new IOException(components.length + " components");
    }
  }

  /** The place of the next marker's code: not 255, behind a 255. */
  private int marker(int from) throws IOException {
    int at = from;
    while (at < bytes.length && (bytes[at] & 0xff) != 0xff) {
      at++;
    }
    while (at < bytes.length && (bytes[at] & 0xff) == 0xff) {
      at++;
    }
    if (at >= bytes.length) {
      throw truncated();
    }
    return at;
  }

  private int length(int at) throws IOException {
    int length = at + 2 > bytes.length ? 2 : (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
    if (at + Math.max(2, length) > bytes.length) {
      throw truncated();
    }
    return Math.max(2, length);
  }

  private static EOFException truncated() {
    return new EOFException("no end marker");
  }

  private void note(int code, int from, int to) {
    boolean frame = code >= 0xc0 && code <= 0xcf && code != 0xc4 && code != 0xc8 && code != 0xcc;
    if (frame && components.length == 0 && to - from > 5) {
      height = (bytes[from + 1] & 0xff) << 8 | bytes[from + 2] & 0xff;
      width = (bytes[from + 3] & 0xff) << 8 | bytes[from + 4] & 0xff;
      components = new byte[Math.min(bytes[from + 5] & 0xff, (to - from - 6) / 3)];
      for (int i = 0; i < components.length; i++) {
        components[i] = bytes[from + 6 + 3 * i];
      }
    } else if (code == FIRST_APPLICATION) {
      jfif |= to - from >= 14 && begins(from, to, "JFIF\0");
    } else if (code == FIRST_APPLICATION + 1) {
      if (begins(from, to, "Exif\0")) {
        exif = true;
        turned |= orientation(from, to) > 1;
      }
    } else if (code == FIRST_APPLICATION + 2) {
      profile |= begins(from, to, "ICC_PROFILE\0");
    } else if (code == FIRST_APPLICATION + 14 && to - from >= 12 && begins(from, to, "Adobe")) {
      adobe = bytes[from + 11] & 0xff;
    }
  }

  /** How the camera was held, 1 for upright to 8: tag 0x112 of the TIFF block in an EXIF remark. */
  private int orientation(int from, int to) {
    int block = from + 6;
    if (to - block < 8) {
      return 1;
    }
    ByteBuffer tiff =
        ByteBuffer.wrap(bytes, block, to - block)
            .slice()
            .order(bytes[block] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    int directory = tiff.getInt(4);
    if (directory < 8 || directory > tiff.limit() - 2) {
      return 1;
    }
    int entries = Short.toUnsignedInt(tiff.getShort(directory));
    for (int i = 0, at = directory + 2; i < entries && at + 12 <= tiff.limit(); i++, at += 12) {
      if (tiff.getShort(at) == ORIENTATION) {
        int held = tiff.getShort(at + 8);
        return held <= MOST_TURNED ? held : 1;
      }
    }
    return 1;
  }

  private boolean begins(int from, int to, String text) {
    byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
    if (to - from < wanted.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (bytes[from + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  /** In pixels. */
  int height() {
    return height;
  }

  /** In pixels. */
  int width() {
    return width;
  }

  /** The file without what does not change its components, such as profiles and thumbnails. */
  byte[] withoutRemarks() {
    return kept.toByteArray();
  }

  /** Whether Java's own conversion gives the same pixels. */
  boolean isPlain() {
    return !profile
        && (components.length == 1
            || (components.length == 3 && (jfif || exif || adobe == 0 || adobe == 1)));
  }

  /** Whether the camera says that a viewer is to turn or mirror the picture. */
  boolean isTurned() {
    return turned;
  }

  boolean isGrey() {
    return components.length == 1;
  }

  private Space space() {
    if (components.length == 4) {
      return adobe > 0 ? Space.YCCK : Space.CMYK;
    }
    if (jfif) {
      return Space.YCC;
    }
    if (adobe >= 0) {
      return adobe == 0 ? Space.RGB : Space.YCC;
    }
    boolean letters = components[0] == 'R' && components[1] == 'G' && components[2] == 'B';
    return letters ? Space.RGB : Space.YCC;
  }

  /**
   * Makes a row of {@code 0xRRGGBB} of the components as they are stored.
   *
   * @param stored {@code [height, width]} of 3 or 4 bands
   * @param row as many numbers as the width
   */
  void colours(Raster stored, int y, int[] row) {
    int bands = stored.getNumBands();
    // As they lie in memory: asked for as numbers, each would be fetched by itself.
    byte[] values = (byte[]) stored.getDataElements(0, y, row.length, 1, null);
    Space space = space();
    boolean ycc = space == Space.YCC || space == Space.YCCK;
    for (int x = 0, at = 0; x < row.length; x++, at += bands) {
      int first = values[at] & 0xff;
      int second = values[at + 1] & 0xff;
      int third = values[at + 2] & 0xff;
      row[x] = ycc ? ycc(first, second, third) : first << 16 | second << 8 | third;
    }
    if (bands == 4) {
      for (int x = 0; x < row.length; x++) {
        // All programs store inks inverted. YCCK holds their complement, so that two turns cancel.
        int light = space == Space.YCCK ? row[x] ^ 0xffffff : row[x];
        row[x] = ink(light, values[4 * x + 3] & 0xff);
      }
    }
  }

  /** JFIF's conversion as jdcolor.c rounds it. */
  private static int ycc(int y, int cb, int cr) {
    return clamped(y + RED_OF_CR[cr]) << 16
        | clamped(y + (GREEN_OF_CB[cb] + GREEN_OF_CR[cr] >> PLACES)) << 8
        | clamped(y + BLUE_OF_CB[cb]);
  }

  private static int clamped(int value) {
    return Math.min(255, Math.max(0, value));
  }

  /** Paper that shows the light of inverted inks, less what black takes, as Pillow rounds it. */
  private static int ink(int light, int blackLeft) {
    return ink(light >> 16 & 0xff, blackLeft, 16)
        | ink(light >> 8 & 0xff, blackLeft, 8)
        | ink(light & 0xff, blackLeft, 0);
  }

  private static int ink(int light, int blackLeft, int shift) {
    int product = (255 - light) * blackLeft + 128;
    return clamped(blackLeft - ((product >> 8) + product >> 8)) << shift;
  }
}
