package io.ranbiki.data;

import io.ranbiki.config.Catalogue;
import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import java.util.List;
import java.util.function.Function;

/** Our augmentations by their names in configurations. */
public final class Transforms implements Catalogue {

  @Override
  public List<Provider<?>> providers() {
    return List.of(
        transform(
            "crop",
            "Adds black on all sides and cuts out the original size at a random place.",
            Crop::read),
        transform(
            "resized-crop",
            "Cuts out a random part and stretches it to the original size.",
            ResizedCrop::read),
        transform("flip", "Mirrors an image with probability 0.5.", Flip::read),
        transform("rotation", "Turns an image about its centre by a random angle.", Rotation::read),
        transform("noise", "Adds independent normal noise to every number.", Noise::read),
        transform("erase", "Makes a random rectangle of an image black.", Erase::read),
        transform(
            "colour-jitter",
            "Changes brightness, contrast, saturation and hue by random factors.",
            ColourJitter::read),
        transform(
            "rand-augment", "Does some of fourteen changes, each at random.", RandAugment::read),
        transform("time-shift", "Moves a sound in time; silence comes in.", TimeShift::read),
        transform(
            "time-mask",
            "Hides random stretches of time of a sound.",
            options -> FrameMask.read(FrameMask.Axis.TIME, options)),
        transform(
            "frequency-mask",
            "Hides random ranges of frequency of a sound.",
            options -> FrameMask.read(FrameMask.Axis.FREQUENCY, options)));
  }

  private static Provider<Augmentation> transform(
      String name, String sentence, Function<Options, Augmentation> reader) {
    return Provider.of(Augmentation.class, name, sentence, reader);
  }
}
