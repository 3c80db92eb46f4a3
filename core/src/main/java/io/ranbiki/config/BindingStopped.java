package io.ranbiki.config;

/**
 * Leaves the binding of one value whose mistake is reported; caught where that binding began. It
 * carries no stack trace, because nobody reads it.
 */
final class BindingStopped extends RuntimeException {
  BindingStopped() {
    super("the mistake is already reported", null, false, false);
  }
}
