package io.ranbiki.data;

import io.ranbiki.RanbikiException;

/** What texts of all files have in common. */
final class Texts {

  private Texts() {}

  /**
   * Checks that there is something to read.
   *
   * @param place where it was read, to begin a sentence with
   */
  static void require(String text, String place) {
    if (text.isBlank()) {
      throw RanbikiException.configuration(
          "%s has an empty text, of which nothing can be learned. Give one, or remove it.", place);
    }
  }
}
