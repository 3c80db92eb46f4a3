package io.ranbiki.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ranbiki.RanbikiException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How soon they are refused is measured by benchmark/hostile-inputs. */
@Timeout(60)
class HostileYamlTest {

  private static void refused(String text, String message) {
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> ConfigDocumentTest.bind(text))
        .withMessageContaining(message)
        .satisfies(e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION));
  }

  @Test
  void tags_areRefused() {
    refused(
        "name: !!javax.script.ScriptEngineManager [a]\n",
        "a.yaml:1:7: the tag 'tag:yaml.org,2002:javax.script.ScriptEngineManager' is not allowed;"
            + " write the plain value.");
    refused("name: !x {a: 1}\n", "a.yaml:1:7: the tag '!x' is not allowed; write the plain value.");
    refused("!!str name: a\n", "A key must be plain text, without tag, anchor or structure.");
  }

  @Test
  void aliasesThatExplode_areRefused() {
    StringBuilder text = new StringBuilder("a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (char c = 'b'; c <= 'i'; c++) {
      String alias = "*" + (char) (c - 1);
      text.append(c).append(": &").append(c).append(" [").append(alias);
      text.append((", " + alias).repeat(8)).append("]\n");
    }
    refused(text.toString(), "a.yaml:1:4: the anchor '&a' is not allowed; write the value out.");
    refused(text.toString(), "a.yaml:2:8: the alias '*a' is not allowed; write the value out.");
    refused("name: &a [*a]\n", "the anchor '&a' is not allowed; write the value out.");
  }

  @Test
  void deepNesting_isRefused() {
    String message = "nested deeper than 50 levels.";
    refused("a: " + "[".repeat(100), message);
    refused("a: " + "[".repeat(500_000), message);
    refused("a: " + "{a: ".repeat(200_000), message);
    refused("a:\n  " + "- ".repeat(300_000) + "x", message);
    refused("? ".repeat(300_000), message);
    StringBuilder block = new StringBuilder();
    for (int depth = 0; depth < 1_000; depth++) {
      block.append(" ".repeat(depth)).append("a:\n");
    }
    refused(block.toString(), message);
  }

  @Test
  void fiftyLevels_areRead() {
    refused(
        ConfigDocumentTest.VALID + "extra: " + "[".repeat(48) + "x" + "]".repeat(48),
        "a.yaml:15:1: Unknown key 'extra'");
  }

  @Test
  void duplicateKeys_areRefused() {
    refused(
        ConfigDocumentTest.VALID + "name: b\n",
        "a.yaml:15:1: The key 'name' is there twice; the first is in line 1.");
  }

  @Test
  void severalDocuments_areRefused() {
    refused(
        ConfigDocumentTest.VALID + "---\nname: b\n",
        "a.yaml:15:1: a second document starts here; a configuration is one document.");
  }

  @Test
  void manyValues_areRefused() {
    refused("a: [" + "1,".repeat(400_000) + "1]", "more than 5000 values;");
    refused("a: [" + ",".repeat(400_000), "not valid YAML");
  }

  @Test
  void largeFiles_areRefused(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("large.yaml");
    Files.writeString(file, "# padding\n".repeat(300_000));

    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> ConfigDocument.read(file, List.of(), Map.of()))
        .withMessage(
            "The configuration file '"
                + file
                + "' is larger than 1 MiB; a configuration has a few lines, so this is probably"
                + " another file.");
  }

  @Test
  void brokenSyntax_isPlaced() {
    refused("name: a\n  b: c\n", "a.yaml:2:4: not valid YAML: mapping values are not allowed here");
    refused("name: \u0001\n", "a.yaml:1:7: not valid YAML: the character U+0001 is not allowed.");
    refused("name: 'a\n", "not valid YAML: found unexpected end of stream");
    refused("name: @a\n", "a.yaml:1:7: not valid YAML: found character '@'");
  }

  @Test
  void manyVariables_areReportedOnceEach() {
    assertThat(message(ConfigDocumentTest.VALID.replace("basic", "${A}${B}".repeat(20_000))))
        .isEqualTo(
            """
            a.yaml has 2 mistakes:
            a.yaml:1:7: The environment variable 'A' is not set; set it, or write the value in its \
            place.
            a.yaml:1:7: The environment variable 'B' is not set; set it, or write the value in its \
            place.""");
  }

  @Test
  void longKeysAndValues_areCutInMessages() {
    String message = message(ConfigDocumentTest.VALID + "\n? " + "k".repeat(100_000) + "\n: 1\n");
    assertThat(message).contains("Unknown key '" + "k".repeat(60) + "...'").hasSizeLessThan(300);
  }

  @Test
  void manyUnknownKeys_areCutInTheMessage() {
    StringBuilder text = new StringBuilder(ConfigDocumentTest.VALID);
    for (int i = 0; i < 4_000; i++) {
      text.append("key").append(i).append(": 1\n");
    }
    assertThat(message(text.toString()))
        .startsWith("a.yaml has 4000 mistakes:")
        .endsWith("\nand 3980 more.");
  }

  private static String message(String text) {
    try {
      ConfigDocumentTest.bind(text);
    } catch (RanbikiException e) {
      return String.valueOf(e.getMessage());
    }
    return "";
  }

  @Test
  void mutatedFiles_giveOnlyOurException() {
    String[] pieces = {
      ":",
      "- ",
      "[",
      "]",
      "{",
      "}",
      "&a ",
      "*a",
      "!x ",
      "${",
      "${A}",
      "\n",
      "  ",
      "'",
      "\"",
      "|",
      ">",
      "%",
      "@",
      "?",
      "#",
      ",",
      "~",
      "\t",
      "\u0000",
      "\uFFFF",
      "\uD800",
      "é",
      "1e999",
      "---\n",
      "<<: ",
      "\\",
      "...\n",
      "%YAML 9.9\n---\n",
      "%TAG ! x\n",
      "0",
      "-",
      "\"\\x",
      "\"\\u12"
    };
    int refused = 0;
    for (long seed = 0; seed < 5_000; seed++) {
      Random random = new Random(seed);
      StringBuilder text = new StringBuilder(ConfigDocumentTest.VALID);
      for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
        int at = random.nextInt(text.length() + 1);
        int to = Math.min(text.length(), at + random.nextInt(6));
        switch (random.nextInt(3)) {
          case 0 -> text.insert(at, pieces[random.nextInt(pieces.length)]);
          case 1 -> text.replace(at, to, pieces[random.nextInt(pieces.length)]);
          default -> text.delete(at, to);
        }
      }
      String override = text.substring(Math.min(text.length(), random.nextInt(40)));
      try {
        if (seed % 4 == 0) {
          ConfigDocumentTest.bind(ConfigDocumentTest.VALID, override);
        } else {
          ConfigDocumentTest.bind(text.toString());
        }
      } catch (RanbikiException e) {
        refused++;
        assertThat(e.getMessage()).as("seed %d", seed).isNotBlank().doesNotContain("Exception");
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + " for:\n" + text, e);
      }
    }
    assertThat(refused).isBetween(2_500, 5_000);
  }
}
