package io.ranbiki.data;

import io.ranbiki.RanbikiException;

/** What texts of all files have in common. */
final class Texts {

  private Texts() {}

  /**
   * Checks that there is something to read.
   *
   * @param place where it was read, to begin a sentence with
   * @param within what is empty there, such as {@code column 'text'}
   */
  static void require(String text, String place, String within) {
    if (text.isBlank()) {
      throw RanbikiException.configuration(
          "%s has nothing in the %s. Fill it, or remove the line.", place, within);
    }
  }
}
