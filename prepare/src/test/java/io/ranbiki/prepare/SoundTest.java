package io.ranbiki.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds sounds to what transformers, scipy and Python's wave say; sound.py has the lines. */
class SoundTest {

  private static final MelSpectrogram.Options OPTIONS =
      new MelSpectrogram.Options(8000, 200, 80, 256, 40, 0, 4000);

  private record Golden(String kind, String[] parameters, float[] values) {
    int number(int index) {
      return Integer.parseInt(parameters[index]);
    }

    @Override
    public String toString() {
      return kind + " " + String.join(" ", parameters);
    }
  }

  private static Stream<Golden> golden(String kind) throws IOException {
    String text;
    try (InputStream in =
        Objects.requireNonNull(SoundTest.class.getResourceAsStream("sound.txt"))) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    return text.lines()
        .map(line -> line.split(";", -1))
        .filter(parts -> parts[0].equals(kind))
        .map(parts -> new Golden(parts[0], parts[1].split(" "), floats(parts[2])));
  }

  private static float[] floats(String text) {
    String[] words = text.split(" ");
    float[] floats = new float[words.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = Float.parseFloat(words[i]);
    }
    return floats;
  }

  static Stream<Golden> spectrograms() throws IOException {
    return golden("log-mel");
  }

  static Stream<Golden> resampled() throws IOException {
    return golden("resample");
  }

  static Stream<Golden> files() throws IOException {
    return golden("wav");
  }

  private static float[] noise(int count) {
    float[] values = new float[count];
    long x = 1;
    for (int i = 0; i < count; i++) {
      x = (1103515245 * x + 12345) % (1L << 31);
      values[i] = i / 64 % 4 == 3 ? 0 : (float) (x / (double) (1 << 30) - 1);
    }
    return values;
  }

