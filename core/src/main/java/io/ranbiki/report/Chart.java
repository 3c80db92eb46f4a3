package io.ranbiki.report;

/**
 * A picture with what is said about it.
 *
 * @param id unique on its page, and the same whenever the page is written
 * @param title what it shows
 * @param caption how to read it; may be empty
 * @param svg the picture
 * @param width how much room it takes
 */
record Chart(String id, String title, String caption, String svg, Width width) {

  /** Of a chart on its page. */
  enum Width {
    /** Made as wide as its column. */
    COLUMN,
    /** In a column, but never smaller than it is: it is scrolled where there is less room. */
    SCROLLED,
    /** Scrolled in the same way, over all columns. */
    FULL
  }
}
