package io.ranbiki.cli;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** Files that PyTorch made; the tests of the library keep them. */
final class ForeignFiles {

  private ForeignFiles() {}

  static Path of(String name) {
    try {
      return Path.of(ForeignFiles.class.getResource("/foreign/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
