package io.ranbiki.data;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;

/** Writes short sounds, as the JDK writes them. */
public final class Tones {

  private Tones() {}

  /** A tone of 16 bits with a little noise, in one channel or two. */
  public static Path write(Path file, double hertz, int samples, int rate, int channels) {
    Random random = new Random(samples + (long) hertz);
    byte[] bytes = new byte[2 * channels * samples];
    for (int i = 0; i < samples * channels; i++) {
      double sine = Math.sin(2 * Math.PI * hertz * (i / channels) / rate);
      int value = (int) (12000 * sine + 300 * random.nextGaussian());
      bytes[2 * i] = (byte) value;
      bytes[2 * i + 1] = (byte) (value >> 8);
    }
    AudioFormat format = new AudioFormat(rate, 16, channels, true, false);
    try {
      Files.createDirectories(file.getParent());
      AudioSystem.write(
          new AudioInputStream(new ByteArrayInputStream(bytes), format, samples),
          AudioFileFormat.Type.WAVE,
          file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }
}
