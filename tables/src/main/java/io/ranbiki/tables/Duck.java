package io.ranbiki.tables;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.CsvFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * DuckDB in this process, without tables of its own: it reads files and answers queries about them.
 * It takes a gigabyte outside Java's heap at most, writes nothing, and loads no extension that its
 * jar has not, so that it asks no network either.
 */
final class Duck implements AutoCloseable {

  /** What a query ends in that fails at its first rows; the reason is lost then. */
  private static final String NO_REASON = "Invalid result set";

  private static final Pattern LINE = Pattern.compile("CSV Error on Line: (\\d+)");
  private static final Pattern WIDTH =
      Pattern.compile("Expected Number of Columns: (\\d+) Found: (\\d+)");
  private static final Pattern NO_NUMBER =
      Pattern.compile("converting column \"(.*)\"\\. Could not convert string \"(.*)\" to ");

  private final Connection connection;

  private Duck(Connection connection) {
    this.connection = connection;
  }

  /** Starts it. */
  static Duck open() {
    return new Duck(connect(true));
  }

  /**
   * Starts it.
   *
   * @param streamed whether rows come as they are read, and not all at once in memory
   */
  private static Connection connect(boolean streamed) {
    Properties settings = new Properties();
    settings.setProperty("jdbc_stream_results", Boolean.toString(streamed));
    settings.setProperty("memory_limit", "1GB");
    settings.setProperty("temp_directory", "");
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
    settings.setProperty("allow_community_extensions", "false");
    settings.setProperty("allow_persistent_secrets", "false");
    try {
      return DriverManager.getConnection("jdbc:duckdb:", settings);
    } catch (SQLException | LinkageError e) {
      throw new RanbikiException(
          RanbikiException.Kind.IO,
          "DuckDB cannot start ("
              + firstLine(String.valueOf(e.getMessage()))
              + "). It needs 80 MB in the folder of temporary files, "
              + System.getProperty("java.io.tmpdir")
              + ", and Linux, macOS on ARM, or Windows.",
          e);
    }
  }

  /** Takes the row that an answer stands at. */
  @FunctionalInterface
  interface Visitor {
    void row(ResultSet row) throws SQLException;
  }

  /** Asks a query about no file in particular. */
  void ask(String query, Visitor visitor) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        visitor.row(rows);
      }
    }
  }

  /** The files that a path names, in the order of their names; none if there is no such file. */
  List<String> files(FileKind kind, Path path) {
    if (Files.isRegularFile(path)) {
      return List.of(path.toString());
    }
    String pattern = kind.pattern(path);
    List<String> files = new ArrayList<>();
    try {
      ask(
          "SELECT file FROM glob(" + Sql.text(pattern) + ") ORDER BY file",
          row -> files.add(row.getString(1)));
    } catch (SQLException e) {
      throw unreadable(pattern, e);
    }
    return files;
  }

  /** The types of the columns of a file by their names, in order. */
  Map<String, String> columns(FileKind kind, String file, char delimiter) {
    Map<String, String> types = new LinkedHashMap<>();
    if (kind == FileKind.CSV) {
      CsvFile.read(
          Path.of(file),
          delimiter,
          (row, line) -> {
            row.texts().forEach(name -> requireNew(types.put(name, "VARCHAR"), name, file));
            return false;
          });
      return types;
    }
    try {
      ask(kind.describe(file), row -> types.put(row.getString(1), row.getString(2)));
    } catch (SQLException e) {
      throw unreadable(file, e);
    }
    return types;
  }

  private static void requireNew(@Nullable String other, String name, String file) {
    if (other != null) {
      throw RanbikiException.configuration(
          "%s has two columns '%s', but columns are told apart by their names. Rename one.",
          file, name);
    }
  }

  /**
   * Reads the rows of a file.
   *
   * @param columns what is selected
   * @param source as {@link FileKind#rows} gives it
   */
  void read(String columns, String source, String file, Visitor visitor) {
    try {
      ask("SELECT " + columns + " FROM " + source, visitor);
    } catch (DuckRow.Failed e) {
      throw unreadable(file, e);
    } catch (SQLException e) {
      boolean lost = String.valueOf(e.getMessage()).contains(NO_REASON);
      throw unreadable(file, lost ? reason(source, e) : e);
    }
  }

  /** Asks again without streaming, of which the reason does not come through. */
  private static SQLException reason(String source, SQLException seen) {
    try (Duck plain = new Duck(connect(false))) {
      plain.ask("SELECT max(COLUMNS(*)) FROM " + source, row -> {});
      return seen;
    } catch (SQLException e) {
      return e;
    }
  }

  /** What to say of a file that a query ended at. */
  static RanbikiException unreadable(String file, Throwable e) {
    String message = String.valueOf(e.getMessage());
    return new RanbikiException(RanbikiException.Kind.CONFIGURATION, words(file, message), e);
  }

  private static String words(String file, String message) {
    Matcher line = LINE.matcher(message);
    String place = line.find() ? "Line " + line.group(1) + " of " + file : file;
    Matcher width = WIDTH.matcher(message);
    if (width.find()) {
      return place
          + " has "
          + width.group(2)
          + " values, but the first line has "
          + width.group(1)
          + ". Repair the line.";
    }
    Matcher noNumber = NO_NUMBER.matcher(message);
    if (noNumber.find()) {
      return place
          + " has '"
          + noNumber.group(2)
          + "' in column "
          + noNumber.group(1)
          + ", but a feature must be a finite number. Repair or remove the line.";
    }
    if (message.contains("not utf-8")) {
      return place + " is not UTF-8 text. Save the file as UTF-8.";
    }
    if (message.contains("unterminated quote")) {
      return place + " opens a quote that is not closed. Close it, or double it within a value.";
    }
    if (message.contains("Out of Memory")) {
      return file
          + " needs more than the gigabyte that DuckDB may take. Write it in smaller row groups.";
    }
    if (message.contains(NO_REASON)) {
      return file + " is damaged. Write it again.";
    }
    return file
        + " cannot be read ("
        + firstLine(message)
        + "). Check that it is whole, and of the kind that data.format says.";
  }

  /** The first line of a message without the kind of error that stands before it. */
  private static String firstLine(String message) {
    String line = message.lines().findFirst().orElse("");
    return line.replaceFirst("^[A-Za-z ]+ Error: ", "").strip().replaceFirst("\\.$", "");
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
