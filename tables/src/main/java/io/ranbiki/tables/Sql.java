package io.ranbiki.tables;

import java.util.regex.Pattern;

/** How names and values are written in a query. */
final class Sql {

  private static final Pattern NUMBER =
      Pattern.compile("U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\\(.*\\)");

  private Sql() {}

  static String text(String value) {
    return "'" + value.replace("'", "''") + "'";
  }

  static String name(String column) {
    return "\"" + column.replace("\"", "\"\"") + "\"";
  }

  /** Whether values of a type are numbers. */
  static boolean isNumber(String type) {
    return NUMBER.matcher(type).matches();
  }

  /** Whether a value of a type is a list, a map or the like. */
  static boolean isNested(String type) {
    return type.endsWith("]") || type.startsWith("STRUCT(") || type.startsWith("MAP(");
  }
}
