package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.data.Contents;
import io.ranbiki.data.CsvRows;
import io.ranbiki.data.Dataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SameTextsTest {

  @TempDir Path folder;

  private Dataset read(String name, String rows) throws IOException {
    Path file = Files.writeString(folder.resolve(name), rows);
    return CsvRows.read(file, CsvRows.Options.defaults().withText("0"));
  }

  private static List<String> sentences(Dataset train, Dataset test) {
    return new SameTexts(train, Contents.of(train).orElseThrow()).sentences(test);
  }

  @Test
  void textsOfTwoClasses_andThoseOfTheTestInTheTraining_areCountedAndNamed() throws IOException {
    Dataset train = read("train.csv", "my card,a\nhello,b\nmy card,b\nhello,b\n");
    Dataset test = read("test.csv", "new,a\nhello,b\n");
    assertThat(sentences(train, test))
        .containsExactly(
            "1 of 4 training texts has another class than the same text before, such as sample 2"
                + " (row 3 of "
                + folder.resolve("train.csv")
                + ") and sample 0 (row 1 of "
                + folder.resolve("train.csv")
                + "). Correct one of each, or remove both.",
            "1 of 2 test texts is among the training texts, too, such as sample 1 (row 2 of "
                + folder.resolve("test.csv")
                + "); being right on them says little about new texts.");
  }

  @Test
  void differentTexts_areNotSpokenOf() throws IOException {
    Dataset train = read("train.csv", "my card,a\nhello,b\nMy card,b\n");
    assertThat(sentences(train, read("test.csv", "my  card,a\n"))).isEmpty();
  }
}
