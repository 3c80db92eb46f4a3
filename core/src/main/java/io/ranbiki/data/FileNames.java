package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import java.nio.file.Path;

/** Whether the platform gives file names as they are. */
final class FileNames {

  /**
   * Under a locale other than UTF-8 every byte of a name is taken for a character of its own, or
   * for none. Windows and macOS do not ask the locale.
   */
  private static final boolean AS_THEY_ARE =
      System.getProperty("os.name", "").startsWith("Windows")
          || System.getProperty("sun.jnu.encoding", "UTF-8").equalsIgnoreCase("UTF-8");

  private static final char UNREADABLE = '\uFFFD';

  private FileNames() {}

  /**
   * The last name of a path.
   *
   * @throws RanbikiException if it holds characters that the locale cannot read
   */
  static String of(Path path) {
    String name = path.getFileName().toString();
    if (name.indexOf(UNREADABLE) >= 0
        || (!AS_THEY_ARE && name.chars().anyMatch(character -> character > 127))) {
      throw RanbikiException.configuration(
          "The name of %s cannot be read under this locale. Start with LC_ALL=C.UTF-8, or give it a"
              + " name that is UTF-8.",
          path);
    }
    return name;
  }
}
