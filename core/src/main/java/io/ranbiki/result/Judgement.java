package io.ranbiki.result;

import java.util.Locale;

/** What an interval shows of a limit. */
public enum Judgement {
  /** The whole interval is inside the limit. */
  MET,
  /** The whole interval is outside. */
  FAILED,
  /** The limit lies in the interval: these samples cannot show it. */
  OPEN;

  /** The word in files: {@code met}, {@code failed}, {@code open}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
