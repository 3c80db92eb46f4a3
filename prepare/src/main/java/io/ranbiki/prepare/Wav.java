package io.ranbiki.prepare;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioFormat.Encoding;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;
import org.jspecify.annotations.Nullable;

/**
 * Reads WAV files: PCM of 8 (unsigned), 16, 24 and 32 bits, floating point of 32 bits, A-law and
 * mu-law. Samples become numbers in [-1, 1), as whole numbers divided by half of their range, and
 * of several channels the mean.
 */
public final class Wav {

  /** Longer than the head of any file that people have, with its remarks. */
  private static final int HEAD = 1 << 16;

  /** Of its letters and its length. */
  private static final int CHUNK_HEAD = 8;

  private static final String DATA = "data";
  private static final int PCM = 1;
  private static final int EXTENSIBLE = 0xfffe;

  /** How other files begin that people have under the name of a WAV file. */
  private static final Map<String, String> OTHERS =
      Map.of(
          "ID3", "MP3",
          "\u00ff\u00fb", "MP3",
          "\u00ff\u00f3", "MP3",
          "fLaC", "FLAC",
          "OggS", "Ogg",
          "FORM", "AIFF",
          ".snd", "AU",
          "RF64", "RF64",
          "\u0089PNG", "PNG",
          "\u00ff\u00d8", "JPEG");

  private static final Map<Integer, String> CODECS =
      Map.of(
          2,
          "ADPCM",
          3,
          "floating point",
          0x11,
          "IMA ADPCM",
          0x31,
          "GSM 6.10",
          0x50,
          "MPEG",
          0x55,
          "MP3",
          0xff,
          "AAC");

  private Wav() {}

  /**
   * What the head of a file says.
   *
   * @param rate samples a second
   * @param samples of one channel
   */
  public record Header(int rate, long samples) {}

