package io.ranbiki;

import io.ranbiki.config.Catalogue;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** What a user's jar on RANBIKI_CLASSPATH does: it names a catalogue. */
public final class OwnJar {

  private OwnJar() {}

  /**
   * Does something while a catalogue is on the class path.
   *
   * @param folder of a test, which the file that names it is written to
   */
  public static <T> T with(Path folder, Class<? extends Catalogue> catalogue, Callable<T> what)
      throws Exception {
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(services.resolve(Catalogue.class.getName()), catalogue.getName());
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      return what.call();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
