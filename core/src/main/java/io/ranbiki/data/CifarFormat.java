package io.ranbiki.data;

import io.ranbiki.config.Options;
import io.ranbiki.prepare.Colour;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * CIFAR-10 or CIFAR-100 in its binary version: see {@link CifarBinary}.
 *
 * @param layout which of them, and which of its labels
 * @param folder where the files are
 * @param unlabelled a folder of images without labels, PNG and JPEG side by side
 */
public record CifarFormat(
    CifarBinary.Layout layout, Path folder, Optional<Unlabelled<Path>> unlabelled)
    implements Format {

  static CifarFormat read(Options options, CifarBinary.Layout layout) {
    return new CifarFormat(
        layout, Unlabelled.folder(options), Unlabelled.read(options, Unlabelled::folder));
  }

  @Override
  public String name() {
    return layout == CifarBinary.Layout.CIFAR10 ? "cifar10" : "cifar100";
  }

  @Override
  public Map<String, Path> files() {
    return Unlabelled.folders(folder, unlabelled);
  }

  @Override
  public Dataset train() {
    return CifarBinary.folder(folder, Part.TRAIN, layout);
  }

  @Override
  public Dataset test(Dataset train) {
    return CifarBinary.folder(folder, Part.TEST, layout);
  }

  @Override
  public Dataset openUnlabelled(Dataset train) {
    return ImageFolder.unlabelled(unlabelled.orElseThrow().place(), Colour.RGB);
  }
}
