package io.ranbiki.data;

import io.ranbiki.config.Options;

/** What becomes of a file that cannot be decoded, where samples have a file each. */
public enum Skip {
  /** It is named, and stops the run. */
  NONE,
  /** It is left out and counted in a note. */
  DAMAGED;

  static Skip read(Options options) {
    return options.word("skip", NONE, "Files that are left out: those that cannot be decoded");
  }
}
