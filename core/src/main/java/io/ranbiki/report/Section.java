package io.ranbiki.report;

import java.util.List;

/**
 * A section of a page.
 *
 * @param id by which it is linked
 * @param title a few words
 * @param lead one sentence that says what it shows
 */
record Section(String id, String title, String lead, List<Part> parts) {

  /** Whether its tables need titles of their own. */
  boolean hasSeveralTables() {
    return parts.stream().filter(Part.Table.class::isInstance).count() > 1;
  }
}
