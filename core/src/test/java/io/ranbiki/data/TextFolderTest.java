package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.prepare.Values;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextFolderTest {

  @TempDir Path folder;

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static String text(Dataset data, int index) {
    return ((Values.Text) data.read(index).get(Batch.TEXT)).value();
  }

  private TextsFormat format(double split) {
    return new TextsFormat(
        folder,
        Optional.of(split).filter(share -> share > 0),
        1,
        TextsFormat.Learned.CLASSES,
        Optional.empty());
  }

  @Test
  void folders_areClasses_andFilesAreTexts() throws IOException {
    write("train/sport/2.txt", "The match\r\nis over.\n");
    write("train/sport/1.txt", "\u8a66\u5408\u304c\u7d42\u308f\u3063\u305f\u3002");
    write("train/\u7d4c\u6e08/1.txt", "The yen falls.");
    write("train/.notes", "left out");
    write("test/\u7d4c\u6e08/9.txt", "The euro rises.");
    try (Dataset train = format(0).train();
        Dataset test = format(0).test(train)) {
      assertThat(train.task().names()).containsExactly("sport", "\u7d4c\u6e08");
      assertThat(text(train, 0)).isEqualTo("\u8a66\u5408\u304c\u7d42\u308f\u3063\u305f\u3002");
      assertThat(text(train, 1)).isEqualTo("The match\nis over.");
      assertThat(train.key(1)).isEqualTo("2.txt");
      assertThat(test.stratum(0)).isEqualTo(1);
      assertThat(
              TextFolder.unlabelled(folder.resolve("train/sport"), TextFolder.Keeping.MEMORY)
                  .isLabelled(0))
          .isFalse();
    }
  }

  @Test
  void aShareOfEveryClass_becomesTheTest() throws IOException {
    for (int i = 0; i < 10; i++) {
      write("a/" + i + ".txt", "a " + i);
      write("b/" + i + ".txt", "b " + i);
    }
    try (Dataset train = format(0.2).train();
        Dataset test = format(0.2).test(train)) {
      assertThat(train.size()).isEqualTo(16);
      assertThat(IntStream.range(0, 4).map(test::stratum)).containsExactlyInAnyOrder(0, 0, 1, 1);
    }
  }

  @Test
  void oddFiles_areNamed() throws IOException {
    write("train/a/1.txt", "one");
    Path latin = folder.resolve("train/a/2.txt");
    Files.write(latin, "one\ncaf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
    Refusal.ofConfiguration(
        () -> format(0).train(),
        "Line 2 of " + latin + " is not UTF-8 text. Save the file as UTF-8.");
    Files.writeString(latin, " \n");
    Refusal.ofConfiguration(
        () -> format(0).train(), latin + " has no text. Write one into it, or remove it.");
    Files.delete(latin);
    Path page = write("train/a/2.html", "two");
    Refusal.ofConfiguration(
        () -> format(0).train(),
        page + " is not a file that ends in .txt. Convert it or move it elsewhere.");
  }

  @Test
  void tabs_standBetweenTheValuesOfTsv_andAQuoteIsAQuote() throws IOException {
    Path file = write("train.tsv", "text\tlabel\n\"Where, is my card?\tcard\n5\" pipe\ttool\n");
    Dataset data =
        CsvRows.read(
            file,
            CsvRows.Options.defaults()
                .withHeader(true)
                .withText("text")
                .withLabels(List.of("label"), CsvRows.Kind.AUTO));
    assertThat(data.size()).isEqualTo(2);
    assertThat(text(data, 0)).isEqualTo("\"Where, is my card?");
    assertThat(text(data, 1)).isEqualTo("5\" pipe");
  }
}
