package io.ranbiki.config;

import io.ranbiki.RanbikiException;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a jar of a user's own that does not load. Java passes over a file that is no
 * jar without a word, and names no jar where a class of it cannot be had.
 */
final class Jars {

  private static final String SERVICE = "META-INF/services/" + Catalogue.class.getName();
  private static final String OR_OFF = ", or take it off RANBIKI_CLASSPATH";

  /** Class files are numbered by the Java that they are for, Java 1 being 45. */
  private static final int BEFORE_JAVA = 44;

  private static final Pattern CLASS_FILE = Pattern.compile("class file version (\\d+)");

  private static volatile String checked = "";

  private Jars() {}

  /**
   * Checks that the files of a class path are jars, once.
   *
   * @throws RanbikiException that names the first one that is not
   */
  static void requireReadable(String classPath) {
    if (classPath.equals(checked)) {
      return;
    }
    for (String entry : classPath.split(Pattern.quote(File.pathSeparator))) {
      File file = new File(entry);
      if (file.isFile()) {
        requireJar(file);
      }
    }
    checked = classPath;
  }

  private static void requireJar(File file) {
    try {
      new ZipFile(file).close();
    } catch (IOException e) {
      throw new RanbikiException(
          RanbikiException.Kind.CONFIGURATION,
          file + " cannot be read as a jar (" + e.getMessage() + "). Build it again" + OR_OFF + ".",
          e);
    }
  }

  /**
   * Finds the catalogue that does not load.
   *
   * @param seen what went wrong, for the case that it cannot be found out
   */
  static RanbikiException broken(Throwable seen) {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    ClassLoader loader = context == null ? ClassLoader.getSystemClassLoader() : context;
    try {
      for (URL file : Collections.list(loader.getResources(SERVICE))) {
        Optional<RanbikiException> broken = broken(file, loader);
        if (broken.isPresent()) {
          return broken.get();
        }
      }
    } catch (IOException e) {
      seen.addSuppressed(e);
    }
    return refusal(
        "A catalogue of providers cannot be loaded: " + seen.getMessage() + ". ",
        "Build its jar for this version of Ranbiki" + OR_OFF,
        seen);
  }

  private static Optional<RanbikiException> broken(URL file, ClassLoader loader) {
    List<String> names;
    try {
      names = names(file);
    } catch (IOException e) {
      return Optional.of(
          refusal(
              where(file) + " is damaged (" + e.getMessage() + "). ",
              "Build it again" + OR_OFF,
              e));
    }
    for (String name : names) {
      Throwable failure = failure(name, loader);
      if (failure != null) {
        return Optional.of(explained(where(file), name, failure));
      }
    }
    return Optional.empty();
  }

  /** The classes that a file of the service names. */
  private static List<String> names(URL file) throws IOException {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(file.openStream(), StandardCharsets.UTF_8))) {
      return reader
          .lines()
          .map(line -> line.replaceAll("#.*", "").strip())
          .filter(line -> !line.isEmpty())
          .toList();
    }
  }

  private static @Nullable Throwable failure(String name, ClassLoader loader) {
    try {
      Object made = Class.forName(name, true, loader).getConstructor().newInstance();
      ((Catalogue) made).providers();
      return null;
    } catch (InvocationTargetException e) {
      return e.getCause() == null ? e : e.getCause();
    } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
      return e;
    }
  }

  private static RanbikiException explained(String jar, String name, Throwable failure) {
    if (failure instanceof ClassNotFoundException) {
      return refusal(
          jar + " names the catalogue " + name + ", but does not hold this class. ",
          "Build it again" + OR_OFF,
          failure);
    }
    Matcher version = CLASS_FILE.matcher(String.valueOf(failure.getMessage()));
    if (failure instanceof UnsupportedClassVersionError && version.find()) {
      int java = Integer.parseInt(version.group(1)) - BEFORE_JAVA;
      int here = Runtime.version().feature();
      return refusal(
          jar + " is for Java " + java + " or newer, but this is Java " + here + ". ",
          "Build it with --release " + here + ", or take a newer Java",
          failure);
    }
    return refusal(
        "The catalogue " + name + " in " + jar + " cannot be loaded: " + reason(failure) + ". ",
        "Build it for this version of Ranbiki" + OR_OFF,
        failure);
  }

  private static String reason(Throwable failure) {
    if (failure instanceof NoClassDefFoundError) {
      return "the class " + String.valueOf(failure.getMessage()).replace('/', '.') + " is missing";
    }
    if (failure instanceof ClassCastException) {
      return "it is no " + Catalogue.class.getName();
    }
    String message = failure.getMessage();
    String kind = failure.getClass().getSimpleName();
    return message == null ? kind : kind + ", " + message;
  }

  private static RanbikiException refusal(String what, String advice, Throwable cause) {
    return new RanbikiException(RanbikiException.Kind.CONFIGURATION, what + advice + ".", cause);
  }

  /** The jar or folder that a file of the service is in. */
  private static String where(URL file) {
    String text = file.toString().replace("/" + SERVICE, "");
    try {
      return Path.of(URI.create(text.replaceFirst("^jar:", "").replaceFirst("!$", ""))).toString();
    } catch (IllegalArgumentException e) {
      return text;
    }
  }
}
