package io.ranbiki.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProviderTest {

  /** What is made. */
  record Fruit(String name) {}

  private static Provider<Fruit> fruit(String name) {
    return Provider.of(Fruit.class, name, "A fruit.", options -> new Fruit(name));
  }

  /** A catalogue of a user's own. */
  public static final class Fruits implements Catalogue {
    @Override
    public List<Provider<?>> providers() {
      return List.of(fruit("pear"), fruit("apple"));
    }
  }

  /** Offers what another offers. */
  public static final class MoreFruits implements Catalogue {
    @Override
    public List<Provider<?>> providers() {
      return List.of(fruit("apple"));
    }
  }

  /** Offers what nobody can write in a file. */
  public static final class Misnamed implements Catalogue {
    @Override
    public List<Provider<?>> providers() {
      return List.of(fruit("Passion fruit"));
    }
  }

  /** Was built against something that is not there. */
  public static final class Unbuilt implements Catalogue {
    @Override
    public List<Provider<?>> providers() {
      throw new NoClassDefFoundError("com/example/Gone");
    }
  }

  @TempDir Path folder;

  private void with(String catalogues, Runnable test) throws Exception {
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(services.resolve(Catalogue.class.getName()), catalogues);
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      test.run();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static void refused(String message) {
    ConfigDocument document = ConfigDocument.parse("a.yaml", "fruit: x", List.of(), Map.of());
    assertThatThrownBy(
            () ->
                document.bind(
                    root ->
                        root.value(
                            "fruit", "A fruit", node -> node.choice(Provider.all(Fruit.class)))))
        .isInstanceOfSatisfying(
            RanbikiException.class,
            e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION))
        .hasMessage(message);
  }

  @Test
  void whatACatalogueOffers_isFoundByKindAndSorted() throws Exception {
    with(
        Fruits.class.getName(),
        () ->
            assertThat(Provider.all(Fruit.class))
                .extracting(Provider::name)
                .containsExactly("apple", "pear"));
    assertThat(Provider.all(Fruit.class)).isEmpty();
  }

  @Test
  void twoOfOneName_areRefused() throws Exception {
    with(
        Fruits.class.getName() + "\n" + MoreFruits.class.getName(),
        () ->
            refused(
                Fruits.class.getName()
                    + " and "
                    + MoreFruits.class.getName()
                    + " both offer a Fruit 'apple'. Rename one of them."));
  }

  @Test
  void aNameThatNobodyCanWrite_isRefused() throws Exception {
    with(
        Misnamed.class.getName(),
        () ->
            refused(
                Misnamed.class.getName()
                    + " offers a Fruit 'Passion fruit', but names have small letters, digits and"
                    + " hyphens. Rename it."));
  }

  @Test
  void aCatalogueThatCannotBeLoaded_isOneMessage_whateverTheFileSays() throws Exception {
    with(
        "com.example.Missing",
        () ->
            refused(
                folder
                    + " names the catalogue com.example.Missing, but does not hold this class."
                    + " Build it again, or take it off RANBIKI_CLASSPATH."));
    with(
        Unbuilt.class.getName(),
        () ->
            refused(
                "The catalogue "
                    + Unbuilt.class.getName()
                    + " in "
                    + folder
                    + " cannot be loaded: the class com.example.Gone is missing. Build it for this"
                    + " version of Ranbiki, or take it off RANBIKI_CLASSPATH."));
    with(
        ProviderTest.class.getName() + "$Fruit",
        () ->
            refused(
                "The catalogue "
                    + ProviderTest.class.getName()
                    + "$Fruit in "
                    + folder
                    + " cannot be loaded: NoSuchMethodException, "
                    + ProviderTest.class.getName()
                    + "$Fruit.<init>(). Build it for this version of Ranbiki, or take it off"
                    + " RANBIKI_CLASSPATH."));
  }
}
