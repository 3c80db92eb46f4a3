package io.ranbiki.report;

import java.util.List;

/**
 * All that a page says.
 *
 * @param kind of report
 * @param title its name
 * @param setting what was done, in a line
 * @param cautions what must be known before any figure is read
 * @param verdict what was found, in a sentence
 * @param tiles the figures that matter most
 * @param foot version of the program
 */
record Page(
    String kind,
    String title,
    String setting,
    List<String> cautions,
    String verdict,
    List<Tile> tiles,
    List<Section> sections,
    String foot) {

  /**
   * A figure that matters.
   *
   * @param name what it is
   * @param value itself
   * @param detail what it is held against
   */
  record Tile(String name, String value, String detail) {}

  /** The charts of all sections, in their order. */
  List<Chart> charts() {
    return sections.stream()
        .flatMap(section -> section.parts().stream())
        .filter(Part.Charts.class::isInstance)
        .flatMap(part -> ((Part.Charts) part).charts().stream())
        .toList();
  }
}
