package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.prepare.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerCommandTest {

  @TempDir private Path folder;
  private Path csv;
  private String target;

  @BeforeEach
  void writeTexts() throws IOException {
    csv = folder.resolve("train.csv");
    Files.writeString(csv, "text,label\n\"my card, my card\",a\nmy account,b\nmy card,a\n");
    target = folder.resolve("tokenizer.json").toString();
  }

  @Test
  void aColumnOfTexts_becomesATokenizer() {
    Typed typed =
        Typed.run("tokenizer", "train", "--text", "text", "--size", "60", "--to", target, csv + "");
    assertThat(typed.err()).isEmpty();
    assertThat(typed.exitCode()).isZero();
    Tokenizer tokenizer = Tokenizer.read(Path.of(target));
    assertThat(typed.out().strip()).isEqualTo(tokenizer + " in " + target);
    assertThat(tokenizer.encode("My card", 9).ids()).hasSize(4);
  }

  @Test
  void linesOfAFile_becomeBytePairs() throws IOException {
    Path lines = folder.resolve("texts.txt");
    Files.writeString(lines, "my card\nmy card 東京\n");
    Typed typed =
        Typed.run(
            "tokenizer", "train", "--method", "bpe", "--size", "270", "--to", target, lines + "");
    assertThat(typed.err()).isEmpty();
    assertThat(Tokenizer.read(Path.of(target))).hasToString("Byte-level BPE of 266 pieces");
  }

  /** Names of fields are no texts, and neither are quotes. */
  @Test
  void tablesAndJsonLines_giveTheSameTokenizerAsTheirTexts() throws IOException {
    Path lines = folder.resolve("train.jsonl");
    Files.writeString(
        lines,
        """
        {"id": 1, "message": "my card, my card"}
        {"id": 2, "message": "my account"}
        {"id": 3, "message": "my card"}
        """);
    Path plain = folder.resolve("train.txt");
    Files.writeString(plain, "my card, my card\n\nmy account\nmy card\n");
    Typed.run("tokenizer", "train", "--size", "60", "--to", target, plain + "");
    String expected = Files.readString(Path.of(target));
    Typed.run("tokenizer", "train", "--size", "60", "--to", target, csv + "");
    assertThat(Path.of(target)).hasContent(expected);
    Typed.run(
        "tokenizer", "train", "--text", "message", "--size", "60", "--to", target, lines + "");
    assertThat(Path.of(target)).hasContent(expected);
    assertThat(Typed.run("tokenizer", "train", "--to", target, lines + "").err())
        .contains(
            "Line 1 of " + lines + " has no field 'text', but [id, message]. Name it with --text.");
  }

  @Test
  void whatCannotBeRead_isOneSentence_andWritesNothing() throws IOException {
    Path latin = folder.resolve("latin.txt");
    Files.write(latin, "caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(Typed.run("tokenizer", "train", "--to", target, latin + "").err().strip())
        .endsWith(latin + " is not UTF-8 text. Save it as UTF-8.");
    assertThat(Typed.run("tokenizer", "train", "--to", target, folder + "/none.txt").err().strip())
        .endsWith("The file " + folder + "/none.txt does not exist. Check the path.");
    assertThat(
            Typed.run("tokenizer", "train", "--fewest", "0", "--to", target, csv + "")
                .err()
                .strip())
        .endsWith("--fewest is 0, but must be 1 or more.");
    assertThat(Path.of(target)).doesNotExist();
  }
}
