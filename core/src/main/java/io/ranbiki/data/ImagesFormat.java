package io.ranbiki.data;

import io.ranbiki.config.Options;
import io.ranbiki.prepare.Colour;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * PNG and JPEG images, {@code train/<class>/*} and {@code test/<class>/*}: see {@link ImageFolder}.
 *
 * @param folder where these folders are
 * @param colour what is made of a pixel
 * @param unlabelled a folder of images without labels, side by side
 */
public record ImagesFormat(Path folder, Colour colour, Optional<Unlabelled<Path>> unlabelled)
    implements Format {

  static ImagesFormat read(Options options) {
    return new ImagesFormat(
        Unlabelled.folder(options),
        options.word("colour", Colour.RGB, "What is made of a pixel"),
        Unlabelled.read(options, Unlabelled::folder));
  }

  @Override
  public String name() {
    return "images";
  }

  @Override
  public Map<String, Path> files() {
    return Unlabelled.folders(folder, unlabelled);
  }

  @Override
  public Dataset train() {
    return ImageFolder.open(folder, Part.TRAIN, colour);
  }

  @Override
  public Dataset test(Dataset train) {
    return ImageFolder.open(folder, Part.TEST, colour, train.task().names());
  }

  @Override
  public Dataset openUnlabelled(Dataset train) {
    return ImageFolder.unlabelled(unlabelled.orElseThrow().place(), colour);
  }
}