  private static void refused(ThrowingCallable action, String message) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(
            RanbikiException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CONFIGURATION))
        .hasMessage(message);
  }

  @ParameterizedTest
  @MethodSource("spectrograms")
  void logarithms_areThoseOfTransformers(Golden golden) {
    MelSpectrogram spectrogram =
        new MelSpectrogram(
            new MelSpectrogram.Options(
                golden.number(0),
                golden.number(2),
                golden.number(3),
                golden.number(4),
                golden.number(5),
                golden.number(6),
                golden.number(7)));
    float[] found = spectrogram.of(noise(golden.number(1)));
    assertThat(found).hasSameSizeAs(golden.values());
    assertThat(found.length)
        .isEqualTo(spectrogram.frames(golden.number(1)) * spectrogram.options().mels());
    assertThat(found).containsExactly(golden.values(), within(2e-5f));
  }

  @ParameterizedTest
  @MethodSource("resampled")
  void anotherRate_isThatOfScipy(Golden golden) {
    float[] found = Resampling.of(noise(golden.number(0)), golden.number(1), golden.number(2));
    assertThat(found).hasSameSizeAs(golden.values());
    assertThat(found).containsExactly(golden.values(), within(1e-6f));
  }

  @Test
  void itsOwnRate_leavesASoundAlone() {
    float[] wave = noise(10);
    assertThat(Resampling.of(wave, 8000, 8000)).isSameAs(wave);
  }

  @Test
  void ratesWithoutACommonDivisor_areRefused() {
    refused(
        () -> Resampling.of(noise(10), 100_003, 16_000),
        "A sound of 100003 samples a second cannot be brought to 16000. Convert it to a usual rate,"
            + " such as 16000.");
  }

  @ParameterizedTest
  @MethodSource("files")
  void files_areReadAsTheyWereWritten(Golden golden, @TempDir Path folder) throws IOException {
    byte[] bytes = HexFormat.of().parseHex(golden.parameters()[2]);
    Values.Sound sound = Wav.read(bytes, "The sound");
    assertThat(sound.rate()).isEqualTo(11025);
    assertThat(sound.wave()).hasSameSizeAs(golden.values());
    assertThat(sound.wave()).containsExactly(golden.values(), within(1e-7f));

    Path file = Files.write(folder.resolve("a.wav"), bytes);
    assertThat(Wav.read(file).wave()).isEqualTo(sound.wave());
    assertThat(Wav.header(file)).isEqualTo(new Wav.Header(11025, golden.values().length));
  }

  /** A file with a head as people write it, and remarks before the samples. */
  private static byte[] wav(int codec, int bits, int channels, int told, byte[] data) {
    ByteBuffer out = ByteBuffer.allocate(56 + data.length).order(ByteOrder.LITTLE_ENDIAN);
    out.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(48 + data.length);
    out.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
    out.putShort((short) codec).putShort((short) channels).putInt(8000);
    out.putInt(8000 * channels * bits / 8).putShort((short) (channels * bits / 8));
    out.putShort((short) bits);
    out.put("LIST".getBytes(StandardCharsets.US_ASCII)).putInt(4).putInt(0);
    out.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(told).put(data);
    return out.array();
  }

  @Test
  void remarksBeforeTheSamples_areLeftOut() {
    byte[] data = {0, 0x40, 0, (byte) 0xc0};
    assertThat(Wav.read(wav(1, 16, 1, 4, data), "a.wav").wave()).containsExactly(0.5f, -0.5f);
  }

  /** As G.711 says: 0xff and 0x7f are silence, 0x80 is the largest number, 32124 of 32768. */
  @Test
  void muLaw_isDecoded() {
    assertThat(Wav.read(wav(7, 8, 1, 2, new byte[] {(byte) 0xff, (byte) 0x80}), "a").wave())
        .containsExactly(0, 32124 / 32768f);
  }

  static Stream<List<Object>> badFiles() {
    byte[] good = wav(1, 16, 1, 4, new byte[4]);
    byte[] withoutFormat = good.clone();
    withoutFormat[12] = 'x';
    byte[] infinite = {0, 0, (byte) 0x80, 0x7f};
    return Stream.of(
        List.of(new byte[0], "a.wav is empty. Fetch it again or remove it."),
        List.of(
            "ID3 and more".getBytes(StandardCharsets.US_ASCII),
            "a.wav is not a WAV file: it begins as a file of the format MP3. Convert it to WAV, or"
                + " remove it."),
        List.of(
            new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 0},
            "a.wav is not a WAV file: it begins as a file of the format PNG. Convert it to WAV, or"
                + " remove it."),
        List.of(
            "hello, this is a text".getBytes(StandardCharsets.US_ASCII),
            "a.wav is not a WAV file, or its beginning is damaged. Convert it to WAV, or remove it."),
        List.of(
            wav(0x11, 4, 1, 4, new byte[4]),
            "a.wav is a WAV file of codec 17 (IMA ADPCM), which Java cannot read in this form."
                + " Convert it to PCM of 16 bits."),
        List.of(
            wav(0x1234, 16, 1, 4, new byte[4]),
            "a.wav is a WAV file of codec 4660, which Java cannot read in this form. Convert it to"
                + " PCM of 16 bits."),
        List.of(
            wav(3, 64, 1, 8, new byte[8]),
            "a.wav is a WAV file of codec 3 (floating point), which Java cannot read in this form."
                + " Convert it to PCM of 16 bits."),
        List.of(withoutFormat, "a.wav is a damaged WAV file. Fetch it again or remove it."),
        List.of(
            Arrays.copyOf(good, 30), "a.wav is a damaged WAV file. Fetch it again or remove it."),
        List.of(
            wav(1, 16, 1, 0, new byte[0]),
            "a.wav holds no sound: it has a head and no samples. Fetch it again or remove it."),
        List.of(
            wav(1, 16, 1, 4000, new byte[4]),
            "a.wav ends early: it says that it holds 4,000 bytes of sound, but has 4. Fetch it"
                + " again or remove it."),
        List.of(
            wav(3, 32, 1, 4, infinite),
            "Sample 0 of a.wav, counted from 0, is Infinity, but must be finite. Repair or remove"
                + " it."));
  }

  @ParameterizedTest
  @MethodSource("badFiles")
  void badFiles_areNamed(List<Object> bad) {
    refused(() -> Wav.read((byte[]) bad.get(0), "a.wav"), (String) bad.get(1));
  }

  @Test
  void aFileThatIsCutOff_isNoticedByItsHead(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("a.wav"), wav(1, 16, 1, 4000, new byte[4]));
    assertThatThrownBy(() -> Wav.header(file))
        .hasMessageStartingWith(file + " ends early: it says that it holds 4,000 bytes of sound");
  }

  static Stream<byte[]> wholeFiles() throws IOException {
    byte[] data = new byte[24];
    new Random(1).nextBytes(data);
    byte[] oneThatEndsWithRemarks = Arrays.copyOf(wav(1, 8, 1, 3, Arrays.copyOf(data, 4)), 76);
    System.arraycopy(
        "LIST\4\0\0\0".getBytes(StandardCharsets.US_ASCII), 0, oneThatEndsWithRemarks, 60, 8);
    byte[] oneWithPartOfAFrame = wav(1, 16, 2, 11, Arrays.copyOf(data, 11));
    return Stream.concat(
        files().map(golden -> HexFormat.of().parseHex(golden.parameters()[2])),
        Stream.of(wav(7, 8, 1, 24, data), oneThatEndsWithRemarks, oneWithPartOfAFrame));
  }

  @ParameterizedTest
  @MethodSource("wholeFiles")
  void filesThatAreCutAnywhere_areNamedOrHoldTheSame(byte[] whole, @TempDir Path folder)
      throws IOException {
    float[] wave = Wav.read(whole, "The sound").wave();
    Path file = folder.resolve("cut.wav");
    for (int length = whole.length - 1; length >= 0; length -= 3) {
      byte[] cut = Files.readAllBytes(Files.write(file, Arrays.copyOf(whole, length)));
      requireNamedOrSame(length, "The sound", () -> Wav.read(cut, "The sound").wave(), wave);
      requireNamedOrSame(
          length,
          file.toString(),
          () -> new float[(int) Wav.header(file).samples()],
          new float[wave.length]);
    }
  }

  private static void requireNamedOrSame(
      int length, String name, Supplier<float[]> read, float[] whole) {
    try {
      assertThat(read.get()).as("%s cut to %d bytes", name, length).isEqualTo(whole);
    } catch (RanbikiException e) {
      assertThat(e).hasMessageStartingWith(name + " ").hasMessageEndingWith(" remove it.");
      assertThat(e.kind()).isEqualTo(Kind.CONFIGURATION);
    }
  }

  @Test
  void aFileThatIsCutBehindLongRemarks_isNoticedByItsHead(@TempDir Path folder) throws IOException {
    byte[] remarks = new byte[70_000];
    byte[] plain = wav(1, 16, 1, 4, new byte[4]);
    ByteBuffer padded =
        ByteBuffer.allocate(plain.length + remarks.length).order(ByteOrder.LITTLE_ENDIAN);
    padded.put(plain, 0, 48).put(remarks).put(plain, 48, 12).putInt(40, 4 + remarks.length);
    Path file = Files.write(folder.resolve("a.wav"), padded.array());
    assertThat(Wav.header(file)).isEqualTo(new Wav.Header(8000, 2));
    Files.write(file, Arrays.copyOf(padded.array(), padded.capacity() - 1));
    refused(
        () -> Wav.header(file),
        file
            + " ends early: it says that it holds 4 bytes of sound, but has 3. Fetch it again or"
            + " remove it.");
  }

  @Test
  void aFileThatIsNotThere_isSaid(@TempDir Path folder) {
    Path file = folder.resolve("none.wav");
    assertThatThrownBy(() -> Wav.read(file))
        .isInstanceOfSatisfying(
            RanbikiException.class, e -> assertThat(e.kind()).isEqualTo(Kind.IO))
        .hasMessage("There is no file " + file + ". Check the path, or the disk.");
  }

  @Test
  void aSound_isFilledUpOrCutToItsLength() {
    MelSpectrogram spectrogram = new MelSpectrogram(OPTIONS);
    Step.LogMel second = new Step.LogMel(spectrogram, 8000);
    assertThat(second.shape()).containsExactly(1, 101, 40);
    float[] cut = second.of(new Values.Sound(noise(9000), 8000));
    assertThat(cut).isEqualTo(spectrogram.of(Arrays.copyOf(noise(9000), 8000)));
    assertThat(second.cut(new Values.Sound(noise(9000), 8000))).isEqualTo(1000);
    assertThat(second.cut(new Values.Sound(noise(9000), 16000))).isZero();
    float[] filled = second.of(new Values.Sound(noise(100), 8000));
    assertThat(filled).hasSize(101 * 40);
    assertThat(filled[filled.length - 1]).isEqualTo((float) Math.log(1e-10));
    assertThat(new Step.LogMel(spectrogram, 0).shape()).containsExactly(1, Field.ANY, 40);
  }

  @Test
  void frames_reachTheNetworkAsTheyWereTrainedOn(@TempDir Path folder) throws IOException {
    Normalization normalization = new Normalization(new float[] {-5}, new float[] {4});
    Step.LogMel step = new Step.LogMel(new MelSpectrogram(OPTIONS), 0);
    Preparation preparation = Preparation.parse(Preparation.of(step, normalization).json(), "It");
    assertThat(preparation).isEqualTo(Preparation.of(step, normalization));
    byte[] bytes = new byte[4000];
    new Random(3).nextBytes(bytes);
    Path file = Files.write(folder.resolve("a.wav"), wav(1, 16, 2, 4000, bytes));

    Values.Sound sound = Wav.read(file);
    Row row =
        Prepare.of(Prepare.of(step).on(List.of()))
            .apply(Row.of("sound", sound).with("label", Values.Longs.of(3)));
    assertThat(row.has("sound")).isFalse();
    Values frames = row.get(Preparation.FRAMES);
    assertThat(frames.shape()).containsExactly(1, 13, 40);
    float[] raw = ((Values.Floats) frames).data();
    float[] expected = new float[raw.length];
    IntStream.range(0, raw.length).forEach(i -> expected[i] = (raw[i] + 5) / 4);
    assertThat(preparation.apply(file)).isEqualTo(expected);
    assertThat(preparation.apply(Files.readAllBytes(file), "It")).isEqualTo(expected);
    assertThat(preparation.normalizedInside().apply(sound)).isEqualTo(raw);
  }

  @Test
  void json_isTheAgreedText() {
    Step.LogMel step = new Step.LogMel(new MelSpectrogram(OPTIONS), 8000);
    assertThat(Preparation.of(step, Normalization.none()).json())
        .isEqualTo(
            "{\"schema\":1,\"input\":\"sound\",\"shape\":[1,101,40],\"steps\":[{\"log-mel\":"
                + "{\"rate\":8000,\"samples\":8000,\"window\":200,\"hop\":80,\"fft\":256,"
                + "\"mels\":40,\"lowest\":0.0,\"highest\":4000.0}}],\"inside\":[]}");
  }

  @Test
  void damagedJson_isRefused() {
    String json =
        Preparation.of(new Step.LogMel(new MelSpectrogram(OPTIONS), 8000), Normalization.none())
            .json();
    assertThatThrownBy(() -> Preparation.parse(json.replace("[1,101,40]", "[1,99,40]"), "It"))
        .hasMessage(
            "It is damaged: the shape [1, 99, 40] is not [1, 101, 40], which log-mel makes. Export"
                + " the model again.");
    assertThatThrownBy(() -> Preparation.parse(json.replace("\"fft\":256", "\"fft\":250"), "It"))
        .hasMessage(
            "It is damaged: the length of the Fourier transform is 250, but must be a power of two"
                + " and at least the 200 samples of a frame. Export the model again.");
  }

  @Test
  void networksOfOtherSamples_refuseSounds() {
    Values.Sound sound = new Values.Sound(noise(10), 8000);
    refused(
        () -> Preparation.of(List.of(1, 28, 28), Normalization.none()).apply(sound),
        "The sample is a sound, but the network takes images. Give it an image.");
    refused(
        () ->
            Preparation.of(new Step.LogMel(new MelSpectrogram(OPTIONS), 0), Normalization.none())
                .apply(new float[40]),
        "The network takes sounds, and got something else. Give it a WAV file.");
    refused(
        () ->
            Preparation.of(new Step.LogMel(new MelSpectrogram(OPTIONS), 0), Normalization.none())
                .apply("hello"),
        "The sample is a text, but the network takes sounds. Give it a WAV file.");
  }

  @Test
  void aBandWithoutAFrequency_isRefused() {
    assertThatThrownBy(
            () -> new MelSpectrogram(new MelSpectrogram.Options(8000, 200, 80, 256, 128, 0, 4000)))
        .hasMessage(
            "no frequency of a Fourier transform of 256 samples lies in band 0 of 128; take fewer"
                + " bands, or a longer transform");
  }

  @ParameterizedTest
  @CsvSource({"0,200,80,256,40,0,4000", "8000,200,0,256,40,0,4000", "8000,200,80,128,40,0,4000"})
  void optionsOutOfRange_areRefused(
      int rate, int window, int hop, int fft, int mels, double lowest, double highest) {
    assertThatThrownBy(
            () -> new MelSpectrogram.Options(rate, window, hop, fft, mels, lowest, highest))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 4001, Double.NaN})
  void bandsBeyondHalfOfTheRate_areRefused(double highest) {
    assertThatThrownBy(() -> new MelSpectrogram.Options(8000, 200, 80, 256, 40, 0, highest))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
