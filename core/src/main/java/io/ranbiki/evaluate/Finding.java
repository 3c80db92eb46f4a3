package io.ranbiki.evaluate;

import org.jspecify.annotations.Nullable;

/**
 * What a check of the doctor found.
 *
 * @param check what was looked at, in a few words, such as {@code teacher frozen}
 * @param level how bad it is
 * @param sentence what was seen and, unless all is well, what to do
 */
public record Finding(String check, Level level, String sentence) {

  /** The check after whose fault nobody can go on. */
  static final String FINITE = "finite answers";

  /** Whether this is about answers that are not finite: no setting makes a run of them. */
  public boolean isOfFiniteness() {
    return check.equals(FINITE) && level == Level.FAULT;
  }

  /** How bad it is. */
  public enum Level {
    /** All is well. */
    OK,
    /** It may be meant; look at it. */
    WARNING,
    /** The distillation would be ruined. */
    FAULT
  }

  static Finding ok(String check, String format, @Nullable Object... values) {
    return of(check, Level.OK, format, values);
  }

  static Finding warning(String check, String format, @Nullable Object... values) {
    return of(check, Level.WARNING, format, values);
  }

  static Finding fault(String check, String format, @Nullable Object... values) {
    return of(check, Level.FAULT, format, values);
  }

  private static Finding of(String check, Level level, String format, @Nullable Object... values) {
    return new Finding(check, level, String.format(java.util.Locale.ROOT, format, values));
  }
}
