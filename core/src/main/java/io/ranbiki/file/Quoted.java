package io.ranbiki.file;

import java.nio.file.Path;

/** Makes names from elsewhere fit for a message. */
public final class Quoted {

  private static final int LONGEST = 80;

  private Quoted() {}

  /** A name from a file: quoted, on one line, of bounded length. */
  public static String of(String name) {
    String shown = name.length() <= LONGEST ? name : name.substring(0, LONGEST) + "...";
    return '"' + shown.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?") + '"';
  }

  /** A path as one word of a command that is to be typed into a shell. */
  public static String forShell(Path path) {
    return "'" + path.toString().replace("'", "'\\''") + "'";
  }
}
