package io.ranbiki.artifact;

/** Makes a name from a file fit for a message: quoted, on one line, of bounded length. */
final class Quoted {

  private static final int LONGEST = 80;

  private Quoted() {}

  static String of(String name) {
    String shown = name.length() <= LONGEST ? name : name.substring(0, LONGEST) + "...";
    return '"' + shown.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?") + '"';
  }
}
