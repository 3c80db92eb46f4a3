package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinesTest {

  /** What is read at once, and a multiple of that. */
  private static final int BLOCK = 1 << 13;

  private static final int BLOCKS = 1 << 16;

  @TempDir Path folder;

  private Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("lines.txt"), bytes);
  }

  private List<String> read(String text) throws IOException {
    return read(write(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<String> read(Path file) {
    List<String> lines = new ArrayList<>();
    Lines.read(
        file,
        (line, number) -> {
          lines.add(line);
          assertThat(number).isEqualTo(lines.size());
        });
    return lines;
  }

  @Test
  void lineEnds_areNoPartOfLines() throws IOException {
    assertThat(read("a\nb\r\n\n\r\n c \n")).containsExactly("a", "b", "", "", " c ");
    assertThat(read("a\rb\n\r\r\nlast\r")).containsExactly("a\rb", "\r", "last");
    assertThat(read("a\nlast")).containsExactly("a", "last");
    assertThat(read("\n")).containsExactly("");
    assertThat(read("")).isEmpty();
  }

  @Test
  void byteOrderMark_isPassedOverBeforeTheFirstLineAlone() throws IOException {
    assertThat(read("\uFEFF\uFEFFa\n\uFEFFb\n")).containsExactly("\uFEFFa", "\uFEFFb");
    assertThat(read("\uFEFF")).containsExactly("");
    assertThat(read("\uFEFF\r\nb")).containsExactly("", "b");
  }

  @Test
  void linesOfAnyLength_areWhole() throws IOException {
    for (int length :
        new int[] {BLOCK - 2, BLOCK - 1, BLOCK, BLOCK + 1, BLOCKS - 1, BLOCKS, 3 * BLOCKS + 5}) {
      String before = "x".repeat(length - 1);
      String text = before + "\u00e9" + before + "\ud842\udfb7\r";
      assertThat(read(text + "\n" + before + "\nlast"))
          .containsExactly(text.substring(0, text.length() - 1), before, "last");
    }
  }

  @Test
  void randomLines_areThoseOfTheText() throws IOException {
    Random random = new Random(1);
    String[] signs = {"a", "\u00e9", "\u6b8b", "\ud83d\ude00", "\uFFFD", "\0", "\u2028", "\u0085"};
    for (int round = 0; round < 10; round++) {
      List<String> lines = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        StringBuilder line = new StringBuilder();
        int length = random.nextInt(random.nextInt(10) == 0 ? 40_000 : 50);
        for (int j = 0; j < length; j++) {
          line.append(signs[random.nextInt(signs.length)]);
        }
        lines.add(line.append('.').toString());
      }
      byte[] bytes = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
      assertThat(read(write(bytes))).isEqualTo(lines);
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
        out.write(bytes);
      }
      Path file = Files.write(folder.resolve("lines.gz"), packed.toByteArray());
      assertThat(read(file)).isEqualTo(lines);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "61FF, byte that never stands in UTF-8",
    "C080, zero in two bytes",
    "E09FBF, two bytes would do",
    "EDA080, half of a pair",
    "F4908080, behind the last character",
    "F0808080, four bytes for a small one",
    "80, no beginning",
    "C3, no end",
    "E6AE, no end of three",
    "F09F98, no end of four",
    "EFBFBDFF, behind a replacement character",
  })
  void bytesThatAreNotUtf8_areNamedByLine(String hex, String what) throws IOException {
    for (int before : new int[] {0, BLOCK - 12, BLOCK - 10, BLOCK}) {
      for (String after : List.of("", "\n", "\r\nmore\n")) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes("first\n\u00e9\n".getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes("x".repeat(before).getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(HexFormat.of().parseHex(hex));
        bytes.writeBytes(after.getBytes(StandardCharsets.UTF_8));
        Path file = write(bytes.toByteArray());
        Refusal.ofConfiguration(
            () -> read(file), "Line 3 of " + file + " is not UTF-8 text. Save the file as UTF-8.");
      }
    }
  }

  @Test
  void linesThatMemoryCannotHold_areNamed() throws IOException {
    for (int longest : new int[] {10, BLOCK - 3, BLOCK, 3 * BLOCKS}) {
      String line = "x".repeat(longest);
      List<Integer> lengths = new ArrayList<>();
      Lines.read(
          write(("a\n" + line + "\n" + line).getBytes(StandardCharsets.UTF_8)),
          bytes -> {},
          longest,
          (text, number) -> lengths.add(text.length()));
      assertThat(lengths).containsExactly(1, longest, longest);
      for (String after : List.of("", "\n", "x".repeat(BLOCK))) {
        Path file = write(("a\n" + line + "x" + after).getBytes(StandardCharsets.UTF_8));
        Refusal.ofConfiguration(
            () -> Lines.read(file, bytes -> {}, longest, (text, number) -> {}),
            "Line 2 of " + file + " has more than " + longest + " bytes, the most that fit into");
      }
    }
  }

  @Test
  void progress_isToldOfAllBytes() throws IOException {
    Path file = write("line\n".repeat(100_000).getBytes(StandardCharsets.UTF_8));
    long[] told = new long[1];
    Lines.read(file, bytes -> told[0] += bytes, (line, number) -> {});
    assertThat(told[0]).isEqualTo(500_000);
  }
}
