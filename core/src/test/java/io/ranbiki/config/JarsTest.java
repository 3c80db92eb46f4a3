package io.ranbiki.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A jar that does not load is one message, which names it and says what to do. */
class JarsTest {

  /** The number of class files of Java 99. */
  private static final byte JAVA_99 = (byte) (99 + 44);

  /** What a jar holds, under another name. */
  public static final class Offers implements Catalogue {
    @Override
    public List<Provider<?>> providers() {
      return List.of(Provider.of(String.class, "kiwi", "A fruit.", options -> "kiwi"));
    }
  }

  @TempDir Path folder;

  private static String moved() {
    return Offers.class.getName().replace("Offers", "Offerz");
  }

  /** The class file of {@link Offers}, of a name that is not on the class path of the tests. */
  private static byte[] classFile() throws IOException {
    String name = Offers.class.getName().replace('.', '/') + ".class";
    try (InputStream in = JarsTest.class.getClassLoader().getResourceAsStream(name)) {
      String latin =
          new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.ISO_8859_1);
      return latin
          .replace("JarsTest$Offers", "JarsTest$Offerz")
          .getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  private Path jar(byte[] classFile) throws IOException {
    Path jar = folder.resolve("mine.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("META-INF/services/" + Catalogue.class.getName()));
      zip.write((moved() + "  # mine\n").getBytes(StandardCharsets.UTF_8));
      if (classFile.length > 0) {
        zip.putNextEntry(new ZipEntry(moved().replace('.', '/') + ".class"));
        zip.write(classFile);
      }
    }
    return jar;
  }

  private static void with(Path jar, Runnable test) throws IOException {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      test.run();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static void refused(Path jar, String message) throws IOException {
    with(
        jar,
        () ->
            assertThatThrownBy(Catalogues::load)
                .isInstanceOfSatisfying(
                    RanbikiException.class,
                    e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION))
                .hasMessage(message));
  }

  @Test
  void aGoodJar_isLoaded() throws IOException {
    with(
        jar(classFile()),
        () -> assertThat(Provider.all(String.class)).extracting(Provider::name).contains("kiwi"));
  }

  @Test
  void aJarWithoutTheClassThatItNames_isSaidByName() throws IOException {
    refused(
        jar(new byte[0]),
        folder.resolve("mine.jar")
            + " names the catalogue "
            + moved()
            + ", but does not hold this class. Build it again, or take it off RANBIKI_CLASSPATH.");
  }

  @Test
  void aJarThatDoesNotLoad_isNotLeftOutOfTheSchema() throws IOException {
    with(
        jar(new byte[0]),
        () ->
            assertThatThrownBy(() -> Description.of(options -> options.bool("a", true, "A flag")))
                .hasMessageContaining("does not hold this class"));
  }

  @Test
  void aJarForANewerJava_saysForWhich() throws IOException {
    byte[] newer = classFile();
    newer[7] = JAVA_99;
    int here = Runtime.version().feature();
    refused(
        jar(newer),
        folder.resolve("mine.jar")
            + " is for Java 99 or newer, but this is Java "
            + here
            + ". Build it with --release "
            + here
            + ", or take a newer Java.");
  }

  @Test
  void aDamagedClass_isOneMessage() throws IOException {
    byte[] damaged = classFile();
    Arrays.fill(damaged, 10, 40, (byte) 0);
    with(
        jar(damaged),
        () ->
            assertThatThrownBy(Catalogues::load)
                .hasMessageStartingWith(
                    "The catalogue " + moved() + " in " + folder.resolve("mine.jar"))
                .hasMessageContaining("cannot be loaded: ClassFormatError")
                .hasMessageEndingWith(
                    ". Build it for this version of Ranbiki, or take it off RANBIKI_CLASSPATH."));
  }

  @Test
  void aFileThatIsNoJar_isNamed_thoughJavaPassesOverIt() throws IOException {
    Path good = jar(classFile());
    Jars.requireReadable(good + File.pathSeparator + folder);
    Path cut = folder.resolve("cut.jar");
    Files.write(cut, Arrays.copyOf(Files.readAllBytes(good), 300));
    assertThatThrownBy(() -> Jars.requireReadable(good + File.pathSeparator + cut))
        .isInstanceOf(RanbikiException.class)
        .hasMessageStartingWith(cut + " cannot be read as a jar (")
        .hasMessageEndingWith("). Build it again, or take it off RANBIKI_CLASSPATH.");
  }
}
