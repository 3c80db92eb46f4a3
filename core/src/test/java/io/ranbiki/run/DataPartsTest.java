package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.YamlWriter;
import io.ranbiki.data.CsvFormat;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.ImagesFormat;
import io.ranbiki.prepare.Colour;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What two parts of a data set must have in common, and what is said of classes without samples.
 */
class DataPartsTest {

  private static final String YAML =
      """
      name: parts
      latency: false
      data: {format: %s, folder: "${DATA}"}
      model: {architecture: mlp}
      """;

  @TempDir Path folder;

  private RunConfig config(String format, String... overrides) {
    return RunConfigReader.any(
        ConfigDocument.parse(
            "a.yaml",
            YAML.formatted(format),
            List.of(overrides),
            Map.of("DATA", folder.toString())));
  }

  private RunData open(String format, String... overrides) {
    return RunData.open(config(format, overrides));
  }

  private List<String> notes(String format, String... overrides) {
    try (RunData data = open(format, overrides)) {
      return data.notes(List.of(1L, 2L));
    }
  }

  private static void refused(ThrowingCallable action, String message) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(
            RanbikiException.class,
            e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION))
        .hasMessage(message);
  }

  private void images(String part, int count, String... classes) throws IOException {
    for (String name : classes) {
      Path inner = Files.createDirectories(folder.resolve(part).resolve(name));
      for (int i = 0; i < count; i++) {
        BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, 0xff0000);
        ImageIO.write(image, "png", inner.resolve(i + ".png").toFile());
      }
    }
  }

  private void csv(String part, String text) throws IOException {
    Files.writeString(folder.resolve(part + ".csv"), text);
  }

  private void idx(String part, int... labels) throws IOException {
    ByteBuffer images = ByteBuffer.allocate(16 + 4 * labels.length);
    images.putInt(0x803).putInt(labels.length).putInt(2).putInt(2);
    ByteBuffer answers = ByteBuffer.allocate(8 + labels.length);
    answers.putInt(0x801).putInt(labels.length);
    IntStream.of(labels).forEach(label -> answers.put((byte) label));
    Files.write(folder.resolve(part + "-images-idx3-ubyte"), images.array());
    Files.write(folder.resolve(part + "-labels-idx1-ubyte"), answers.array());
  }

  private static int[] labels(Dataset dataset) {
    return IntStream.range(0, dataset.size()).map(dataset::stratum).toArray();
  }

  @Test
  void testWithSomeOfTheClasses_isNumberedByTheTrainingNames() throws IOException {
    images("train", 2, "black", "green", "red", "white");
    images("test", 1, "red", "white");
    try (RunData data = open("images")) {
      assertThat(labels(data.test())).containsExactly(2, 3);
      assertThat(data.test().task().names()).isEqualTo(data.classNames()).hasSize(4);
      assertThat(data.notes(List.of(1L)))
          .containsExactly("Of 4 classes, the classes 'black', 'green' have no test sample.");
    }
    images("test", 1, "black", "green");
    assertThat(notes("images")).isEmpty();
  }

  @Test
  void aSingleClass_isSaid() throws IOException {
    images("train", 2, "black");
    images("test", 1, "black");
    assertThat(notes("images"))
        .containsExactly(
            "All samples are of one class, 'black', so that every answer is right and nothing can"
                + " be learned.");
  }

  @Test
  void classThatTrainingLacks_isRefused_andBothPiecesOfAdviceHelp() throws IOException {
    images("train", 2, "black", "white");
    images("test", 1, "amber", "black", "white");
    Path amber = folder.resolve("test/amber");
    refused(
        () -> open("images"),
        amber
            + " is the folder of a class that training lacks: it has [black, white]. Give training"
            + " images of this class, too, or remove or rename the folder.");
    images("train", 2, "amber");
    assertThat(notes("images")).isEmpty();
    Files.delete(folder.resolve("train/amber/0.png"));
    Files.delete(folder.resolve("train/amber/1.png"));
    refused(
        () -> open("images"),
        "The image folder %s is empty. Put images into it, or remove this class from training and test."
            .formatted(folder.resolve("train/amber")));
    Files.delete(folder.resolve("train/amber"));
    Files.delete(amber.resolve("0.png"));
    Files.delete(amber);
    assertThat(notes("images")).isEmpty();
  }

  @Test
  void namesThatDifferOnlyInTheirUnicodeForm_areOneClass() throws IOException {
    images("train", 1, "chien", "\u00e9t\u00e9");
    images("test", 1, "e\u0301te\u0301");
    try (RunData data = open("images")) {
      assertThat(labels(data.test())).containsExactly(1);
      assertThat(data.classNames()).containsExactly("chien", "\u00e9t\u00e9");
    }
  }

  @Test
  void numberedClassThatTrainingLacks_isRefused() throws IOException {
    idx("train", 0, 2, 2);
    idx("t10k", 0, 1);
    refused(
        () -> open("idx"),
        "The test has samples of the class '1', but training has none; give training samples of it, too, or remove those of the test.");
    idx("t10k", 0, 2);
    assertThat(notes("idx")).containsExactly("Of 3 classes, the class '1' has no training sample.");
  }

  @Test
  void labelsThatBeginAtOne_areNoted() throws IOException {
    idx("train", 1, 2, 3);
    idx("t10k", 1, 2, 3);
    assertThat(notes("idx"))
        .containsExactly(
            "Of 4 classes, the class '0' has no training sample; labels that begin at 1 leave it empty, and the network answers for it all the same.");
  }

  @Test
  void limit_takesFromEveryClass_andSaysWhichItLeavesOut() throws IOException {
    images("train", 3, "a", "b", "c", "d");
    images("test", 1, "a", "b", "c", "d");
    try (RunData data = open("images", "data.limit=6")) {
      assertThat(labels(data.split(1).train())).containsExactly(0, 0, 1, 1, 2, 3);
      assertThat(data.notes(List.of(1L))).isEmpty();
    }
    assertThat(notes("images", "data.limit=2"))
        .containsExactly(
            "Of 4 classes, the classes 'c', 'd' have no training sample left by 'limit'.");
  }

  @Test
  void labelled_saysWhichClassesItLeavesWithoutALabel() throws IOException {
    images("train", 3, "a", "b", "c");
    images("test", 1, "a", "b", "c");
    assertThat(notes("images", "data.labelled=3")).isEmpty();
    assertThat(notes("images", "data.labelled=2"))
        .singleElement()
        .asString()
        .matches("Of 3 classes, the class '[abc]' has no label left by 'labelled' with seed 1.");
  }

  @Test
  void validationThatEmptiesAClass_isRefusedForAnySeed_andASmallerShareHelps() throws IOException {
    csv("train", "1,a\n2,a\n3,a\n4,a\n5,a\n6,a\n7,a\n8,a\n9,b\n10,b\n");
    csv("test", "1,a\n2,b\n");
    try (RunData data = open("csv", "data.validation=0.8")) {
      refused(
          () -> data.notes(List.of(4L, 3L, 2L, 1L)),
          "With seed 3 the validation share 0.8 holds out all training samples of the class 'b'; take a smaller share, or add samples.");
    }
    try (RunData data = open("csv", "data.validation=0.1")) {
      assertThat(data.notes(List.of(4L, 3L, 2L, 1L))).isEmpty();
    }
  }

  @Test
  void meanAndStdOfBytes_areNotedForImagesAlone() throws IOException {
    idx("train", 0, 1);
    idx("t10k", 0, 1);
    assertThat(notes("idx", "data.normalize={mean: 73.2, std: 90.1}"))
        .containsExactly(
            "Pixels are in 0..1, so the mean and std of 'normalize' cannot be theirs; if they were made for 0..255, divide both by 255.");
    assertThat(notes("idx", "data.normalize={mean: 0.287, std: 0.353}")).isEmpty();
    csv("train", "1,a\n200,b\n");
    csv("test", "1,a\n2,b\n");
    assertThat(notes("csv", "data.normalize={mean: 73.2, std: 90.1}")).isEmpty();
  }

  @Test
  void headerAndDelimiter_areKeys_alsoForRowsWithoutLabel() throws IOException {
    csv("train", "kind;a;b\nx;1;2\ny;3;4\n");
    csv("test", "kind;a;b\ny;5;6\n");
    Path raw = Files.createDirectory(folder.resolve("raw"));
    Files.writeString(raw.resolve("train.csv"), "a;b\n7;8\n");
    String[] keys = {
      "data.header=true",
      "data.delimiter=\";\"",
      "data.label=kind",
      "data.unlabelled.folder=" + raw,
      "objective=[soft-targets]"
    };
    try (RunData data = open("csv", keys)) {
      assertThat(data.shape()).containsExactly(2);
      assertThat(data.split(1).train().size()).isEqualTo(3);
      assertThat(labels(data.test())).containsExactly(1);
    }
    Files.writeString(raw.resolve("train.csv"), "b;a\n8;7\n");
    refused(
        () -> open("csv", keys),
        "Feature 0 is 'a' in training, but 'b' in the samples without labels; bring the columns into one order.");
    csv("test", "kind;b;a\ny;6;5\n");
    refused(
        () -> open("csv", keys),
        "Feature 0 is 'a' in training, but 'b' in the test; bring the columns into one order.");
    csv("test", "kind;6;5\ny;6;5\n");
    refused(
        () -> open("csv", keys),
        "Feature 0 is 'a' in training, but '6' in the test; begin both files with the names of the columns, or neither.");
    csv("train", "kind;8;7\ny;6;5\n");
    refused(
        () -> open("csv", keys),
        "Feature 0 is '8' in training, but '6' in the test; leave 'header' out: the first lines hold values.");
    refused(
        () -> config("csv", "data.delimiter=;;"),
        "override 'data.delimiter=;;': 'data.delimiter' must be one character, such as \",\", \";\" or \"\\t\", but is ';;'.");
    // A shell takes the quotes of delimiter: "\t" away.
    assertThat(((CsvFormat) config("csv", "data.delimiter=\\t").data().format()).rows().delimiter())
        .isEqualTo('\t');
  }

  @Test
  void colour_isAKey() throws IOException {
    images("train", 1, "a");
    images("test", 1, "a");
    try (RunData data = open("images", "data.colour=grey")) {
      assertThat(data.shape()).containsExactly(1, 2, 2);
      assertThat(data.test().shape()).containsExactly(1, 2, 2);
      assertThat(data.test().numbers(0)[0]).isEqualTo(76 / 255f);
    }
    assertThat(((ImagesFormat) config("images").data().format()).colour()).isEqualTo(Colour.RGB);
    refused(
        () -> config("idx", "data.colour=grey"),
        "override 'data.colour=grey': Unknown key 'colour' in 'data'; it goes with format 'images'.");
  }

  @Test
  void resolvedConfiguration_writesHeaderDelimiterAndColour() {
    for (String yaml :
        List.of(
            "{format: csv, folder: /x, header: true, delimiter: \"\\t\", label: kind}",
            "{format: images, folder: /x, colour: grey}")) {
      ConfigDocument document =
          ConfigDocument.parse(
              "a.yaml",
              "name: t\nmodel: {architecture: mlp}\ndata: " + yaml + "\n",
              List.of(),
              Map.of());
      RunConfig read = RunConfigReader.any(document);
      String written = YamlWriter.write(read.resolved());
      RunConfig again =
          RunConfigReader.any(ConfigDocument.parse("b.yaml", written, List.of(), Map.of()));
      assertThat(again.data()).usingRecursiveComparison().isEqualTo(read.data());
    }
  }

  @Test
  void pathThatCannotBeOne_isOneMistake() {
    String text =
        """
        name: t
        data: {format: idx, folder: "a\\0b", normalize: {mean: 0.5, std: 0.5}, limit: 3}
        model: {architecture: mlp, weights: "c\\0d"}
        """;
    refused(
        () -> RunConfigReader.any(ConfigDocument.parse("a.yaml", text, List.of(), Map.of())),
        """
        a.yaml has 2 mistakes:
        a.yaml:2:29: 'data.folder' is 'a b', which cannot be a path under this locale; start with LC_ALL=C.UTF-8, or choose another name.
        a.yaml:3:37: 'model.weights' is 'c d', which cannot be a path under this locale; start with LC_ALL=C.UTF-8, or choose another name.""");
  }
}
