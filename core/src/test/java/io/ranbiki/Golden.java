package io.ranbiki;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ranbiki.artifact.Safetensors;
import io.ranbiki.artifact.SafetensorsFile;
import io.ranbiki.artifact.SafetensorsFile.Entry;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One golden case: inputs, results and gradients that a reference implementation computed, with the
 * tolerance of each tensor. A result passes if {@code max|x - reference| <= tol_scaled * max_abs +
 * tol_abs}; integers must be equal.
 *
 * <pre>{@code
 * try (TensorScope scope = TensorScope.open("golden")) {
 *   Golden golden = Golden.load("01-hinton-kd.base");
 *   Tensor student = golden.leaf("in.student_logits");
 *   Tensor loss = term(golden.number("temperature")).loss(student, golden.tensor("in.teacher_logits"));
 *   golden.check("out.loss", loss);
 *   loss.backward();
 *   golden.checkGrad("in.student_logits", student);
 * }
 * }</pre>
 */
public final class Golden {

  private static final Map<String, JsonNode> INDEX = index();

  private final String id;
  private final JsonNode entry;
  private final SafetensorsFile file;

  private Golden(String id) {
    this.id = id;
    JsonNode known = INDEX.get(id);
    if (known == null) {
      throw new IllegalArgumentException("there is no golden case '" + id + "'");
    }
    entry = known;
    file = Safetensors.read(path(entry.get("file").asText()));
  }

  /** Reads the case with an id such as {@code 01-hinton-kd.base}. */
  public static Golden load(String id) {
    return new Golden(id);
  }

  /** The ids of all cases that begin with {@code prefix}; never empty. For method sources. */
  public static List<String> ids(String prefix) {
    List<String> ids = INDEX.keySet().stream().filter(id -> id.startsWith(prefix)).toList();
    assertThat(ids).as("golden cases that begin with '%s'", prefix).isNotEmpty();
    return ids;
  }

  /** As {@link #ids(String)} without the named cases, each of which must exist. */
  public static List<String> idsBut(String prefix, String... without) {
    List<String> all = ids(prefix);
    assertThat(all).contains(without);
    return all.stream().filter(id -> !List.of(without).contains(id)).toList();
  }

  // ---- what the case says

  /** The id. */
  public String id() {
    return id;
  }

  /** The whole entry of the index. */
  public JsonNode entry() {
    return entry;
  }

  /** Whether the options hold a value of this name that is not null. */
  public boolean hasHyper(String name) {
    return entry.get("hyper").hasNonNull(name);
  }

  /** An option of the case. */
  public JsonNode hyper(String name) {
    JsonNode value = entry.get("hyper").get(name);
    assertThat(value).as("option '%s' of %s", name, id).isNotNull();
    return value;
  }

  /** An option that is a number, or {@code standard} where the case has none. */
  public double number(String name, double standard) {
    return hasHyper(name) ? number(name) : standard;
  }

  /** An option that is a number. */
  public double number(String name) {
    JsonNode value = hyper(name);
    assertThat(value.isNumber()).as("option '%s' of %s is a number", name, id).isTrue();
    return value.asDouble();
  }

  // ---- what the case holds

  /** Whether the case holds a tensor. */
  public boolean has(String name) {
    return file.entries().containsKey(name);
  }

  /** How many tensors there are named {@code prefix.0}, {@code prefix.1}, ... */
  public int count(String prefix) {
    return (int) Stream.iterate(0, i -> has(prefix + "." + i), i -> i + 1).count();
  }

  /** The names of all tensors that begin with a prefix. */
  public List<String> names(String prefix) {
    return file.entries().keySet().stream().filter(name -> name.startsWith(prefix)).toList();
  }

  /** A new tensor with the values of the case: FLOAT32, FLOAT64 or INT64. */
  public Tensor tensor(String name) {
    Entry stored = stored(name);
    return switch (stored.dtype()) {
      case F32 -> Tensors.of(stored.floats(), stored.shape());
      case F64 -> Tensors.of(stored.doubles(), stored.shape());
      default -> Tensors.of(stored.longs(), stored.shape());
    };
  }

  /** A new tensor with the values of the case that collects gradients. */
  public Tensor leaf(String name) {
    return tensor(name).setRequiresGrad(true);
  }

  // ---- what must agree

  /** Compares a result with the tensor of this name; the shapes must be equal too. */
  public void check(String name, Tensor actual) {
    assertThat(actual.shape()).as("%s: shape of %s", id, name).isEqualTo(stored(name).shape());
    check(name, actual.toDoubles());
  }

  /** Compares a single number with the tensor of this name. */
  public void check(String name, double actual) {
    check(name, new double[] {actual});
  }

  /** Compares the gradient that {@code leaf} collected with {@code grad.<name>}. */
  public void checkGrad(String name, Tensor leaf) {
    Tensor grad = leaf.grad();
    assertThat(grad).as("%s: gradient of %s", id, name).isNotNull();
    check("grad." + name, grad);
  }

  private void check(String name, double[] actual) {
    Entry stored = stored(name);
    double[] expected =
        switch (stored.dtype()) {
          case F32, F64 -> stored.doubles();
          default -> Arrays.stream(stored.longs()).asDoubleStream().toArray();
        };
    assertThat(actual).as("%s: values of %s", id, name).hasSameSizeAs(expected);
    double tolerance = tolerance(name);
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs(actual[i] - expected[i]);
      if (!(difference <= tolerance)) { // also when either is NaN
        throw new AssertionError(
            "%s: %s[%d] is %s, but must be %s within %.3g; it is off by %.3g"
                .formatted(id, name, i, actual[i], expected[i], tolerance, difference));
      }
    }
  }

  private double tolerance(String name) {
    JsonNode about = entry.get("tensors").get(name);
    if (!about.has("tol_scaled")) {
      return 0;
    }
    return about.get("tol_scaled").asDouble() * about.get("max_abs").asDouble()
        + about.get("tol_abs").asDouble();
  }

  private Entry stored(String name) {
    Entry stored = file.entries().get(name);
    if (stored == null) {
      throw new IllegalArgumentException(
          "golden case '%s' has no tensor '%s', only %s"
              .formatted(id, name, file.entries().keySet()));
    }
    return stored;
  }

  // ---- files

  private static Map<String, JsonNode> index() {
    try (InputStream stream = Golden.class.getResourceAsStream("/golden/index.json")) {
      Map<String, JsonNode> cases = new LinkedHashMap<>();
      new ObjectMapper()
          .readTree(stream)
          .get("cases")
          .forEach(entry -> cases.put(entry.get("id").asText(), entry));
      return cases;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path path(String name) {
    URL url = Golden.class.getResource("/golden/" + name);
    if (url == null) {
      throw new IllegalArgumentException("golden/" + name + " is not among the test resources");
    }
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
