package io.ranbiki.cli;

/** How much a command says beside its result. */
enum Talk {
  /** Errors alone. */
  QUIET,
  /** What somebody who waits wants to know. */
  USUAL,
  /** Every epoch with all its terms, every check of the doctor. */
  VERBOSE
}
