package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.MelSpectrogram;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Values;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SoundViewsTest {

  private static final int FRAMES = 50;
  private static final int MELS = 8;

  @TempDir Path folder;
  private Dataset sounds;

  @BeforeEach
  void writeSounds() {
    Tones.write(folder.resolve("train/a/1.wav"), 500, 800, 8000, 1);
    Tones.write(folder.resolve("train/b/2.wav"), 900, 2400, 8000, 2);
    sounds =
        new AudioFormat(
                folder,
                NamePattern.of(NamePattern.CLASS_FOLDERS),
                Optional.empty(),
                Skip.NONE,
                Optional.empty())
            .train();
  }

  private static Step.LogMel logMel(int mels) {
    return new Step.LogMel(
        new MelSpectrogram(new MelSpectrogram.Options(8000, 200, 80, 256, mels, 0, 4000)), 0);
  }

  private static float[] counted() {
    float[] values = new float[FRAMES * MELS];
    for (int i = 0; i < values.length; i++) {
      values[i] = i + 1000;
    }
    return values;
  }

  private static float[] view(Augmentation augmentation, int number) {
    float[] values = counted();
    new Augmentations(List.of(augmentation))
        .apply(
            new View(1, 2, number),
            values,
            0,
            new int[] {1, FRAMES, MELS},
            new float[values.length]);
    return values;
  }

  @Test
  void timeMask_hidesWholeFramesSideBySide() {
    float mean = 1000 + (FRAMES * MELS - 1) / 2f;
    boolean any = false;
    for (int number = 0; number < 20; number++) {
      float[] view = view(new FrameMask(FrameMask.Axis.TIME, 0.2, 1), number);
      List<Integer> hidden = new ArrayList<>();
      for (int frame = 0; frame < FRAMES; frame++) {
        float[] one = Arrays.copyOfRange(view, frame * MELS, (frame + 1) * MELS);
        if (one[0] == mean) {
          hidden.add(frame);
          assertThat(one).containsOnly(mean);
        } else {
          assertThat(one)
              .isEqualTo(Arrays.copyOfRange(counted(), frame * MELS, (frame + 1) * MELS));
        }
      }
      assertThat(hidden).hasSizeLessThanOrEqualTo(10);
      if (!hidden.isEmpty()) {
        any = true;
        assertThat(hidden.get(hidden.size() - 1) - hidden.get(0)).isEqualTo(hidden.size() - 1);
      }
    }
    assertThat(any).isTrue();
  }

  @Test
  void frequencyMask_hidesBandsFromBeginningToEnd() {
    float mean = 1000 + (FRAMES * MELS - 1) / 2f;
    int[] widths = new int[5];
    for (int number = 0; number < 50; number++) {
      float[] view = view(new FrameMask(FrameMask.Axis.FREQUENCY, 0.5, 1), number);
      int hidden = 0;
      for (int band = 0; band < MELS; band++) {
        boolean first = view[band] == mean;
        for (int frame = 0; frame < FRAMES; frame++) {
          assertThat(view[frame * MELS + band] == mean).isEqualTo(first);
        }
        hidden += first ? 1 : 0;
      }
      widths[hidden]++;
    }
    assertThat(widths).doesNotContain(0); // every width from none to half of the bands
  }

  @Test
  void timeShift_movesFramesAndLetsSilenceIn() {
    boolean earlier = false;
    boolean later = false;
    for (int number = 0; number < 20; number++) {
      float[] view = view(new TimeShift(0.1), number);
      int moved = 0;
      for (int frame = 0; frame < FRAMES; frame++) {
        float value = view[frame * MELS];
        if (value != MelSpectrogram.SILENCE) {
          moved = frame - (int) (value - 1000) / MELS;
        }
      }
      assertThat(Math.abs(moved)).isLessThanOrEqualTo(5);
      earlier |= moved < 0;
      later |= moved > 0;
      for (int frame = 0; frame < FRAMES; frame++) {
        int from = frame - moved;
        float expected =
            from < 0 || from >= FRAMES ? MelSpectrogram.SILENCE : counted()[from * MELS];
        assertThat(view[frame * MELS]).isEqualTo(expected);
      }
    }
    assertThat(earlier && later).isTrue();
    assertThat(MelSpectrogram.SILENCE).isCloseTo((float) Math.log(1e-10), within(1e-6f));
  }

  @Test
  void batchOfSounds_isPaddedAndMasked_andChangedWithinEachSoundAlone() {
    Views views = Views.fresh(new Augmentations(List.of(new TimeShift(0.5))), 3);
    Loader loader = new Loader(sounds, Loader.Options.inOrder(2), Prepare.of(logMel(20)), views);
    assertThat(loader.fields())
        .containsExactly(
            new Field(Preparation.FRAMES, Field.Kind.FLOAT32, List.of(1, Field.ANY, 20)));
    try (Epoch epoch = loader.epoch(4)) {
      HostBatch batch = epoch.next();
      Values frames = batch.fields().get(Preparation.FRAMES);
      assertThat(frames.shape()).containsExactly(2, 1, 31, 20);
      long[] mask = batch.masks().get(Preparation.FRAMES).data();
      assertThat(Arrays.stream(mask, 0, 31).sum()).isEqualTo(11);
      assertThat(Arrays.stream(mask, 31, 62).sum()).isEqualTo(31);
      float[] padding = Arrays.copyOfRange(((Values.Floats) frames).data(), 11 * 20, 31 * 20);
      assertThat(padding).containsOnly(0);
      Values.Floats own = (Values.Floats) batch.row(0).get(Preparation.FRAMES);
      assertThat(own.shape()).containsExactly(1, 11, 20);
      assertThat(own.data()).isEqualTo(Arrays.copyOf(((Values.Floats) frames).data(), 11 * 20));
    }
  }

  @Test
  void anotherNetwork_seesTheSameViewInItsOwnFrames() {
    Views views =
        Views.fresh(new Augmentations(List.of(new FrameMask(FrameMask.Axis.TIME, 0.5, 1))), 3);
    Prepare coarse =
        Prepare.of(logMel(10)).with(new Normalization(new float[] {1}, new float[] {2}));
    Loader loader =
        new Loader(sounds, Loader.Options.inOrder(2), Prepare.of(logMel(20)), views).also(coarse);
    Loader alone = new Loader(sounds, Loader.Options.inOrder(2), coarse, views);
    try (Epoch epoch = loader.epoch(1);
        Epoch expected = alone.epoch(1)) {
      HostBatch other = epoch.next().others().get(0);
      HostBatch same = expected.next();
      assertThat(other.fields().get(Preparation.FRAMES).shape()).containsExactly(2, 1, 31, 10);
      assertThat(((Values.Floats) other.fields().get(Preparation.FRAMES)).data())
          .isEqualTo(((Values.Floats) same.fields().get(Preparation.FRAMES)).data());
      assertThat(other.masks().get(Preparation.FRAMES).data())
          .isEqualTo(same.masks().get(Preparation.FRAMES).data());
    }
  }

  @Test
  void augmentationsOfImages_areRefusedForSoundsAndTheOtherWayRound() {
    Views rotated = Views.fresh(new Augmentations(List.of(new Rotation(10))), 3);
    assertThatThrownBy(
            () -> new Loader(sounds, Loader.Options.inOrder(2), Prepare.of(logMel(20)), rotated))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "The augmentation Rotation[degrees=10.0] is not for sounds. Take time-shift, time-mask"
                + " or frequency-mask, or remove it.");
    Views shifted = Views.fresh(new Augmentations(List.of(new TimeShift(0.5))), 3);
    assertThatThrownBy(
            () ->
                new Loader(Digits.dataset(10, 1), Loader.Options.inOrder(2), Prepare.NONE, shifted))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "The augmentation TimeShift[share=0.5] is for sounds alone, but the samples have other"
                + " fields: [image UINT8 [1, 28, 28]]. Remove it.");
  }

  @Test
  void wordsOfTheStore_tellEveryOption() {
    assertThat(new FrameMask(FrameMask.Axis.TIME, 0.2, 2).words())
        .isEqualTo("time-mask share 0.2 count 2");
    assertThat(new FrameMask(FrameMask.Axis.FREQUENCY, 0.1, 1).words())
        .isEqualTo("frequency-mask share 0.1 count 1");
    assertThat(new TimeShift(0.1).words()).isEqualTo("time-shift share 0.1");
    assertThatThrownBy(() -> new FrameMask(FrameMask.Axis.TIME, 1.5, 1))
        .hasMessageContaining("above 0 and at most 1");
    assertThatThrownBy(() -> new TimeShift(1)).hasMessageContaining("above 0 and below 1");
  }
}
