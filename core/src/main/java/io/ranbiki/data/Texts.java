package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import java.nio.charset.StandardCharsets;

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
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw RanbikiException.configuration(
          "%s has half of a character in the %s (one of \\ud800 to \\udfff alone). Write the"
              + " character whole, or remove it.",
          place, within);
    }
  }
}
