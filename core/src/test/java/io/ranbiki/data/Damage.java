package io.ranbiki.data;

import static org.assertj.core.api.Assertions.fail;

import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/** Damages a file in many ways: its reader may refuse with our exception or read it. */
final class Damage {

  private Damage() {}

  interface Reader {
    void read(Path file) throws IOException;
  }

  /** Returns how many of the damaged files were refused. */
  static int refusals(byte[] whole, Path file, int rounds, long seed, Reader reader)
      throws IOException {
    Random random = new Random(seed);
    int refused = 0;
    for (int round = 0; round < rounds; round++) {
      byte[] damaged = damage(whole, random);
      Files.write(file, damaged);
      try {
        reader.read(file);
      } catch (RanbikiException e) {
        refused++;
      } catch (RuntimeException | Error e) {
        fail("seed %d, round %d: not a refusal".formatted(seed, round), e);
      }
    }
    return refused;
  }

  private static byte[] damage(byte[] whole, Random random) {
    byte[] bytes = whole.clone();
    int flips = random.nextInt(4);
    for (int i = 0; i < flips; i++) {
      // Headers are short, so half of the flips go there.
      int where = random.nextInt(random.nextBoolean() ? Math.min(16, bytes.length) : bytes.length);
      bytes[where] = (byte) random.nextInt(256);
    }
    return random.nextInt(3) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
  }
}
