package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.Provider;
import io.ranbiki.data.Augmentation;
import io.ranbiki.data.CsvFormat;
import io.ranbiki.data.CsvRows;
import io.ranbiki.data.Erase;
import io.ranbiki.data.Flip;
import io.ranbiki.data.Format;
import io.ranbiki.data.ResizedCrop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every configuration in the guide to the data can be pasted, and the guide knows every key. */
class DataGuideTest {

  private static final Pattern YAML = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
  private static final String REST =
      """
      name: guide
      teacher: {model: t}
      student: {architecture: student-cnn}
      objective: [soft-targets]
      """;

  private static String guide() throws IOException {
    return Files.readString(Path.of("..", "docs", "data.md"));
  }

  private static RunConfig read(String data) {
    return RunConfigReader.distillation(
        ConfigDocument.parse("data.md", REST + data, List.of(), Map.of()));
  }

  private static List<DataConfig> snippets() throws IOException {
    List<DataConfig> snippets = new ArrayList<>();
    Matcher yaml = YAML.matcher(guide());
    while (yaml.find()) {
      // Those of modules are read by tests of theirs.
      if (!yaml.group(1).contains("format: parquet")) {
        snippets.add(read(yaml.group(1)).data());
      }
    }
    return snippets;
  }

  private static CsvRows.Options rows(DataConfig config) {
    return ((CsvFormat) config.format()).rows();
  }

  @Test
  void snippets_canBeRead_andSayWhatTheTextSays() throws IOException {
    List<DataConfig> snippets = snippets();
    assertThat(snippets).hasSize(10);
    assertThat(snippets.get(9).outOfScope()).contains("oos");
    assertThat(rows(snippets.get(1)).text()).contains("text");
    assertThat(rows(snippets.get(1)).header()).isTrue();
    assertThat(rows(snippets.get(2)).labels()).containsExactly("toxic", "insult", "threat");
    assertThat(rows(snippets.get(3)).key()).contains("parcel");
    assertThat(rows(snippets.get(4)).mixed().categories()).containsExactly("purpose", "region");
    assertThat(snippets.get(6).augmentations().list())
        .containsExactly(
            new ResizedCrop(0.25), new Flip(Flip.Direction.HORIZONTAL), new Erase(0.5, 0.02, 0.33));
    assertThat(snippets.get(7).labelled()).contains(6000);
    assertThat(snippets.get(8).format().files())
        .containsEntry("unlabelled.folder", Path.of("data/forest"));
    assertThat(snippets.get(8).labelledShare()).contains(0.25);
  }

  @Test
  void everyFormatAndAugmentation_hasARow() throws IOException {
    for (Provider<Format> format : Provider.all(Format.class)) {
      assertThat(guide()).containsPattern("\\n\\| [^|]*`" + format.name() + "`");
    }
    for (Provider<Augmentation> augmentation : Provider.all(Augmentation.class)) {
      assertThat(guide()).contains("\n| `" + augmentation.name() + "` |");
    }
  }

  @Test
  void everyKeyAndDefault_isNamed() throws IOException {
    String guide = guide();
    Map<?, ?> data =
        (Map<?, ?>)
            read("data: {format: digits, labelled: 9, limit: 10, labelled-share: 0.5, normalize:"
                    + " {mean: 0, std: 1}, unlabelled: {limit: 1}, augment: [crop, resized-crop,"
                    + " flip, rotation, noise, erase]}")
                .resolved()
                .get("data");
    assertThat(data.keySet())
        .allMatch(key -> guide.contains(key + ":") || guide.contains("`" + key));
    Map<Object, Object> options = new LinkedHashMap<>();
    for (Object one : (List<?>) data.get("augment")) {
      if (one instanceof Map<?, ?> named) {
        named
            .values()
            .forEach(values -> ((Map<?, ?>) values).forEach((k, v) -> options.put(k + "=" + v, k)));
      }
    }
    assertThat(options).hasSize(8);
    options.forEach(
        (pair, key) -> {
          String value = pair.toString().split("=")[1].replaceAll("\\.0$", "");
          assertThat(guide).contains("`" + key + "` " + value);
        });
  }
}
