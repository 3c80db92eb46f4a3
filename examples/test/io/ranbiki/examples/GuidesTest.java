package io.ranbiki.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Digits;
import io.ranbiki.data.Loader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * All Java that README and guides print compiles and runs as it is printed. A whole program gets
 * the arguments that it asks for; a part of one is put between what it takes for granted.
 */
class GuidesTest {

  private static final Pattern JAVA = Pattern.compile("(?ms)^```java\\R(.*?)^```");
  private static final String EXAMPLE = "package io.ranbiki.examples;";
  private static final Pattern PROGRAM = Pattern.compile("public class (\\w+)");

  /** Imports, and values under their usual names; then the part itself. */
  private static final String FRAME =
      """
      import io.ranbiki.artifact.*;
      import io.ranbiki.data.*;
      import io.ranbiki.model.*;
      import io.ranbiki.objective.*;
      import io.ranbiki.prepare.*;
      import io.ranbiki.serve.*;
      import io.ranbiki.strategy.*;
      import io.ranbiki.teacher.*;
      import io.ranbiki.train.*;
      import java.nio.file.Path;
      import java.util.List;
      import java.util.Map;

      public class %s {
        private final long seed = 1;
        private final Objective objective = Objective.of(new HardLabels(1), new SoftTargets(1, 2));
        private final TrainOptions options =
            new TrainOptions(4, new Optimizer.Adam(0.001), Schedule.constant());
        private final Teacher teacher = new ModelTeacher(network(1), List.of());
        private final Model student = network(2);
        private final Model assistant = network(3);
        private final Model peer = network(4);
        private final List<Model> peers = List.of(network(5), network(6));
        private final List<Model> generations = List.of(network(7), network(8));

        private static Model network(long seed) {
          return Model.create(
              ModelSpec.of("intermediate-cnn", List.of(1, 28, 28), 10, Map.of("hidden", 4)), seed);
        }

        public void run(Loader loader) {
      %s
        }
      }
      """;

  @TempDir Path folder;

  /** The samples by their place. */
  private static Map<String, String> samples() throws IOException {
    List<Path> guides = new ArrayList<>();
    for (String guide : List.of("README.md", "CONTRIBUTING.md", "benchmark/README.md")) {
      guides.add(Path.of("..", guide));
    }
    try (Stream<Path> docs = Files.walk(Path.of("../docs"))) {
      docs.filter(file -> file.toString().endsWith(".md")).sorted().forEach(guides::add);
    }
    Map<String, String> samples = new LinkedHashMap<>();
    for (Path guide : guides) {
      String text = Files.readString(guide);
      for (MatchResult sample : JAVA.matcher(text).results().toList()) {
        long line = text.substring(0, sample.start()).lines().count() + 1;
        samples.put(guide.getFileName() + ", line " + line, sample.group(1));
      }
    }
    return samples;
  }

  @Test
  void allJavaOfTheGuides_compilesAndRuns() throws Exception {
    Path onnx = TinyStudent.export(folder);
    Path picture = TinyStudent.picture(folder);
    Map<String, String> places = new LinkedHashMap<>();
    List<Path> sources = new ArrayList<>();
    for (Map.Entry<String, String> sample : samples().entrySet()) {
      if (sample.getValue().startsWith(EXAMPLE)) {
        continue; // the build compiles it, and its own test runs it
      }
      Matcher program = PROGRAM.matcher(sample.getValue());
      boolean whole = program.find();
      String name = whole ? program.group(1) : "Part" + places.size();
      String text = whole ? sample.getValue() : FRAME.formatted(name, sample.getValue());
      sources.add(
          Files.writeString(
              folder.resolve(name + ".java"),
              text.replace("\"student.onnx\"", '"' + onnx.toString() + '"')
                  .replace("\"picture.png\"", '"' + picture.toString() + '"')));
      places.put(name, sample.getKey());
    }
    assertThat(places).hasSizeGreaterThanOrEqualTo(3).containsKey("Distil");
    compile(sources, places);
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      for (Map.Entry<String, String> place : places.entrySet()) {
        run(loader.loadClass(place.getKey()), place.getValue());
      }
    }
  }

  private void compile(List<Path> sources, Map<String, String> places) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  messages,
                  files,
                  null,
                  List.of("-d", folder.toString(), "-proc:none"),
                  null,
                  files.getJavaFileObjectsFromPaths(sources))
              .call();
      assertThat(compiled).as("%s of %s", messages, places).isTrue();
    }
  }

  private void run(Class<?> sample, String place) throws Exception {
    PrintStream terminal = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      if (sample.getName().startsWith("Part")) {
        Object part = sample.getDeclaredConstructor().newInstance();
        sample.getMethod("run", Loader.class).invoke(part, DrawnDigits.training(64));
      } else {
        sample.getMethod("main", String[].class).invoke(null, (Object) arguments(sample, place));
      }
    } finally {
      System.setOut(terminal);
    }
    if (sample.getName().equals("Distil")) {
      assertThat(printed.toString(StandardCharsets.UTF_8)).matches("accuracy: [01]\\.\\d+\\R");
      try (ModelFolder.Loaded student = ModelFolder.read(folder.resolve("student"))) {
        assertThat(student.config().names()).hasSize(10);
      }
    }
  }

  private String[] arguments(Class<?> program, String place) throws IOException {
    assertThat(program.getName())
        .as("the program of %s; say here how it is run", place)
        .isEqualTo("Distil");
    idx("train", 64);
    idx("t10k", 20);
    return new String[] {
      folder.resolve("model").toString(), folder.toString(), folder.resolve("student").toString()
    };
  }

  private void idx(String part, int size) throws IOException {
    Dataset digits = Digits.dataset(size, size);
    ByteBuffer images = ByteBuffer.allocate(16 + size * 28 * 28);
    images.putInt(0x803).putInt(size).putInt(28).putInt(28);
    ByteBuffer labels = ByteBuffer.allocate(8 + size).putInt(0x801).putInt(size);
    for (int i = 0; i < size; i++) {
      for (float pixel : digits.numbers(i)) {
        images.put((byte) Math.round(255 * pixel));
      }
      labels.put((byte) digits.stratum(i));
    }
    Files.write(folder.resolve(part + "-images-idx3-ubyte"), images.array());
    Files.write(folder.resolve(part + "-labels-idx1-ubyte"), labels.array());
  }
}
