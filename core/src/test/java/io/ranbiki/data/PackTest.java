package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.Provider;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Values;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A pack gives what its files give, and nothing else. */
class PackTest {

  @TempDir Path folder;

  private Path pack;

  /** Goes on for so many steps, and remembers what it was told. */
  private static final class Steps implements Pack.Listener {
    private final List<String> told = new ArrayList<>();
    private int left;

    Steps(int left) {
      this.left = left;
    }

    @Override
    public void begins(String what, long total, String unit) {
      told.add(what + " " + total + " " + unit);
    }

    @Override
    public void step(long count) {}

    @Override
    public void ends() {}

    @Override
    public boolean goesOn() {
      return left-- > 0;
    }
  }

  @BeforeEach
  void writeFiles() throws IOException {
    pack = folder.resolve("packs/one");
    Random random = new Random(5);
    table("numbers/train.csv", 3000, random);
    table("numbers/test.csv", 40, random);
    StringBuilder raw = new StringBuilder();
    IntStream.range(0, 7).forEach(i -> raw.append(i).append(".5,-1e-3,0.1,7,8\n"));
    write("raw/train.csv", raw.toString());
    write(
        "words/train.csv",
        "key,size,colour,note,kind,price\n"
            + "a1,1.5,red,\u84B8\u7559,x,10\na2,,\"b,l\",m,y,\na3,2,,\"two\nlines\",x,-3e2\n");
    write(
        "lines/train.jsonl",
        "{\"text\": \"a b\", \"label\": 1, \"id\": \"x\"}\n\n  \n{\"text\": \"\u6b8b\\n\", \"label\": 0,"
            + " \"id\": \"y\"}\n{\"id\": 7, \"text\": \"c\", \"label\": 1}\n");
    write(
        "pairs.jsonl",
        "{\"b\": \"one\", \"a\": \"\u6b8b\\n\", \"label\": 0}\n"
            + "{\"a\": \"x\", \"b\": \"y z\", \"label\": 1}\n");
    write("lines/test.jsonl", "{\"text\": \"d\", \"label\": 0, \"id\": \"z\"}\n");
    for (String name : List.of("a/1", "a/2", "b/1", "b/2", "b/3")) {
      write("notes/" + name + ".txt", "text of " + name + "\nand more");
    }
    write("words/test.csv", "key,size,colour,note,kind,price\nb1,3,green,n,y,4\n");
  }

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, text);
  }

  private void table(String name, int rows, Random random) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < rows; i++) {
      IntStream.range(0, 5).forEach(j -> text.append(random.nextFloat()).append(','));
      text.append(List.of("oak", "ash", "elm").get(random.nextInt(3))).append('\n');
    }
    write(name, text.toString());
  }

  private void images(String name, boolean sizes) throws IOException {
    for (int i = 0; i < 12; i++) {
      int side = sizes ? 4 + i : 6;
      BufferedImage image = new BufferedImage(side, 5, BufferedImage.TYPE_INT_RGB);
      for (int j = 0; j < 5 * side; j++) {
        image.setRGB(j % side, j / side, 7919 * (i + 1) * (j + 1));
      }
      Path file = folder.resolve(name + "/" + (i % 2 == 0 ? "cat" : "dog") + "/" + i + ".png");
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      ImageIO.write(image, "png", file.toFile());
    }
  }

  private Format format(String keys) throws IOException {
    if (keys.contains("images") && !Files.exists(folder.resolve("photos"))) {
      images("photos", true);
      images("icons", false);
    }
    String yaml = keys.replace("DIR", folder.toString());
    return Objects.requireNonNull(
        ConfigDocument.parse("t.yaml", yaml, List.of(), Map.of())
            .bind(root -> root.variant("format", "a format", Provider.all(Format.class))));
  }

  private Format packed(Format files) {
    assertThat(Pack.make(pack, files, Optional.empty(), new Steps(1_000_000))).isPresent();
    return PackedFormat.of(files, pack, Optional.empty(), PackedFormat.Order.EXACT);
  }

  private static void assertSame(Dataset packed, Dataset files) {
    assertThat(packed.size()).isEqualTo(files.size());
    assertThat(packed.fields()).isEqualTo(files.fields());
    assertThat(packed.task()).isEqualTo(files.task());
    assertThat(packed.fingerprint()).isEqualTo(files.fingerprint());
    for (int i = 0; i < files.size(); i++) {
      assertThat(packed.id(i)).isEqualTo(files.id(i));
      assertThat(packed.key(i)).isEqualTo(files.key(i));
      assertThat(packed.place(i)).isEqualTo(files.place(i));
      assertThat(packed.stratum(i)).isEqualTo(files.stratum(i));
      if (i % 50 == 0 || files.size() < 100) {
        assertThat(packed.read(i)).usingRecursiveComparison().isEqualTo(files.read(i));
      }
    }
  }

  private static final String NUMBERS = "{format: csv, folder: DIR/numbers}";

  @ParameterizedTest
  @ValueSource(
      strings = {
        NUMBERS,
        "{format: csv, folder: DIR/numbers, unlabelled: {folder: DIR/raw}}",
        "{format: csv, folder: DIR/words, label: kind, key: key, text: note}",
        "{format: csv, folder: DIR/words, label: price, task: numbers, numbers: size,"
            + " categories: colour, ignore: [note, kind, key]}",
        "{format: csv, folder: DIR/words, label: kind, key: key, categories: [colour, note],"
            + " ignore: [size, price]}",
        "{format: jsonl, folder: DIR/lines, unlabelled: {folder: DIR/lines}}",
        "{format: csv, folder: DIR/words, label: kind, text: [note, key]}",
        "{format: jsonl, folder: DIR/lines, key: id}",
        "{format: jsonl, train: DIR/pairs.jsonl, test: DIR/pairs.jsonl, text: [a, b]}",
        "{format: jsonl, train: DIR/lines/train.jsonl, test: DIR/lines/test.jsonl, label: [label],"
            + " task: labels, key: id}",
        "{format: texts, folder: DIR/notes, split: 0.4, unlabelled: {folder: DIR/notes/a}}",
        "{format: images, folder: DIR/photos, split: 0.3}",
        "{format: images, folder: DIR/icons, split: 0.3, colour: grey}",
        "{format: images, train: DIR/icons, test: DIR/photos, unlabelled: {folder: DIR/icons/cat}}",
        "{format: digits, size: 30}",
      })
  void packedSamples_areThoseOfTheFiles_withTheirNamesAndFingerprint(String keys)
      throws IOException {
    Format files = format(keys);
    Format packed = packed(files);
    try (Dataset train = files.train();
        Dataset test = files.test(train);
        Dataset packedTrain = packed.train();
        Dataset packedTest = packed.test(packedTrain)) {
      assertSame(packedTrain, train);
      assertSame(packedTest, test);
      assertThat(packed.columns(packedTrain)).isEqualTo(files.columns(train));
      if (files.unlabelled().isPresent()) {
        assertSame(packed.openUnlabelled(packedTrain), files.openUnlabelled(train));
      }
    }
    assertThat(Pack.isCurrent(pack, files, Optional.empty())).isTrue();
    assertThat(Pack.isCurrent(pack, format(keys), Optional.empty())).as("read again").isTrue();
  }

  @Test
  void progress_isToldInBytesOfAStream_andInSamplesElsewhere() throws IOException {
    Steps steps = new Steps(100);
    Pack.make(pack, format(NUMBERS), Optional.empty(), steps);
    assertThat(steps.told).containsExactly("training samples 0 MB", "test samples 0 MB");
    Steps images = new Steps(100);
    Pack.make(
        folder.resolve("p"),
        format("{format: images, folder: DIR/icons, split: 0.25}"),
        Optional.empty(),
        images);
    assertThat(images.told).containsExactly("training samples 9 samples", "test samples 3 samples");
  }

  private void refused(Format files, String message) {
    Refusal.ofConfiguration(
        () -> PackedFormat.of(files, pack, Optional.empty(), PackedFormat.Order.EXACT).train(),
        message.replace("DIR", folder.toString()).replace("PACK", pack.toString()));
    assertThat(Pack.isCurrent(pack, files, Optional.empty())).isFalse();
  }

  @Test
  void changedFiles_orKeys_areNoticedByName() throws IOException {
    Format files = format(NUMBERS);
    refused(
        files, "There is no pack in PACK. Make it with 'ranbiki pack', or leave data.packed out.");
    packed(files);
    refused(
        format("{format: csv, folder: DIR/numbers, label: 2, task: numbers}"),
        "The pack PACK was made with other keys under 'data' than there are now. Make it again with"
            + " 'ranbiki pack'.");
    Path test = folder.resolve("numbers/test.csv");
    FileTime time = Files.getLastModifiedTime(test);
    Files.writeString(test, "1,2,3,4,5,oak\n", StandardOpenOption.APPEND);
    refused(
        files,
        "DIR/numbers/test.csv changed since the pack PACK was made of it. Make it again with"
            + " 'ranbiki pack'.");
    packed(files);
    Files.setLastModifiedTime(test, FileTime.fromMillis(time.toMillis() - 5000));
    refused(files, "DIR/numbers/test.csv changed since");
  }

  @Test
  void aChangedImage_isNoticed_inAFolderAndInAList() throws IOException {
    images("photos", true);
    images("icons", false);
    write("icons/list.csv", "image,label\ncat/0.png,a\ndog/1.png,b\n");
    for (String keys :
        List.of(
            "{format: images, folder: DIR/photos, split: 0.25}",
            "{format: images, train: DIR/icons/list.csv, test: DIR/icons/list.csv}")) {
      Format files = format(keys);
      packed(files);
      String name = keys.contains("photos") ? "photos/cat/0.png" : "icons/cat/0.png";
      Files.setLastModifiedTime(folder.resolve(name), FileTime.fromMillis(1));
      refused(files, "changed since the pack");
    }
  }

  @Test
  void aPackWithoutItsFiles_servesByItself_alsoUnderAnotherName() throws IOException {
    Format files = format(NUMBERS);
    packed(files);
    String fingerprint = files.train().fingerprint();
    Files.delete(folder.resolve("numbers/train.csv"));
    Files.delete(folder.resolve("numbers/test.csv"));
    Path moved = Files.move(pack, folder.resolve("moved"));
    try (Dataset train =
        PackedFormat.of(files, moved, Optional.empty(), PackedFormat.Order.EXACT).train()) {
      assertThat(train.fingerprint()).isEqualTo(fingerprint);
    }
  }

  private List<String> besidePack() throws IOException {
    Path parent = Objects.requireNonNull(pack.getParent());
    if (!Files.exists(parent)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(parent)) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void whatStopsHalfway_leavesNothing_andTheOlderPackAsItWas() throws IOException {
    Format files = format(NUMBERS);
    assertThat(Pack.make(pack, files, Optional.empty(), new Steps(1)))
        .as("asked to stop")
        .isEmpty();
    assertThat(besidePack()).isEmpty();
    packed(files);
    byte[] header = Files.readAllBytes(pack.resolve("pack.json"));
    write("numbers/test.csv", "1,2,3,4,5,oak\n1,2,3,4,x,oak\n");
    assertThatThrownBy(() -> Pack.make(pack, files, Optional.empty(), new Steps(100)))
        .isInstanceOf(RanbikiException.class)
        .hasMessageStartingWith("Line 2 of ");
    assertThat(besidePack()).containsExactly("one");
    assertThat(Files.readAllBytes(pack.resolve("pack.json"))).isEqualTo(header);
  }

  @Test
  void filesThatChangeMeanwhile_areRefused() throws IOException {
    Format files = format(NUMBERS);
    Pack.Listener changing =
        new Pack.Listener() {
          @Override
          public void begins(String what, long total, String unit) {
            Path train = folder.resolve("numbers/train.csv");
            assertThat(train.toFile().setLastModified(77_000)).isTrue();
          }

          @Override
          public void step(long count) {}

          @Override
          public void ends() {}

          @Override
          public boolean goesOn() {
            return true;
          }
        };
    Refusal.ofConfiguration(
        () -> Pack.make(pack, files, Optional.empty(), changing),
        folder + "/numbers/train.csv changed while it was packed. Run the command again.");
    assertThat(pack).doesNotExist();
  }

  @Test
  void whatAKilledProcessLeft_isRemoved_andOtherFoldersAreNotTouched() throws IOException {
    write("packs/.one.999999999.tmp/train.rows", "half");
    write("packs/.two.999999999.tmp/train.rows", "of another");
    packed(format(NUMBERS));
    assertThat(besidePack()).containsExactly(".two.999999999.tmp", "one");
    write("packs/mine/notes.txt", "mine");
    pack = folder.resolve("packs/mine");
    Refusal.ofConfiguration(
        () -> Pack.make(pack, format(NUMBERS), Optional.empty(), new Steps(100)),
        pack + " is there already, and is no pack. Name another folder (data.packed).");
    assertThat(pack.resolve("notes.txt")).hasContent("mine");
  }

  @Test
  void badLinesAndTexts_areRefusedAsInMemory() throws IOException {
    write("lines/train.jsonl", "{\"text\": \"a\", \"label\": 1, \"id\": 5}\n\n".repeat(2));
    for (String key : List.of("id", "other")) {
      Format files = format("{format: jsonl, folder: DIR/lines, key: " + key + "}");
      String message =
          (key.equals("id")
                  ? "Line 3 of DIR has the key '5', which line 1 has, too, but every line"
                  : "Line 1 of DIR has no key, but every line")
              .replace("DIR", folder.resolve("lines/train.jsonl").toString());
      Refusal.ofConfiguration(files::train, message);
      Refusal.ofConfiguration(
          () -> Pack.make(pack, files, Optional.empty(), new Steps(100)), message);
    }
    write("notes/b/4.txt", " ");
    Format texts = format("{format: texts, folder: DIR/notes, split: 0.3}");
    Refusal.ofConfiguration(
        () -> Pack.make(pack, texts, Optional.empty(), new Steps(100)),
        folder + "/notes/b/4.txt has no text. Write one into it, or remove it.");
    assertThat(besidePack()).isEmpty();
  }

  @Test
  void linesAndTexts_goIntoThePackOneByOne_andAreNotKept() throws IOException {
    List<String> lines = new ArrayList<>();
    SampleSink counted = new PackSink(Files.createDirectories(pack), "train", new Told(lines));
    Dataset opened = ((JsonlFormat) format("{format: jsonl, folder: DIR/lines}")).train(counted);
    assertThat(lines).containsExactly("MB");
    assertThat(pack.resolve("train.rows")).exists();
    assertThat(opened.place(1)).isEqualTo("line 4 of " + folder.resolve("lines/train.jsonl"));
    Dataset texts = format("{format: texts, folder: DIR/notes, split: 0.4}").train(counted);
    write("notes/b/2.txt", "changed");
    write("notes/b/3.txt", "changed");
    write("notes/b/1.txt", "changed");
    assertThat(
            IntStream.range(0, texts.size())
                .mapToObj(i -> ((Values.Text) texts.read(i).get(Batch.TEXT)).value()))
        .contains("changed");
  }

  private record Told(List<String> units) implements PackSink.Listener {
    @Override
    public void begins(long total, String unit) {
      units.add(unit);
    }

    @Override
    public void step(long count) {}

    @Override
    public boolean goesOn() {
      return true;
    }
  }

  @Test
  void aKeyThatComesTwice_isRefusedAsInMemory() throws IOException {
    write("words/train.csv", "key,note,kind\na,x,p\nb,y,q\na,z,p\n");
    Format files = format("{format: csv, folder: DIR/words, label: kind, key: key, text: note}");
    Refusal.ofConfiguration(
        () -> Pack.make(pack, files, Optional.empty(), new Steps(100)),
        "Row 3 of " + folder + "/words/train.csv has the key 'a', which row 1 has, too");
    assertThat(besidePack()).isEmpty();
  }

  @Test
  void cutOrDamagedFiles_areRefusedWithASentence() throws IOException {
    Format files = format("{format: csv, folder: DIR/words, label: kind, key: key, text: note}");
    packed(files);
    List<Path> parts;
    try (Stream<Path> all = Files.list(pack)) {
      parts = all.sorted().toList();
    }
    assertThat(parts).hasSize(11);
    for (Path part : parts) {
      byte[] whole = Files.readAllBytes(part);
      for (int cut = 0; cut < whole.length; cut += 1 + whole.length / 25) {
        Files.write(part, Arrays.copyOf(whole, cut));
        refusedWhenRead(files, part + " cut to " + cut);
      }
      Files.write(part, Arrays.copyOf(whole, whole.length - 1));
      refusedWhenRead(files, part + " without its last byte");
      for (int at = 0; at < whole.length; at += 1 + whole.length / 40) {
        byte[] other = whole.clone();
        other[at] ^= 1 << at % 7;
        Files.write(part, other);
        if (!part.endsWith("pack.json")) { // of a header, spaces between the words may differ
          refusedWhenRead(files, part + " changed at " + at);
        }
      }
      Files.delete(part);
      refusedWhenRead(files, part + " gone");
      Files.write(part, whole);
    }
    Path header = pack.resolve("pack.json");
    Files.writeString(
        header, Files.readString(header).replace("\"samples\" : 3", "\"samples\" : 2"));
    refused(files, header + " is cut or damaged. Make the pack again with 'ranbiki pack'.");
  }

  private void refusedWhenRead(Format files, String what) {
    Format packed = PackedFormat.of(files, pack, Optional.empty(), PackedFormat.Order.EXACT);
    assertThatThrownBy(
            () -> {
              Dataset train = packed.train();
              Dataset test = packed.test(train);
              IntStream.range(0, train.size()).forEach(train::read);
              IntStream.range(0, train.size()).mapToObj(train::key).forEach(String::length);
              IntStream.range(0, test.size()).forEach(test::read);
              IntStream.range(0, test.size()).mapToObj(test::key).forEach(String::length);
            })
        .as(what)
        .isInstanceOf(RanbikiException.class);
  }

  @Test
  void openedPacks_holdNoFilesOpen() throws IOException {
    Format packed = packed(format(NUMBERS));
    Path open = Path.of("/proc/self/fd");
    assumeTrue(Files.isDirectory(open));
    long before = count(open);
    for (int i = 0; i < 60; i++) {
      packed.train().read(7);
    }
    assertThat(count(open)).isLessThan(before + 30);
  }

  private static long count(Path open) throws IOException {
    try (Stream<Path> all = Files.list(open)) {
      return all.count();
    }
  }

  // ---- the order of samples that memory cannot hold

  @Test
  void blocks_holdEverySampleOnce_inAnotherOrderEveryEpoch_ofWholeNeighbourhoods() {
    int size = 100_003;
    Passes passes = new Passes(3, 1, size, 100);
    int[] first = passes.pass(0);
    assertThat(first).isEqualTo(new Passes(3, 1, size, 100).pass(0));
    assertThat(first).isNotEqualTo(passes.pass(1));
    assertThat(IntStream.of(first).sorted().toArray())
        .isEqualTo(IntStream.range(0, size).toArray());
    // Of the first 6,400 samples, all neighbours are there, and in no order of the file.
    int[] window = Arrays.copyOf(first, 6400);
    assertThat(IntStream.of(window).map(index -> index / 100).distinct().count()).isLessThan(66);
    long rising = IntStream.range(1, 6400).filter(i -> window[i] > window[i - 1]).count();
    assertThat(rising).isBetween(3000L, 3400L);
    assertThat(IntStream.of(passes.draw(size / 2, size)).limit(1).toArray()[0])
        .isEqualTo(first[size / 2]);
  }

  @Test
  void blocks_areTakenWhereTheyAreAskedFor_withTheSameBatchesForAnyNumberOfThreads()
      throws IOException {
    Format files = format(NUMBERS);
    packed(files);
    PackedFormat blocks = PackedFormat.of(files, pack, Optional.empty(), PackedFormat.Order.BLOCKS);
    assertThat(blocks.block()).as("more than there are would fill 4 MiB").isEqualTo(4096);
    assertThat(blocks.notes()).hasSize(1);
    assertThat(blocks.notes().get(0)).contains("shuffled by blocks of 4,096 neighbours");
    assertThat(PackedFormat.Order.suiting(pack)).isEqualTo(PackedFormat.Order.EXACT);
    Loader.Options options = Loader.Options.shuffled(64, 1).withBlock(50);
    try (Dataset train = blocks.train()) {
      Loader one = new Loader(train, options, Prepare.NONE, Views.none());
      Loader four = new Loader(train, options.withThreads(4), Prepare.NONE, Views.none());
      try (Epoch a = one.epoch(1);
          Epoch b = four.epoch(1)) {
        while (a.hasNext()) {
          HostBatch left = a.next();
          HostBatch right = b.next();
          assertThat(right.ids()).isEqualTo(left.ids());
          assertThat(TestData.inputs(right)).isEqualTo(TestData.inputs(left));
        }
        assertThat(b.hasNext()).isFalse();
      }
      assertThat(one.order(0))
          .isNotEqualTo(
              new Loader(train, Loader.Options.shuffled(64, 1), Prepare.NONE, Views.none())
                  .order(0));
    }
  }
}
