package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.prepare.Values;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SoundFolderTest {

  @TempDir Path folder;

  private AudioFormat format(String yaml) {
    return ConfigDocument.parse(
            "data.yaml", "folder: '" + folder + "'\n" + yaml, List.of(), Map.of())
        .bind(AudioFormat::read);
  }

  private static void refused(ThrowingCallable action, String message) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(
            RanbikiException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CONFIGURATION))
        .hasMessage(message);
  }

  private void tone(String name) {
    Tones.write(folder.resolve(name), 500, 100, 8000, 1);
  }

  /** Two digits by three speakers, four takes each. */
  private void digits() {
    for (int digit = 0; digit < 2; digit++) {
      for (String speaker : List.of("ann", "bob", "cy")) {
        for (int take = 0; take < 4; take++) {
          tone(digit + "_" + speaker + "_" + take + ".wav");
        }
      }
    }
  }

  private static Set<String> keys(Dataset samples) {
    return IntStream.range(0, samples.size()).mapToObj(samples::key).collect(Collectors.toSet());
  }

  @Test
  void classFolders_areReadInTheOrderOfTheirNames() {
    Tones.write(folder.resolve("train/no/a.wav"), 500, 80, 8000, 1);
    Tones.write(folder.resolve("train/go/b.wav"), 300, 120, 16000, 2);
    Tones.write(folder.resolve("test/no/c.WAV"), 500, 90, 8000, 1);
    AudioFormat format = format("");
    Dataset train = format.train();
    assertThat(train.task().names()).containsExactly("go", "no");
    assertThat(train.key(0)).isEqualTo("go/b.wav");
    assertThat(train.place(0)).isEqualTo(folder.resolve("train/go/b.wav").toString());
    Values.Sound sound = (Values.Sound) train.read(0).get(Batch.SOUND);
    assertThat(sound.rate()).isEqualTo(16000);
    assertThat(sound.wave()).hasSize(120);
    assertThat(train.stratum(1)).isEqualTo(1);
    Dataset test = format.test(train);
    assertThat(test.stratum(0)).isEqualTo(1);
    assertThat(test.fingerprint()).isNotEqualTo(train.fingerprint());
  }

  @Test
  void oneFolder_isSplitBySpeaker() {
    digits();
    AudioFormat format =
        format("names: '{label}_{speaker}_{take}'\nsplit: {by: speaker, test: [bob]}");
    Dataset train = format.train();
    Dataset test = format.test(train);
    assertThat(test.size()).isEqualTo(8);
    assertThat(keys(test)).allMatch(key -> key.contains("_bob_"));
    assertThat(train.size()).isEqualTo(16);
    assertThat(keys(train)).noneMatch(key -> key.contains("_bob_"));
  }

  @Test
  void aShare_isDrawnFromEveryClassAlike() {
    digits();
    AudioFormat format = format("names: '{label}_{speaker}_{take}'\nsplit: 0.25");
    Dataset train = format.train();
    Dataset test = format.test(train);
    assertThat(test.size()).isEqualTo(6);
    assertThat(IntStream.range(0, 6).filter(i -> test.stratum(i) == 0).count()).isEqualTo(3);
    assertThat(keys(train)).doesNotContainAnyElementsOf(keys(test)).hasSize(18);
    assertThat(keys(format.test(train))).isEqualTo(keys(test));
    Dataset other =
        format("names: '{label}_{speaker}_{take}'\nsplit: {share: 0.25, seed: 2}").test(train);
    assertThat(keys(other)).isNotEqualTo(keys(test));
  }

  @Test
  void aShareBySpeaker_keepsSpeakersTogether() {
    digits();
    AudioFormat format =
        format("names: '{label}_{speaker}_{take}'\nsplit: {share: 0.3, by: speaker}");
    Dataset test = format.test(format.train());
    assertThat(test.size()).isEqualTo(8);
    assertThat(keys(test).stream().map(key -> key.split("_")[1]).distinct()).hasSize(1);
  }

  @Test
  void splitsThatCannotBe_areNamed() {
    tone("0_ann_0.wav");
    tone("1_ann_0.wav");
    refused(
        () -> format("names: '{label}_{speaker}_{take}'\nsplit: {share: 0.3, by: speaker}").train(),
        "data.split is by 'speaker', but all sounds of "
            + folder
            + " have the same, 'ann'. Split them by another group, or leave 'by' out.");
    refused(
        () ->
            format("names: '{label}_{speaker}_{take}'\nsplit: {by: speaker, test: [eve]}").train(),
        "data.split.test names 'eve', but no sound of "
            + folder
            + " has this speaker: there are [ann]. Name some of these.");
    refused(
        () -> format("names: '{label}_{speaker}_{take}'\nsplit: {by: speaker, test: ann}").train(),
        "data.split leaves no sound of " + folder + " for training. Correct the split.");
    refused(
        () -> format("names: '{label}_{speaker}_{take}'\nsplit: 0.5").train(),
        "data.split takes 1 of the 1 sounds of class '0' for the test, which leaves none to train"
            + " on. Take a smaller share, or add sounds.");
  }

  @Test
  void keysThatDoNotGoTogether_areMistakes() {
    assertThatThrownBy(() -> format("split: {by: speaker, share: 0.2}"))
        .hasMessageContaining(
            "is by 'speaker', but 'names' has only {label}, {name}; write {speaker} where it stands"
                + " in the names.");
    assertThatThrownBy(() -> format("split: {by: label}"))
        .hasMessageContaining("must have either 'share' or 'test'.");
    assertThatThrownBy(() -> format("split: {test: [a]}"))
        .hasMessageContaining("gives 'test', but no 'by': say which group these are of.");
    assertThatThrownBy(() -> format("names: '{label}{speaker}'"))
        .hasMessageContaining("must have different words in braces with something between them");
    assertThatThrownBy(() -> format("names: 'label'"))
        .hasMessageContaining("must have words of letters and digits in braces");
  }

  @Test
  void oddFiles_areNamed() throws IOException {
    digits();
    Path other = Files.writeString(folder.resolve("0_ann_9.mp3"), "x");
    String yaml = "names: '{label}_{speaker}_{take}'\nsplit: 0.25";
    refused(
        () -> format(yaml).train(),
        other + " is not a file that ends in .wav. Convert it or move it elsewhere.");
    Files.delete(other);
    Path misnamed = folder.resolve("zero.wav");
    tone("zero.wav");
    refused(
        () -> format(yaml).train(),
        misnamed
            + " is not named as data.names says: 'zero' is not like '{label}_{speaker}_{take}'."
            + " Rename it, move it elsewhere, or correct data.names.");
    Files.delete(misnamed);
    Files.writeString(folder.resolve("0_ann_0.wav"), "no sound at all");
    refused(
        () -> {
          AudioFormat format = format(yaml);
          format.test(format.train());
        },
        folder.resolve("0_ann_0.wav")
            + " is not a WAV file, or its beginning is damaged. Convert it to WAV, or remove it.");
  }

  @Test
  void oddFiles_areLeftOutAndCounted_whereThatIsSaid() throws IOException {
    digits();
    Files.writeString(folder.resolve("remarks.txt"), "x");
    Path cut = folder.resolve("0_ann_0.wav");
    Files.write(cut, Arrays.copyOf(Files.readAllBytes(cut), 60));
    AudioFormat format =
        format("names: '{label}_{speaker}_{take}'\nsplit: {by: speaker, test: cy}\nskip: damaged");
    Dataset train = format.train();
    assertThat(train.size()).isEqualTo(15);
    assertThat(train.id(0)).isEqualTo(1);
    assertThat(train.key(0)).isEqualTo("0_ann_1.wav");
    assertThat(train.notes())
        .containsExactly(
            "Left out are 2 of 17 files, which are damaged or no sounds; the first is "
                + cut
                + ".");
    assertThat(format.test(train).notes()).isEmpty();
  }

  @Test
  void soundThatIsNoNumber_isNamedWhenTheFolderIsOpened() throws IOException {
    digits();
    Path file = folder.resolve("0_ann_0.wav");
    ByteBuffer bytes = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(40);
    bytes.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
    bytes.putShort((short) 3).putShort((short) 1).putInt(8000).putInt(32000);
    bytes.putShort((short) 4).putShort((short) 32);
    bytes.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(4).putFloat(Float.NaN);
    Files.write(file, bytes.array());
    refused(
        () -> format("names: '{label}_{speaker}_{take}'\nsplit: 0.25").train(),
        "Sample 0 of "
            + file
            + ", counted from 0, is NaN, but must be finite. Repair or remove it.");
  }

  @Test
  void aClassOfTheTestAlone_isRefused() {
    Tones.write(folder.resolve("train/no/a.wav"), 500, 80, 8000, 1);
    Tones.write(folder.resolve("test/go/c.wav"), 500, 90, 8000, 1);
    AudioFormat format = format("");
    Dataset train = format.train();
    refused(
        () -> format.test(train),
        folder.resolve("test/go/c.wav")
            + " is of a class that training lacks: it has [no]. Give training sounds of this class,"
            + " too, or remove the file.");
  }

  @Test
  void soundsWithoutLabels_lieSideBySide() {
    Tones.write(folder.resolve("train/no/a.wav"), 500, 80, 8000, 1);
    Path more = folder.resolve("more");
    Tones.write(more.resolve("x.wav"), 500, 80, 8000, 1);
    AudioFormat format = format("unlabelled: {folder: '" + more + "'}");
    Dataset samples = format.openUnlabelled(format.train());
    assertThat(samples.size()).isEqualTo(1);
    assertThat(samples.isLabelled(0)).isFalse();
  }
}
