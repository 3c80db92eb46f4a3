package io.ranbiki.tables;

import io.ranbiki.config.Catalogue;
import io.ranbiki.config.Provider;
import io.ranbiki.data.Format;
import java.util.Arrays;
import java.util.List;

/** The formats of this module by their names in configurations. */
public final class TableFormats implements Catalogue {

  @Override
  public List<Provider<?>> providers() {
    return Arrays.stream(FileKind.values()).<Provider<?>>map(TableFormats::format).toList();
  }

  private static Provider<Format> format(FileKind kind) {
    return Provider.of(
        Format.class, kind.word(), kind.sentence(), options -> TableFiles.read(options, kind));
  }
}
