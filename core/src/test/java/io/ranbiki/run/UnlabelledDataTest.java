package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.YamlWriter;
import io.ranbiki.data.Dataset;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A second set of samples, without labels, as a configuration names it. */
class UnlabelledDataTest {

  private static final String YAML =
      """
      name: few
      data: {format: %s, folder: "${LABELLED}", unlabelled: {folder: "${RAW}"}}
      teacher: {model: t}
      student: {architecture: mlp}
      objective: [soft-targets]
      """;

  @TempDir Path folder;

  private RunConfig config(String format, String... overrides) {
    Map<String, String> environment =
        Map.of(
            "LABELLED",
            folder.resolve("labelled").toString(),
            "RAW",
            folder.resolve("raw").toString());
    return RunConfigReader.any(
        ConfigDocument.parse("a.yaml", YAML.formatted(format), List.of(overrides), environment));
  }

  private RunData open(String format, String... overrides) {
    return RunData.open(config(format, overrides));
  }

  private static void refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable action, String message) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(
            RanbikiException.class,
            e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION))
        .hasMessage(message);
  }

  private Path write(String name, byte[] content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, content);
  }

  /** Every pixel of an image is its number plus {@code start}. */
  private void idx(String name, int count, int side, int start) throws IOException {
    ByteBuffer file = ByteBuffer.allocate(16 + count * side * side);
    file.putInt(0x803).putInt(count).putInt(side).putInt(side);
    for (int i = 0; i < count * side * side; i++) {
      file.put((byte) (start + i / (side * side)));
    }
    write(name, file.array());
  }

  private void idxLabels(String name, int count) throws IOException {
    ByteBuffer file = ByteBuffer.allocate(8 + count).putInt(0x801).putInt(count);
    for (int i = 0; i < count; i++) {
      file.put((byte) (i % 2));
    }
    write(name, file.array());
  }

  private void labelledIdx() throws IOException {
    idx("labelled/train-images-idx3-ubyte", 4, 2, 0);
    idxLabels("labelled/train-labels-idx1-ubyte", 4);
    idx("labelled/t10k-images-idx3-ubyte", 2, 2, 50);
    idxLabels("labelled/t10k-labels-idx1-ubyte", 2);
  }

  private void image(String name, int side, int grey) throws IOException {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < side * side; i++) {
      image.setRGB(i % side, i / side, grey * 0x10101);
    }
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    ImageIO.write(image, "png", file.toFile());
  }

  private void labelledImages() throws IOException {
    for (String part : List.of("train", "test")) {
      image("labelled/" + part + "/cat/1.png", 3, 10);
      image("labelled/" + part + "/dog/1.png", 3, 20);
    }
  }

  private static float first(Dataset data, int index) {
    float[] sample = data.numbers(index);
    return sample[0];
  }

  @Test
  void idxImages_needNoLabels_andLabelsThatAreThereAreNotUsed() throws IOException {
    labelledIdx();
    idx("raw/train-images-idx3-ubyte", 6, 2, 100);
    try (RunData data = open("idx")) {
      Dataset train = data.split(1).train();
      assertThat(train.size()).isEqualTo(10);
      assertThat(data.split(1).labelled().size()).isEqualTo(4);
      assertThat(train.stratum(4)).isEqualTo(Dataset.UNLABELLED);
      assertThat(train.id(4)).isEqualTo(1L << 40);
      assertThat(first(train, 9)).isEqualTo(105 / 255f);
      assertThat(data.classes()).isEqualTo(2);
      assertThat(data.notes(List.of(1L))).isEmpty();
    }
    idxLabels("raw/train-labels-idx1-ubyte", 6);
    try (RunData data = open("idx", "data.unlabelled.limit=3")) {
      Dataset train = data.split(1).train();
      assertThat(train.size()).isEqualTo(7);
      assertThat(train.stratum(4)).isEqualTo(Dataset.UNLABELLED);
      assertThat(data.notes(List.of(1L)))
          .containsExactly(
              "The labels in %s are not used: its images are under 'data.unlabelled'."
                  .formatted(folder.resolve("raw/train-labels-idx1-ubyte")));
    }
  }

  @Test
  void images_lieFlat() throws IOException {
    labelledImages();
    image("raw/b.png", 3, 200);
    image("raw/a.png", 3, 100);
    try (RunData data = open("images")) {
      Dataset train = data.split(1).train();
      assertThat(train.size()).isEqualTo(4);
      assertThat(train.stratum(2)).isEqualTo(Dataset.UNLABELLED);
      assertThat(first(train, 2)).isEqualTo(100 / 255f);
      assertThat(data.classNames()).containsExactly("cat", "dog");
    }
    image("raw/cat/1.png", 3, 10);
    refused(
        () -> open("images"),
        "%s is a folder, but images without labels lie side by side in one folder. Move its images up into %s."
            .formatted(folder.resolve("raw/cat"), folder.resolve("raw")));
  }

  @Test
  void csvRows_haveNoColumnForALabel() throws IOException {
    write("labelled/train.csv", "1,2,cat\n3,4,dog\n".getBytes());
    write("labelled/test.csv", "5,6,cat\n".getBytes());
    write("raw/train.csv", "7,8\n9,10\n11,12\n".getBytes());
    try (RunData data = open("csv")) {
      Dataset train = data.split(1).train();
      assertThat(train.size()).isEqualTo(5);
      assertThat(train.stratum(4)).isEqualTo(Dataset.UNLABELLED);
      assertThat(first(train, 4)).isEqualTo(11);
      assertThat(data.classNames()).containsExactly("cat", "dog");
    }
    write("raw/train.csv", "7,8,0\n".getBytes());
    refused(
        () -> open("csv"),
        "The labelled samples have shape [2], but those without labels in %s have shape [3]; both must have the same. Give the rows the same features, and no column for a label."
            .formatted(folder.resolve("raw")));
  }

  @Test
  void folderThatIsMissingEmptyOrOfAnotherShape_isRefused() throws IOException {
    labelledIdx();
    Path raw = folder.resolve("raw");
    refused(() -> open("idx"), "The data folder %s does not exist. Check the path.".formatted(raw));
    Files.createDirectories(raw);
    refused(
        () -> open("idx"),
        "The folder %s has neither train-images-idx3-ubyte nor train-images-idx3-ubyte.gz. Put the images without labels there under this name."
            .formatted(raw));
    idx("raw/train-images-idx3-ubyte", 6, 3, 100);
    refused(
        () -> open("idx"),
        "The labelled samples have shape [1, 2, 2], but those without labels in %s have shape [1, 3, 3]; both must have the same. Bring all images to one size."
            .formatted(raw));
    Files.delete(raw.resolve("train-images-idx3-ubyte"));
    labelledImages();
    refused(
        () -> open("images"),
        "The image folder %s is empty. Put images into it, or name another folder.".formatted(raw));
  }

  @Test
  void configurationThatCannotBeMeant_isRefused() {
    String labelled = folder.resolve("labelled").toString();
    refused(
        () -> config("idx", "data.unlabelled.folder=" + labelled + "/../labelled"),
        "a.yaml:2:7: 'data': The samples without labels are to come from %s/../labelled, where the labelled ones are, so each would come twice; name another folder, or say 'labelled' to keep the labels of some."
            .formatted(labelled));
    refused(
        () -> config("idx", "data.unlabelled=drop"),
        "override 'data.unlabelled=drop': \'data.unlabelled' must be a mapping of keys to values,"
            + " but is 'drop'.");
    refused(
        () -> config("idx", "data.labelled-share=0"),
        "override 'data.labelled-share=0': \'data.labelled-share' must be above 0, but is 0.");
    refused(
        () -> config("idx", "data.labelled-share=1"),
        "override 'data.labelled-share=1': \'data.labelled-share' must be below 1, but is 1.");
    refused(
        () -> config("idx", "data.labelled-share=.nan"),
        "override 'data.labelled-share=.nan': \'data.labelled-share' must be a finite number, but"
            + " is '.nan'.");
    refused(
        () -> config("idx", "objective=[hard-labels]"),
        "a.yaml:1:1: The configuration has samples without labels in 'data', but no term of its"
            + " objective learns from these: hard-labels; add one that compares with a teacher,"
            + " such as soft-targets, or leave 'unlabelled' and 'labelled-share' out.");
  }

  private static RunConfig digits(String data) {
    String text =
        """
        name: few
        data: {format: digits%s}
        teacher: {model: t}
        student: {architecture: mlp}
        objective: [soft-targets]
        """
            .formatted(data);
    return RunConfigReader.any(ConfigDocument.parse("a.yaml", text, List.of(), Map.of()));
  }

  @Test
  void shareWithoutUnlabelledSamples_isRefused() {
    String message =
        "a.yaml:2:7: 'data': The labelled share is 0.25, but every sample that is trained on has a"
            + " label; name samples without under 'unlabelled', keep the labels of some with"
            + " 'labelled', or leave the share out.";
    refused(() -> digits(", labelled-share: 0.25"), message);
    refused(() -> digits(", labelled-share: 0.25, labelled: 9, drop-unlabelled: true"), message);
    assertThat(digits(", labelled-share: 0.25, labelled: 9").data().labelledShare()).contains(0.25);
    // Only the data tell that all labels are kept.
    try (RunData data = RunData.open(digits(", size: 10, labelled: 10, labelled-share: 0.5"))) {
      refused(
          () -> data.trainLoader(data.split(1), 4, 1),
          "The labelled share is 0.5, but 10 samples have a label and 0 have none, and there must"
              + " be some of both. Leave the share out, or add samples of the other kind.");
    }
  }

  /** A pack of them would else not be made again after a change. */
  @Test
  void tableBetweenTabs_isAmongTheSources() throws IOException {
    write("labelled/train.tsv", "x\ty\n1\t0\n".getBytes(StandardCharsets.UTF_8));
    write("labelled/test.tsv", "x\ty\n1\t0\n".getBytes(StandardCharsets.UTF_8));
    Path second = write("raw/train.tsv", "x\n1\n".getBytes(StandardCharsets.UTF_8));
    assertThat(config("csv").data().format().sources()).contains(second);
  }

  @Test
  void recordsMadeInJava_areCheckedToo() {
    DataConfig good = digits(", labelled: 9").data();
    for (double share : new double[] {0, 1, Double.NaN}) {
      refused(
          () ->
              new DataConfig(
                  good.format(),
                  good.normalization(),
                  good.augmentations(),
                  good.views(),
                  good.validation(),
                  good.limit(),
                  good.labelled(),
                  false,
                  good.outOfScope(),
                  good.splitSeed(),
                  java.util.Optional.of(share)),
          "The labelled share is %s, but must be above 0 and below 1; try 0.25.".formatted(share));
    }
  }

  @Test
  void resolvedConfiguration_readsBackAsTheSameRun() {
    RunConfig config =
        digits(
            ", labelled: 9, drop-unlabelled: true, split-seed: 3, unlabelled: {limit: 7},"
                + " labelled-share: 0.25, augment: [resized-crop, {erase: {probability: 1}}]");
    String written = YamlWriter.write(config.resolved());
    assertThat(written)
        .contains(
            "drop-unlabelled: true",
            "split-seed: 3",
            "labelled-share: 0.25",
            "limit: 7",
            "size: 10000")
        .contains("resized-crop", "probability: 1", "largest-area: 0.33");
    RunConfig again =
        RunConfigReader.any(ConfigDocument.parse("a.yaml", written, List.of(), Map.of()));
    assertThat(again.data()).usingRecursiveComparison().isEqualTo(config.data());
  }
}
