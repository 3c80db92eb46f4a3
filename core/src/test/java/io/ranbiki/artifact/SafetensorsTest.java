package io.ranbiki.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.SafetensorsFile.Entry;
import io.ranbiki.file.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Reads files that the reference implementation wrote (safetensors 0.8.0 with torch 2.13.0). {@code
 * safetensors/every-type.safetensors} was made by {@code save_file} from the values asserted here.
 */
class SafetensorsTest {

  private static final String EVERY_TYPE = "/safetensors/every-type.safetensors";

  @TempDir Path folder;

  @Test
  void filesOfTheReference_giveTheValuesThatPyTorchPrints() {
    Map<String, Entry> schedule =
        Safetensors.read(resource("/golden/29-optim.sgd-steplr.safetensors")).entries();
    assertThat(schedule.get("out.lr").doubles())
        .hasSize(7)
        .startsWith(0.1, 0.1, 0.010000000000000002);
    assertThat(schedule.get("in.grads").shape()).containsExactly(7, 3, 4);
    assertThat(schedule.get("in.grads").floats())
        .startsWith(0.52852547f, -0.7769900f, 0.045564305f, -0.5703832f);

    SafetensorsFile crossEntropy =
        Safetensors.read(resource("/golden/25-ce.smooth-ignore.safetensors"));
    assertThat(crossEntropy.entries())
        .containsOnlyKeys("in.labels", "grad.in.student_logits", "in.student_logits", "out.loss");
    assertThat(crossEntropy.entries().get("in.labels").longs()).startsWith(0, -100, 3, 1);
    assertThat(crossEntropy.entries().get("out.loss").shape()).isEmpty();
    assertThat(crossEntropy.entries().get("out.loss").floats()).containsExactly(2.1914237f);
    assertThat(crossEntropy.metadata()).containsEntry("case", "visible:25-ce.smooth-ignore");
  }

  @Test
  void everyType_isConvertedExactly() {
    SafetensorsFile file = Safetensors.read(resource(EVERY_TYPE));
    Map<String, Entry> entries = file.entries();

    assertThat(entries.keySet())
        .containsExactly(
            "i64", "f64", "f32", "nothing", "scalar", "名前.0", "i32", "bf16", "f16", "i16", "i8",
            "u8", "bool");
    assertThat(file.metadata()).containsExactly(Map.entry("made-by", "safetensors, \"Python\"\n"));
    assertThat(entries.get("f64").doubles()).containsExactly(0.1, -1e300, Double.POSITIVE_INFINITY);
    assertThat(entries.get("f64").floats())
        .containsExactly(0.1f, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    assertThat(entries.get("f32").floats()).containsExactly(0.1f, -2.5f, 1e-40f, Float.NaN);
    assertThat(entries.get("f16").floats())
        .containsExactly(
            0f,
            -0f,
            1f,
            -2.5f,
            65504f,
            5.960464477539063e-08f,
            0.00010001659393310547f,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            0.0999755859375f);
    assertThat(entries.get("bf16").doubles())
        .containsExactly(1, -3.140625, 9.969209968386869e+37, Double.POSITIVE_INFINITY);
    assertThat(entries.get("i64").longs()).containsExactly(-100, Long.MAX_VALUE);
    assertThat(entries.get("i32").longs()).containsExactly(-5, Integer.MAX_VALUE);
    assertThat(entries.get("i16").longs()).containsExactly(Short.MIN_VALUE, 7);
    assertThat(entries.get("i8").longs()).containsExactly(-128, 127);
    assertThat(entries.get("u8").longs()).containsExactly(0, 255);
    assertThat(entries.get("bool").longs()).containsExactly(1, 0, 1);
    assertThat(entries.get("scalar").floats()).containsExactly(3.5f);
    assertThat(entries.get("nothing").shape()).containsExactly(0, 4);
    assertThat(entries.get("nothing").floats()).isEmpty();
    assertThat(entries.get("名前.0").floats()).containsExactly(1f);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/golden/29-optim.sgd-steplr.safetensors",
        "/golden/25-ce.smooth-ignore.safetensors",
        "/golden/01-hinton-kd.batch1.safetensors",
        EVERY_TYPE
      })
  void fileOfTheReference_isWrittenBackByteForByte(String name) {
    SafetensorsFile read = Safetensors.read(resource(name));
    Path copy = folder.resolve("copy.safetensors");

    Safetensors.write(copy, read.entries().values(), read.metadata());

    assertThat(copy).hasSameBinaryContentAs(resource(name));
  }

