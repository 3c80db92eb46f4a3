package io.ranbiki.report;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a section is built of. */
sealed interface Part {

  /**
   * A sentence or two.
   *
   * @param caution whether it must be known before the figures are read
   */
  record Paragraph(String text, boolean caution) implements Part {}

  /**
   * Rows of cells.
   *
   * @param title what it shows; unique in its section
   */
  record Table(String title, List<Column> columns, List<List<Cell>> rows) implements Part {}

  /** Pictures beside each other. */
  record Charts(List<Chart> charts) implements Part {}

  /** Samples with their pictures. */
  record Samples(List<Sample> samples) implements Part {

    /** Whether there is something to read, which needs more room than a picture. */
    boolean areTexts() {
      return samples.stream().anyMatch(sample -> sample.text() != null);
    }
  }

  /**
   * Lines to be copied.
   *
   * @param title what they are; may be empty where a paragraph before says it
   * @param folded whether a reader opens them first
   */
  record Code(String title, String text, boolean folded) implements Part {}

  /**
   * A column.
   *
   * @param number whether it holds numbers, which stand at its right edge
   */
  record Column(String title, boolean number) {}

  /** Whether a cell is one to be glad of. */
  enum Tone {
    PLAIN,
    GOOD,
    BAD,
    OPEN;

    /** Its class in the style sheet. */
    String style() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * A cell.
   *
   * @param detail a second, smaller line; may be empty
   * @param colour of its series in the figures, from 0 on; {@code null} for none
   */
  record Cell(String text, String detail, Tone tone, @Nullable Integer colour) {

    static Cell of(String text) {
      return of(text, "");
    }

    static Cell of(String text, String detail) {
      return new Cell(text, detail, Tone.PLAIN, null);
    }

    static Cell of(String text, Tone tone) {
      return new Cell(text, "", tone, null);
    }
  }

  /**
   * A sample.
   *
   * @param picture as the text of a {@code data:} address; {@code null} where there is none
   * @param truth its class; {@code null} if that is not known
   * @param right whether the student has it right, where the truth is known
   */
  record Sample(
      String name,
      @Nullable String picture,
      @Nullable String text,
      @Nullable String truth,
      String teacher,
      String student,
      boolean right) {}

  /** Columns by their titles, the first of words, the others of numbers. */
  static List<Column> columns(String... titles) {
    return Arrays.stream(titles).map(title -> new Column(title, !title.equals(titles[0]))).toList();
  }
}
