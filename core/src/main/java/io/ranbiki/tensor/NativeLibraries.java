package io.ranbiki.tensor;

import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.UnpackedFolder.Item;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Native libraries out of their jars, unpacked once per user and version into a folder that nobody
 * else can write: {@code RANBIKI_NATIVES} or the property {@code ranbiki.natives}, else {@code
 * ranbiki} in {@code XDG_CACHE_HOME} or in {@code .cache} of the home folder. The bindings would
 * unpack them themselves, in place, so that a kill leaves a library cut off, and into a guessable
 * folder where the home folder cannot be written.
 */
public final class NativeLibraries {

  private static final String PROPERTY = "ranbiki.natives";
  private static final String VARIABLE = "RANBIKI_NATIVES";

  static final String HOW_TO_CHOOSE =
      "Choose a folder of your own with the environment variable "
          + VARIABLE
          + " or with -D"
          + PROPERTY
          + "=FOLDER.";

  /** Beside them the jars hold headers, sources and folders of debug symbols. */
  private static final Pattern LIBRARY = Pattern.compile(".*\\.(so|dylib|dll|jnilib)(\\.\\d+)*");

  private NativeLibraries() {}

  /**
   * The folder that holds all libraries which lie in jars beside the named ones; unpacked if it was
   * not there.
   *
   * @param title begins the folder's name; states the version
   * @param resources one library of each jar, by its name on the class path
   * @return empty if one of them is not in a jar; then it is for the binding to find
   * @throws RanbikiException of kind IO that says what is wrong and what to do
   */
  public static Optional<Path> unpack(String title, ClassLoader loader, List<String> resources) {
    List<Item> items = new ArrayList<>();
    for (String resource : resources) {
      List<Item> found = besides(resource, loader);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      items.addAll(found);
    }
    Path parent = PrivateFolder.open(chosen(), HOW_TO_CHOOSE);
    return Optional.of(new UnpackedFolder(parent, title, items, HOW_TO_CHOOSE, step -> {}).get());
  }

  private static List<Item> besides(String resource, ClassLoader loader) {
    URL url = loader.getResource(resource);
    if (url == null) {
      return List.of();
    }
    String folder = resource.substring(0, resource.lastIndexOf('/') + 1);
    try {
      if (!(url.openConnection() instanceof JarURLConnection connection)) {
        return List.of();
      }
      JarFile jar = connection.getJarFile(); // shared with the class loader, so it stays open
      return jar.stream()
          .filter(entry -> entry.getName().startsWith(folder))
          .filter(entry -> entry.getName().indexOf('/', folder.length()) < 0)
          .filter(entry -> LIBRARY.matcher(entry.getName()).matches())
          .flatMap(entry -> items(jar, entry, folder).stream())
          .toList();
    } catch (IOException e) {
      throw new RanbikiException(
          RanbikiException.Kind.IO,
          "Cannot read " + url + ": " + PrivateFolder.reason(e) + ". Download that jar again.",
          e);
    }
  }

  /** One library, and the second name under which one of OpenBLAS's bindings looks for it. */
  private static List<Item> items(JarFile jar, JarEntry entry, String folder) {
    String name = entry.getName().substring(folder.length());
    List<Item> items = new ArrayList<>();
    items.add(item(name, "", jar, entry));
    if (name.matches("libopenblas\\..*")) {
      items.add(item(name.replace("openblas", "openblas_nolapack"), name, jar, entry));
    }
    return items;
  }

  private static Item item(String name, String copyOf, JarFile jar, JarEntry entry) {
    return new Item(
        name,
        entry.getSize(),
        entry.getCrc(),
        copyOf,
        jar.getName(),
        () -> jar.getInputStream(entry));
  }

  private static Path chosen() {
    String named = first(System.getProperty(PROPERTY), System.getenv(VARIABLE));
    if (named != null) {
      return Path.of(named).toAbsolutePath();
    }
    String cache = first(System.getenv("XDG_CACHE_HOME"));
    if (cache != null && Path.of(cache).isAbsolute()) {
      return Path.of(cache, "ranbiki");
    }
    Path home = Path.of(System.getProperty("user.home", ""));
    if (!home.isAbsolute()) { // Java says "?" where the system knows no user of this number
      throw RanbikiException.io(
          "The user has no home folder to unpack the native libraries into. %s", HOW_TO_CHOOSE);
    }
    return home.resolve(".cache").resolve("ranbiki");
  }

  private static @Nullable String first(@Nullable String... values) {
    for (String value : values) {
      if (value != null && !value.isEmpty()) {
        return value;
      }
    }
    return null;
  }
}
