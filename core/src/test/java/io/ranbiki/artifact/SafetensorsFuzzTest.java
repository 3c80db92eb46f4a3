package io.ranbiki.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files are read or refused in words; nothing else may happen. */
@Timeout(60)
class SafetensorsFuzzTest {

  private static final long SEED = 20260101;
  private static final int FILES = 2_000;
  private static final String[] FRAGMENTS = {
    "-1",
    "0",
    "1",
    "9223372036854775807",
    "18446744073709551616",
    "1e9",
    "null",
    "true",
    "[]",
    "{}",
    "\"\"",
    "\"F64\"",
    "\"BF16\"",
    "\"F8\"",
    ",",
    ":",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "\\u0000",
    "\\ud800",
    "\"__metadata__\"",
    "\"dtype\"",
    "\"shape\"",
    "\"data_offsets\"",
    "\u0000",
    "\u00ff",
    "[[[[[[[[",
    "1".repeat(400),
    " ".repeat(2000)
  };

  @TempDir Path folder;

  @Test
  void mutatedFiles_areReadOrRefused() throws IOException {
    SplittableRandom random = new SplittableRandom(SEED);
    byte[] original = original();
    Path file = folder.resolve("mutant.safetensors");
    int refused = 0;
    for (int i = 0; i < FILES; i++) {
      Files.write(file, mutant(original, random));
      try {
        Safetensors.read(file);
      } catch (RanbikiException e) {
        refused++;
        assertThat(e.kind()).isEqualTo(RanbikiException.Kind.MODEL);
        assertThat(e).hasMessageStartingWith(file.toString());
        assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThan(1000);
      } catch (RuntimeException | Error e) {
        fail("file %d of seed %d: %s", i, SEED, e);
      }
    }
    assertThat(refused).isBetween(FILES / 2, FILES - 1);
  }

  private static byte[] mutant(byte[] original, SplittableRandom random) {
    byte[] bytes = original.clone();
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes && bytes.length > 0; i++) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes[random.nextInt(Math.min(8, bytes.length))] = (byte) random.nextInt(256);
        case 3 -> bytes = java.util.Arrays.copyOf(bytes, random.nextInt(2 * bytes.length));
        default -> bytes = spliced(bytes, at, random);
      }
    }
    return bytes;
  }

  /** Puts a fragment in place of some bytes of the header and corrects the header's length. */
  private static byte[] spliced(byte[] bytes, int at, SplittableRandom random) {
    byte[] fragment =
        FRAGMENTS[random.nextInt(FRAGMENTS.length)].getBytes(StandardCharsets.ISO_8859_1);
    int removed = Math.min(random.nextInt(12), bytes.length - at);
    ByteBuffer result =
        ByteBuffer.allocate(bytes.length - removed + fragment.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    result.put(bytes, 0, at).put(fragment).put(bytes, at + removed, bytes.length - at - removed);
    if (at >= 8) {
      result.putLong(0, result.getLong(0) + fragment.length - removed);
    }
    return result.array();
  }

  private static byte[] original() throws IOException {
    try (InputStream in =
        SafetensorsFuzzTest.class.getResourceAsStream("/safetensors/every-type.safetensors")) {
      return Objects.requireNonNull(in).readAllBytes();
    }
  }
}