  /**
   * Reads the head of a file, and looks whether the file is as long as it says; of floating point
   * also whether all of it are numbers.
   *
   * @throws RanbikiException as {@link #read(Path)}
   */
  public static Header header(Path file) {
    String name = file.toString();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), HEAD)) {
      in.mark(HEAD);
      byte[] head = in.readNBytes(HEAD);
      in.reset();
      requireWav(head, name);
      if (chunk(head, DATA) < 0) {
        Values.Sound all = read(file); // whose remarks are longer than its head
        return new Header(all.rate(), all.wave().length);
      }
      try (AudioInputStream sound = open(in, head, Files.size(file), name)) {
        if (sound.getFormat().getEncoding().equals(Encoding.PCM_FLOAT)) {
          read(file); // only there can a number be no number
        }
        if (sound.getFrameLength() == 0) {
          throw empty(name);
        }
        return new Header(Math.round(sound.getFormat().getSampleRate()), sound.getFrameLength());
      }
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  /**
   * Reads a file.
   *
   * @throws RanbikiException of kind CONFIGURATION if it is no WAV file, of a codec that Java does
   *     not know, damaged, without samples, or holds a number that is not finite; of kind IO if it
   *     cannot be read
   */
  public static Values.Sound read(Path file) {
    String name = file.toString();
    try {
      try (InputStream in = Files.newInputStream(file)) {
        requireWav(in.readNBytes(12), name);
      }
      Memory.requireHeap(
          Kind.CONFIGURATION, 3.0 * Files.size(file), "Reading " + name, "Cut it into parts");
      return read(Files.readAllBytes(file), name);
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  /**
   * Reads the bytes of a file.
   *
   * @param name of the sound, to begin a sentence with
   * @throws RanbikiException as {@link #read(Path)}
   */
  public static Values.Sound read(byte[] bytes, String name) {
    requireWav(bytes, name);
    try (AudioInputStream sound =
        open(new ByteArrayInputStream(bytes), bytes, bytes.length, name)) {
      AudioFormat format = sound.getFormat();
      byte[] data = sound.readAllBytes();
      float[] wave = wave(data, format);
      if (wave.length == 0) {
        throw empty(name);
      }
      for (int i = 0; i < wave.length; i++) {
        if (!Float.isFinite(wave[i])) {
          throw RanbikiException.configuration(
              "Sample %d of %s, counted from 0, is %s, but must be finite. Repair or remove it.",
              i, name, wave[i]);
        }
      }
      return new Values.Sound(wave, Math.round(format.getSampleRate()));
    } catch (IOException e) {
      throw damaged(name, e);
    }
  }

  /**
   * Samples in the format in which Java gives them: whole numbers or floats.
   *
   * @param head what the file begins with, up to its samples or all of it
   * @param size of the file
   */
  private static AudioInputStream open(InputStream in, byte[] head, long size, String name) {
    int data = chunk(head, DATA);
    if (data < 0) {
      throw damaged(name, null);
    }
    AudioInputStream sound;
    try {
      sound = AudioSystem.getAudioInputStream(in);
    } catch (UnsupportedAudioFileException e) {
      throw unknownCodec(head, name, e);
    } catch (IOException | RuntimeException e) {
      throw damaged(name, e);
    }
    long told = length(head, data);
    long there = size - data - CHUNK_HEAD;
    if (told > there) {
      throw RanbikiException.configuration(
          "%s ends early: it says that it holds %,d bytes of sound, but has %,d. Fetch it again or"
              + " remove it.",
          name, told, there);
    }
    AudioFormat format = sound.getFormat();
    Encoding encoding = format.getEncoding();
    if (encoding.equals(Encoding.ALAW) || encoding.equals(Encoding.ULAW)) {
      return AudioSystem.getAudioInputStream(Encoding.PCM_SIGNED, sound);
    }
    boolean floats = encoding.equals(Encoding.PCM_FLOAT) && format.getSampleSizeInBits() == 32;
    boolean numbers =
        encoding.equals(Encoding.PCM_SIGNED) || encoding.equals(Encoding.PCM_UNSIGNED);
    int bytes = format.getFrameSize() / Math.max(1, format.getChannels());
    boolean sensible = bytes >= 1 && bytes <= 4 && format.getSampleRate() >= 1;
    if (!(floats || numbers) || !sensible) {
      throw unknownCodec(head, name, null);
    }
    return sound;
  }

  private static void requireWav(byte[] head, String name) {
    if (head.length == 0) {
      throw RanbikiException.configuration("%s is empty. Fetch it again or remove it.", name);
    }
    String begin = new String(head, 0, Math.min(12, head.length), StandardCharsets.ISO_8859_1);
    if (begin.startsWith("RIFF") && begin.endsWith("WAVE")) {
      return;
    }
    String other =
        OTHERS.entrySet().stream()
            .filter(known -> begin.startsWith(known.getKey()))
            .map(known -> ": it begins as a file of the format " + known.getValue())
            .findFirst()
            .orElse(begin.startsWith("RIFF") ? "" : ", or its beginning is damaged");
    throw RanbikiException.configuration(
        "%s is not a WAV file%s. Convert it to WAV, or remove it.", name, other);
  }

  private static RanbikiException unknownCodec(byte[] head, String name, @Nullable Exception e) {
    int codec = codec(head);
    if (codec < 0 || codec == PCM && e != null) {
      return damaged(name, e);
    }
    String known = CODECS.getOrDefault(codec, "");
    return new RanbikiException(
        Kind.CONFIGURATION,
        String.format(
            Locale.ROOT,
            "%s is a WAV file of codec %d%s, which Java cannot read in this form. Convert it to PCM"
                + " of 16 bits.",
            name,
            codec,
            known.isEmpty() ? "" : " (" + known + ")"),
        e);
  }

  /** The number of the codec, which the chunk {@code fmt } begins with; -1 if there is none. */
  private static int codec(byte[] head) {
    int chunk = chunk(head, "fmt ");
    if (chunk < 0 || chunk + 10 > head.length) {
      return -1;
    }
    ByteBuffer bytes = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    int codec = Short.toUnsignedInt(bytes.getShort(chunk + CHUNK_HEAD));
    boolean inside = codec == EXTENSIBLE && chunk + 34 <= head.length;
    return inside ? Short.toUnsignedInt(bytes.getShort(chunk + 32)) : codec;
  }

  /** Where a chunk begins, with four letters and its length; -1 if there is none. */
  private static int chunk(byte[] head, String letters) {
    long at = 12;
    while (at + CHUNK_HEAD <= head.length) {
      int chunk = (int) at;
      if (new String(head, chunk, 4, StandardCharsets.ISO_8859_1).equals(letters)) {
        return chunk;
      }
      long length = length(head, chunk);
      at += CHUNK_HEAD + length + length % 2;
    }
    return -1;
  }

  private static long length(byte[] head, int chunk) {
    ByteBuffer bytes = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    return Integer.toUnsignedLong(bytes.getInt(chunk + 4));
  }

  /** The mean of the channels. A frame has one sample of each. */
  private static float[] wave(byte[] data, AudioFormat format) {
    int channels = format.getChannels();
    int bytes = format.getFrameSize() / channels;
    boolean floats = format.getEncoding().equals(Encoding.PCM_FLOAT);
    boolean unsigned = format.getEncoding().equals(Encoding.PCM_UNSIGNED);
    double half = 1L << (8 * bytes - 1);
    ByteBuffer in =
        ByteBuffer.wrap(data)
            .order(format.isBigEndian() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    float[] wave = new float[data.length / format.getFrameSize()];
    for (int i = 0; i < wave.length; i++) {
      double sum = 0;
      for (int channel = 0; channel < channels; channel++) {
        if (floats) {
          sum += in.getFloat();
        } else {
          long number = number(in, bytes);
          sum += unsigned ? (number & (2 * (long) half - 1)) / half - 1 : number / half;
        }
      }
      wave[i] = (float) (sum / channels);
    }
    return wave;
  }

  private static long number(ByteBuffer in, int bytes) {
    return switch (bytes) {
      case 1 -> in.get();
      case 2 -> in.getShort();
      case 4 -> in.getInt();
      default -> {
        int low = Byte.toUnsignedInt(in.get());
        int middle = Byte.toUnsignedInt(in.get());
        int high = in.get();
        boolean bigEndian = in.order() == ByteOrder.BIG_ENDIAN;
        yield bigEndian
            ? (long) (byte) low << 16 | middle << 8 | high & 0xff
            : (long) high << 16 | middle << 8 | low;
      }
    };
  }

  private static RanbikiException empty(String name) {
    return RanbikiException.configuration(
        "%s holds no sound: it has a head and no samples. Fetch it again or remove it.", name);
  }

  private static RanbikiException damaged(String name, @Nullable Exception e) {
    return new RanbikiException(
        Kind.CONFIGURATION, name + " is a damaged WAV file. Fetch it again or remove it.", e);
  }

  private static RanbikiException unreadable(String name, IOException e) {
    return e instanceof NoSuchFileException
        ? new RanbikiException(
            Kind.IO, "There is no file " + name + ". Check the path, or the disk.", e)
        : new RanbikiException(
            Kind.IO,
            name
                + " cannot be read ("
                + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage())
                + "). Check its permissions and the disk.",
            e);
  }
}