  @Test
  void writtenValues_areReadBack() {
    Path file = folder.resolve("new.safetensors");
    Entry weight = Entry.of("0.weight", new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    Entry steps = Entry.of("steps", new long[] {7});
    Entry rate = Entry.of("rate", new double[] {0.1, 0.2}, 2);

    Safetensors.write(file, List.of(weight, steps, rate), Map.of("format", "pt"));
    SafetensorsFile read = Safetensors.read(file);

    assertThat(read.entries().keySet()).containsExactly("0.weight", "steps", "rate");
    assertThat(read.entries().get("0.weight").floats()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(read.entries().get("0.weight").shape()).containsExactly(2, 3);
    assertThat(read.entries().get("steps").longs()).containsExactly(7);
    assertThat(read.entries().get("rate").doubles()).containsExactly(0.1, 0.2);
    assertThat(read.metadata()).containsExactly(Map.entry("format", "pt"));
  }

  @Test
  void write_replacesTheOldFileAndLeavesNothingElse() throws IOException {
    Path file = folder.resolve("model.safetensors");
    Safetensors.write(file, List.of(Entry.of("a", new float[] {1}, 1)), Map.of());
    Safetensors.write(file, List.of(Entry.of("b", new float[] {2}, 1)), Map.of());

    assertThat(Safetensors.read(file).entries()).containsOnlyKeys("b");
    assertThat(filesOf(folder)).containsExactly(file);
  }

  @Test
  void failedWrite_keepsTheOldFileAndLeavesNothingElse() throws IOException {
    Path file = folder.resolve("model.safetensors");
    Files.writeString(file, "old");

    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      channel.write(ByteBuffer.wrap(new byte[100]));
                      throw new IOException("No space left on device");
                    }))
        .withMessage(
            "Cannot write %s: No space left on device. Check that the folder exists, may be written"
                + " to and has free space.",
            file)
        .matches(e -> e.kind() == RanbikiException.Kind.IO);
    assertThat(file).hasContent("old");
    assertThat(filesOf(folder)).containsExactly(file);
  }

  @Test
  void write_intoAFolderThatIsNotThere_saysSo() {
    Path file = folder.resolve("nowhere/model.safetensors");
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> Safetensors.write(file, List.of(), Map.of()))
        .withMessageStartingWith("Cannot write " + file + ": no such file or folder.");
  }

  @Test
  void write_refusesANameTwiceAndTheNameOfTheMetadata() {
    Path file = folder.resolve("model.safetensors");
    Entry one = Entry.of("a", new float[] {1}, 1);
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> Safetensors.write(file, List.of(one, one), Map.of()))
        .withMessage("Cannot write %s: the name \"a\" is taken, give each tensor its own.", file);
    Entry reserved = Entry.of("__metadata__", new float[] {1}, 1);
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> Safetensors.write(file, List.of(reserved), Map.of()))
        .withMessageContaining("the name \"__metadata__\" is taken");
    assertThat(file).doesNotExist();
  }

  @Test
  void entry_whoseDataDoNotFitItsShape_isRefused() {
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> Entry.of("a", new float[3], 2, 2))
        .withMessage("Tensor \"a\" has 12 bytes of data; F32 [2, 2] needs 16.");
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> Entry.of("a", new float[3], -1))
        .withMessageContaining("needs a shape of dimensions 0 or more");
  }

  @Test
  void entry_readAsTheWrongKindOfNumber_isRefused() {
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> Entry.of("a", new float[1], 1).longs())
        .withMessage("Tensor \"a\" holds F32 where integers are expected.");
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> Entry.of("a", new long[1], 1).floats())
        .withMessage("Tensor \"a\" holds I64 where floating point numbers are expected.");
  }

  @Test
  void entry_cannotBeChangedFromOutside() {
    Entry entry = Entry.of("a", new float[] {1, 2}, 2);
    entry.shape()[0] = 99;
    entry.data().getFloat();

    assertThat(entry.shape()).containsExactly(2);
    assertThat(entry.data().isReadOnly()).isTrue();
    assertThat(entry.data().order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
    assertThat(entry.floats()).containsExactly(1, 2);
  }

  /** Header, bytes of data after it, and what the message must say. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[] | 0 | its header does not begin with {",
        "`` | 0 | its header does not begin with {",
        "{ | 0 | its header is not valid JSON (Unexpected end-of-input",
        "{\"a\":} | 0 | its header is not valid JSON (Unexpected character",
        "{} x | 0 | its header is not valid JSON (Unrecognized token",
        "{}{} | 0 | its header goes on after the closing }",
        "{\"\\ud800\":{}} | 0 | the name \"?\" is not valid Unicode",
        "{\"a\":1} | 0 | tensor \"a\" is not described by an object",
        "{\"a\":{}} | 0 | tensor \"a\" has no dtype",
        "{\"a\":{\"dtype\":\"U8\"}} | 0 | tensor \"a\" has no shape",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[]}} | 0 | tensor \"a\" has no data_offsets",
        "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}} | 0 | tensor \"a\" has the key dtype twice",
        "{\"a\":{\"type\":\"U8\"}} | 0 | tensor \"a\" has the unknown key \"type\"",
        "{\"a\":{\"dtype\":\"F8_E4M3\"}} | 0 | tensor \"a\" has the dtype \"F8_E4M3\", which is not"
            + " one of [F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL]. Convert it before",
        "{\"a\":{\"dtype\":null}} | 0 | tensor \"a\" has the dtype \"null\"",
        "{\"a\":{\"shape\":3}} | 0 | the shape of tensor \"a\" is not a list",
        "{\"a\":{\"shape\":[-1]}} | 0 | the shape of tensor \"a\" holds \"-1\", not an integer from 0"
            + " to 9223372036854775807",
        "{\"a\":{\"shape\":[1.0]}} | 0 | the shape of tensor \"a\" holds \"1.0\"",
        "{\"a\":{\"shape\":[\"1\"]}} | 0 | the shape of tensor \"a\" holds \"1\"",
        "{\"a\":{\"shape\":[9223372036854775808]}} | 0 | holds \"9223372036854775808\"",
        "{\"a\":{\"shape\":[[1]]}} | 0 | the shape of tensor \"a\" holds \"[\"",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}} | 0 |"
            + " the shape [4611686018427387904, 4] of tensor \"a\" has too many elements",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}} | 1 | the data_offsets of"
            + " tensor \"a\" are [0], not a begin and an end",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,0]}} | 1 | are [1, 0], not a"
            + " begin and an end",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,12]}} | 12 | tensor \"a\" takes"
            + " 12 bytes by its data_offsets and 24 by its shape, F32 [2, 3]",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}} | 1 | tensor \"a\" ends at"
            + " byte 2 of the data, which has 1",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}} | 5 | 3 bytes after the last"
            + " tensor belong to no tensor",
        "{} | 5 | 5 bytes after the last tensor belong to no tensor",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[3,5]}} | 5 | 3 bytes before tensor"
            + " \"a\" belong to no tensor",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\","
            + "\"shape\":[2],\"data_offsets\":[1,3]}} | 3 | tensor \"b\" overlaps the one before it",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"a\":{\"dtype\":\"U8\","
            + "\"shape\":[1],\"data_offsets\":[1,2]}} | 2 | tensor \"a\" is listed twice",
        "{\"a\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[0,1]}} | 1 | the BOOL tensor"
            + " \"a\" holds a byte 120",
        "{\"__metadata__\":[]} | 0 | __metadata__ is not an object of strings",
        "{\"__metadata__\":{\"k\":1}} | 0 | the value of \"k\" in __metadata__ is not a string",
        "{\"__metadata__\":{\"k\":\"\",\"k\":\"\"}} | 0 | \"k\" in __metadata__ is listed twice",
        "{\"__metadata__\":{},\"__metadata__\":{}} | 0 | __metadata__ is listed twice",
      })
  void brokenHeader_isRefusedWithTheRule(String header, int dataBytes, String rule)
      throws IOException {
    Path file = write(header.getBytes(StandardCharsets.UTF_8), dataBytes);
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> Safetensors.read(file))
        .withMessageStartingWith(file + ": ")
        .withMessageContaining(rule)
        .matches(e -> e.kind() == RanbikiException.Kind.MODEL);
  }

  @Test
  void damagedHeader_saysWhatToDo() throws IOException {
    Path file = write("{}".getBytes(StandardCharsets.UTF_8), 1);
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> Safetensors.read(file))
        .withMessage(
            "%s: 1 bytes after the last tensor belong to no tensor. The file is damaged or no"
                + " safetensors file: make or download it again.",
            file);
  }

  @Test
  void headerThatIsNotUtf8_isRefused() throws IOException {
    Path latin = write("{\"é\":{}}".getBytes(StandardCharsets.ISO_8859_1), 0);
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> Safetensors.read(latin))
        .withMessageContaining("its header is not valid UTF-8");
  }

  @Test
  void headerLength_overTheCapOrTheFile_isRefusedBeforeItIsAllocated() throws IOException {
    for (long claimed : new long[] {-1, Long.MAX_VALUE, 100_000_001}) {
      Path file = file(ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(claimed));
      assertThatExceptionOfType(RanbikiException.class)
          .isThrownBy(() -> Safetensors.read(file))
          .withMessage(
              "%s claims a header of %s bytes; 100000000 is the most. It is no safetensors file or"
                  + " it is damaged: make or download it again.",
              file, Long.toUnsignedString(claimed));
    }
    Path cut = file(ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(9));
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> Safetensors.read(cut))
        .withMessageContaining("claims a header of 9 bytes but has only 16 in all");
  }

  @Test
  void everyTruncation_isRefused() throws IOException {
    byte[] whole = Files.readAllBytes(resource(EVERY_TYPE));
    Path file = folder.resolve("cut.safetensors");
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      assertThatExceptionOfType(RanbikiException.class)
          .as("first %d bytes", length)
          .isThrownBy(() -> Safetensors.read(file))
          .matches(e -> e.kind() == RanbikiException.Kind.MODEL);
    }
  }

  @Test
  void pickledFile_isRefusedWithTheWayOut() throws IOException {
    for (String start : List.of("PK\u0003\u0004 and more", "\u0080\u0002}q\u0000X.......")) {
      Path file = folder.resolve("teacher.pt");
      Files.write(file, start.getBytes(StandardCharsets.ISO_8859_1));
      assertThatExceptionOfType(RanbikiException.class)
          .isThrownBy(() -> Safetensors.read(file))
          .withMessage(
              "%s is a pickled PyTorch file, which can run code when it is read. Convert it once:"
                  + " python3 -c \"import sys, torch, safetensors.torch as s; s.save_file({k:"
                  + " v.clone().contiguous() for k, v in torch.load(sys.argv[1],"
                  + " map_location='cpu', weights_only=True).items()}, 'model.safetensors')\" '%s'",
              file, file);
    }
  }

  @Test
  void headerAsLongAsAPickleMagic_isNotTakenForAPickle() throws IOException {
    String text = "{\"__metadata__\":{\"k\":\"" + " ".repeat(0x280 - 25) + "\"}}";
    assertThat(text).hasSize(0x280);
    assertThat(Safetensors.read(write(text.getBytes(StandardCharsets.UTF_8), 0)).metadata())
        .containsOnlyKeys("k");
  }

  @Test
  void otherFiles_areRefusedByWhatTheyAre() throws IOException {
    Path missing = folder.resolve("missing.safetensors");
    refused(missing, missing + " does not exist: check the path.");
    refused(folder, folder + " is not a file: give the path of a .safetensors file.");
    Path empty = Files.createFile(folder.resolve("empty"));
    refused(empty, empty + " is empty: make or download it again.");
    Path shortFile = Files.write(folder.resolve("short"), new byte[7]);
    refused(
        shortFile,
        shortFile
            + " has 7 bytes, fewer than the 8 that say how long a safetensors header is: make or"
            + " download it again.");
    Path pointer = Files.writeString(folder.resolve("lfs"), "version https://git-lfs...\n");
    refused(
        pointer,
        pointer + " is a Git LFS pointer, not the file itself: fetch it with \"git lfs pull\".");
  }

  @Test
  void tensorOverTwoGigabytes_isRefusedBeforeItIsRead() throws IOException {
    long bytes = 1L << 31;
    byte[] header =
        ("{\"a\":{\"dtype\":\"U8\",\"shape\":[" + bytes + "],\"data_offsets\":[0," + bytes + "]}}")
            .getBytes(StandardCharsets.UTF_8);
    Path file = write(header, 0);
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(8 + header.length + bytes);
    }
    refused(
        file,
        file
            + ": tensor \"a\" has 2147483648 bytes; 2147483639 is the most that one tensor may have."
            + " Split it.");
  }

  @Test
  void longNameInAMessage_isCutAndKeptOnOneLine() throws IOException {
    String header = "{\"\\n" + "x".repeat(500) + "\":1}";
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> Safetensors.read(write(header.getBytes(StandardCharsets.UTF_8), 0)))
        .withMessageContaining("tensor \"?" + "x".repeat(79) + "...\" is not");
  }

  private static void refused(Path file, String message) {
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> Safetensors.read(file))
        .withMessage(message)
        .matches(e -> e.kind() == RanbikiException.Kind.MODEL);
  }

  private Path write(byte[] header, int dataBytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array());
    out.write(header);
    out.write("x".repeat(dataBytes).getBytes(StandardCharsets.UTF_8));
    return Files.write(folder.resolve("bad.safetensors"), out.toByteArray());
  }

  private Path file(ByteBuffer bytes) throws IOException {
    return Files.write(folder.resolve("bad.safetensors"), bytes.array());
  }

  private static List<Path> filesOf(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private static Path resource(String name) {
    try {
      return Path.of(
          java.util.Objects.requireNonNull(SafetensorsTest.class.getResource(name)).toURI());
    } catch (java.net.URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
