package io.ranbiki.data;

import io.ranbiki.config.Catalogue;
import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import java.util.List;
import java.util.function.Function;

/** Our data formats by their names in configurations. */
public final class Formats implements Catalogue {

  @Override
  public List<Provider<?>> providers() {
    return List.of(
        format("idx", "The files of MNIST and its kin, plain or gzipped.", IdxFormat::read),
        format(
            "cifar10",
            "CIFAR-10 in its binary version.",
            options -> CifarFormat.read(options, CifarBinary.Layout.CIFAR10)),
        format(
            "cifar100",
            "CIFAR-100 in its binary version, with its 100 fine classes.",
            options -> CifarFormat.read(options, CifarBinary.Layout.CIFAR100_FINE)),
        format("images", "Images in a folder for each class, or in a list.", ImagesFormat::read),
        format("audio", "Sounds in WAV files, whose names say the class.", AudioFormat::read),
        format("csv", "Rows of numbers: train.csv and test.csv.", CsvFormat::read),
        format("texts", "Files of texts in a folder for each class.", TextsFormat::read),
        format("jsonl", "Texts in JSON, an object in every line.", JsonlFormat::read),
        format("digits", "Digits that are drawn by this library.", DigitsFormat::read));
  }

  private static Provider<Format> format(
      String name, String sentence, Function<Options, Format> reader) {
    return Provider.of(Format.class, name, sentence, reader);
  }
}
