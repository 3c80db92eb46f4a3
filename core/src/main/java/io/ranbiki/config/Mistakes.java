package io.ranbiki.config;

import io.ranbiki.RanbikiException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The mistakes found so far in one document, each once. */
final class Mistakes {

  private static final int SHOWN = 20;

  private final String file;
  private final Set<Mistake> found = new LinkedHashSet<>();
  private int reports;

  Mistakes(String file) {
    this.file = file;
  }

  Mistake report(Place place, String message) {
    Mistake mistake = new Mistake(place, message);
    found.add(mistake);
    reports++;
    return mistake;
  }

  /** Notes that a reader met something that was reported before. */
  void metAgain() {
    reports++;
  }

  void withdraw(Mistake mistake) {
    found.remove(mistake);
  }

  /** Grows with every report, also of a mistake that was known. */
  int reports() {
    return reports;
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  RanbikiException exception() {
    List<String> lines =
        found.stream().sorted((a, b) -> a.place.compareTo(b.place)).map(Mistake::text).toList();
    if (lines.size() == 1) {
      return RanbikiException.configuration("%s", lines.get(0));
    }
    StringBuilder text = new StringBuilder(file + " has " + lines.size() + " mistakes:");
    lines.stream().limit(SHOWN).forEach(line -> text.append('\n').append(line));
    if (lines.size() > SHOWN) {
      text.append("\nand ").append(lines.size() - SHOWN).append(" more.");
    }
    return RanbikiException.configuration("%s", text);
  }

  record Mistake(Place place, String message) {
    String text() {
      return place + ": " + message;
    }
  }
}
