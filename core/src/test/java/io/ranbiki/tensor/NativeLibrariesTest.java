package io.ranbiki.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibrariesTest {

  private static final String CHOSEN = "ranbiki.natives";
  private static final String HOME = "user.home";

  @TempDir private Path folder;
  private final String chosen = System.getProperty(CHOSEN);
  private final String home = System.getProperty(HOME);

  @BeforeEach
  void choose() {
    System.setProperty(CHOSEN, folder.resolve("chosen").toString());
  }

  @AfterEach
  void restore() {
    System.setProperty(HOME, home);
    if (chosen == null) {
      System.clearProperty(CHOSEN);
    } else {
      System.setProperty(CHOSEN, chosen);
    }
  }

  private Optional<Path> unpack(String resource) throws Exception {
    Path jar = folder.resolve("natives.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (String name :
          List.of(
              "org/x/linux/libx.so",
              "org/x/linux/libopenblas.so.0",
              "org/x/linux/x.cpp",
              "org/x/linux/include/y.so",
              "org/x/other/libz.so")) {
        out.putNextEntry(new JarEntry(name));
        out.write(name.getBytes(StandardCharsets.UTF_8));
      }
    }
    try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null)) {
      return NativeLibraries.unpack("x-1", loader, List.of(resource));
    }
  }

  @Test
  void librariesBesideTheNamedOne_areUnpackedWhereTheUserChose() throws Exception {
    Path unpacked = unpack("org/x/linux/libx.so").orElseThrow();
    assertThat(unpacked.getParent()).isEqualTo(folder.toRealPath().resolve("chosen"));
    assertThat(unpacked.resolve("libx.so")).hasContent("org/x/linux/libx.so");
    try (Stream<Path> files = Files.list(unpacked)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("libx.so", "libopenblas.so.0", "libopenblas_nolapack.so.0");
    }
  }

  @Test
  void librariesThatAreInNoJar_areLeftToTheBinding() throws Exception {
    assertThat(unpack("org/x/linux/libabsent.so")).isEmpty();
    assertThat(folder.resolve("chosen")).doesNotExist();
  }

  @Test
  void withoutAHome_theRefusalSaysWhatChoosesAFolder() throws Exception {
    assumeTrue(System.getenv("RANBIKI_NATIVES") == null && System.getenv("XDG_CACHE_HOME") == null);
    System.clearProperty(CHOSEN);
    System.setProperty(HOME, "?");
    assertThatThrownBy(() -> unpack("org/x/linux/libx.so"))
        .hasMessage(
            "The user has no home folder to unpack the native libraries into. Choose a folder of your own with"
                + " the environment variable RANBIKI_NATIVES or with -Dranbiki.natives=FOLDER.");
    System.setProperty(CHOSEN, folder.resolve("chosen").toString());
    assertThat(unpack("org/x/linux/libx.so")).isPresent();
  }
}
