package io.ranbiki.teacher;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.platform.Fp16Conversions;
import io.ranbiki.RanbikiException;
import io.ranbiki.file.Quoted;
import io.ranbiki.tensor.NativeLibraries;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The border to ONNX Runtime: every call passes here, so that every error leaves as one. */
final class OnnxEngine implements AutoCloseable {

  /** Where ONNX Runtime looks for weights beside a model that it is given as bytes. */
  private static final String WEIGHTS_FOLDER =
      "session.model_external_initializers_file_folder_path";

  private static final String LIBRARIES = "onnxruntime.native.path";

  private static final Logger LOG = LoggerFactory.getLogger(OnnxEngine.class);

  private static final Pattern PLACE =
      Pattern.compile("\\S*/onnxruntime\\S*:\\d+ ?|^[^(]*onnxruntime::[^(]*\\([^)]*\\)( const)? ?");

  /** The last one that the engine was seen to run. */
  private static final long NEWEST_OPSET = 26;

  private static final int LONGEST_REASON = 300;

  private final Path file;
  private final OrtSession session;
  private final Optional<Duration> patience;
  private final Workers workers;

  /** Of each worker, by the names of inputs. */
  private final List<Map<String, ByteBuffer>> memory;

  private OnnxEngine(
      Path file, OrtSession session, Optional<Duration> patience, int questionsAtOnce) {
    this.file = file;
    this.session = session;
    this.patience = patience;
    workers = new Workers("ONNX Runtime", questionsAtOnce);
    memory =
        Stream.<Map<String, ByteBuffer>>generate(LinkedHashMap::new)
            .limit(questionsAtOnce)
            .toList();
  }

  /** The version of ONNX Runtime. */
  static String version() {
    String version = OrtSession.class.getPackage().getImplementationVersion();
    return version == null ? "unknown" : version;
  }

  /**
   * An input or output as the engine sees it.
   *
   * @param type of the elements, such as {@code FLOAT}; empty if it is no tensor
   * @param shape -1 where a length may be any; empty if nothing is known
   * @param names of the lengths that may be any; empty where there is none
   */
  record Port(String name, String type, long[] shape, String[] names) {
    @Override
    public String toString() {
      List<String> lengths = new ArrayList<>();
      for (int i = 0; i < shape.length; i++) {
        boolean named = i < names.length && !names[i].isEmpty();
        lengths.add(shape[i] >= 0 ? Long.toString(shape[i]) : named ? names[i] : "?");
      }
      String text = name + " [" + String.join(", ", lengths) + "]";
      return text.replaceAll("\\p{Cntrl}", "?"); // names are the file's
    }

    static String list(List<Port> ports) {
      return ports.stream().map(Port::toString).collect(Collectors.joining(", "));
    }
  }

  /** ONNX Runtime would unpack its libraries at every start, and a kill would leave them there. */
  private static synchronized void unpackLibraries() {
    if (System.getProperty(LIBRARIES) != null) {
      return;
    }
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String name = system.startsWith("mac") ? "osx" : system.startsWith("win") ? "win" : "linux";
    String processor = System.getProperty("os.arch", "").equals("aarch64") ? "aarch64" : "x64";
    NativeLibraries.unpack(
            "onnxruntime-" + version(),
            OnnxEngine.class.getClassLoader(),
            List.of(
                String.join(
                    "/",
                    "ai/onnxruntime/native",
                    name + "-" + processor,
                    System.mapLibraryName("onnxruntime4j_jni"))))
        .ifPresent(folder -> System.setProperty(LIBRARIES, folder.toString()));
  }

  /**
   * Loads a model; weights beside it are looked for in the folder of {@code file} alone.
   *
   * @param opset of the model, as it says
   * @param threads that share a question
   * @param questionsAtOnce how many are answered at the same time, each by so many threads
   * @param patience how long an answer may take for each sample; empty for a model that has an end
   */
  static OnnxEngine open(
      Path file,
      byte[] model,
      long opset,
      int threads,
      int questionsAtOnce,
      Optional<Duration> patience) {
    unpackLibraries();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "ranbiki");
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      options.setIntraOpNumThreads(threads);
      options.addConfigEntry(
          WEIGHTS_FOLDER, Objects.requireNonNull(file.toAbsolutePath().getParent()).toString());
      return new OnnxEngine(
          file, environment.createSession(model, options), patience, questionsAtOnce);
    } catch (OrtException e) {
      throw cannotRun(file, opset, reason(e));
    }
  }

  /** The engine refuses for many reasons; each has its own way out. */
  private static RanbikiException cannotRun(Path file, long opset, String reason) {
    boolean newer = opset > NEWEST_OPSET;
    if (reason.contains("IR version") && !newer) {
      return RanbikiException.model(
          "%s cannot be run: %s. Lower the number, which changes nothing else: python3 -c \"import onnx, sys; f = sys.argv[1]; m = onnx.load(f); m.ir_version = 10; onnx.save(m, f)\" %s",
          file, reason, Quoted.forShell(file));
    }
    if (newer || reason.contains("opset")) {
      return RanbikiException.model(
          "%s cannot be run: %s. Export it again, for opset 17 say.", file, reason);
    }
    if (reason.contains("not a registered function/op")) {
      return RanbikiException.model(
          "%s cannot be run: %s. Export it again with standard operators alone.", file, reason);
    }
    return RanbikiException.model(
        "%s cannot be run: %s. Export it again, and check it with onnx.checker.", file, reason);
  }

  List<Port> inputs() {
    try {
      return ports(session.getInputInfo());
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  List<Port> outputs() {
    try {
      return ports(session.getOutputInfo());
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  private static List<Port> ports(Map<String, NodeInfo> nodes) {
    List<Port> ports = new ArrayList<>();
    for (NodeInfo node : nodes.values()) {
      if (node.getInfo() instanceof TensorInfo tensor) {
        ports.add(
            new Port(
                node.getName(),
                tensor.type.toString(),
                tensor.getShape(),
                tensor.getDimensionNames()));
      } else {
        ports.add(new Port(node.getName(), "", new long[0], new String[0]));
      }
    }
    return ports;
  }

  /**
   * What one input is given.
   *
   * @param input its name
   * @param type of its elements, as {@link Port}; numbers of type {@code UINT8} must be whole, 0 to
   *     255, and those of {@code INT64} and {@code INT32} whole
   * @param values row-major; what they leave of {@code shape} is filled with zeros
   * @param shape the batch first
   */
  record Feed(String input, String type, float[] values, long[] shape) {}

  /**
   * Answers questions, some at the same time.
   *
   * @param questions of each, what every input is given
   * @param outputs names of the outputs to compute
   * @return for each question, FLOAT32 tensors of the innermost scope by name
   */
  List<Map<String, Tensor>> run(List<List<Feed>> questions, List<String> outputs) {
    List<Map<String, Numbers>> answers =
        workers.all(questions, (worker, feeds) -> numbers(feeds, outputs, memory.get(worker)));
    List<Map<String, Tensor>> tensors = new ArrayList<>();
    for (Map<String, Numbers> answer : answers) {
      Map<String, Tensor> named = new LinkedHashMap<>();
      answer.forEach((output, of) -> named.put(output, Tensors.of(of.values(), of.shape())));
      tensors.add(named);
    }
    return tensors;
  }

  /** An output, row-major. */
  private record Numbers(float[] values, long[] shape) {}

  private Map<String, Numbers> numbers(
      List<Feed> feeds, List<String> outputs, Map<String, ByteBuffer> used) {
    try (Given given = new Given(feeds, filled(feeds, used));
        OrtSession.Result result = answer(given.tensors, outputs, feeds.get(0).shape()[0])) {
      Map<String, Numbers> answers = new LinkedHashMap<>();
      for (String output : outputs) {
        float[] values = numbers(output, result);
        long[] shape = ((OnnxTensor) result.get(output).get()).getInfo().getShape();
        answers.put(output, new Numbers(values, shape));
      }
      return answers;
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  /**
   * A question as a service asks it: the inputs lie ready, and the answer becomes numbers of Java.
   */
  Runnable question(List<Feed> feeds, String output) {
    Map<String, ByteBuffer> ready = new LinkedHashMap<>();
    feeds.forEach(feed -> ready.put(feed.input(), filled(feed, null)));
    return () -> {
      try (Given given = new Given(feeds, ready);
          OrtSession.Result result =
              answer(given.tensors, List.of(output), feeds.get(0).shape()[0])) {
        numbers(output, result);
      } catch (OrtException e) {
        throw failed(e);
      }
    };
  }

  /** The tensors of a question, which are freed with it. */
  private static final class Given implements AutoCloseable {

    private final Map<String, OnnxTensor> tensors = new LinkedHashMap<>();

    Given(List<Feed> feeds, Map<String, ByteBuffer> ready) throws OrtException {
      try {
        for (Feed feed : feeds) {
          tensors.put(
              feed.input(),
              OnnxTensor.createTensor(
                  OrtEnvironment.getEnvironment(),
                  Objects.requireNonNull(ready.get(feed.input())).rewind(),
                  feed.shape(),
                  OnnxJavaType.valueOf(feed.type())));
        }
      } catch (OrtException | RuntimeException e) {
        close();
        throw e;
      }
    }

    @Override
    public void close() {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  /** Copies what is given into memory outside the Java heap, used again from batch to batch. */
  private static Map<String, ByteBuffer> filled(List<Feed> feeds, Map<String, ByteBuffer> used) {
    for (Feed feed : feeds) {
      used.put(feed.input(), filled(feed, used.get(feed.input())));
    }
    return used;
  }

  /**
   * Runs the model, and stops it if it takes too long.
   *
   * @param samples in the question
   */
  private OrtSession.Result answer(
      Map<String, OnnxTensor> questions, List<String> names, long samples) throws OrtException {
    if (patience.isEmpty()) {
      return session.run(questions, new LinkedHashSet<>(names));
    }
    long longest = patience.get().multipliedBy(samples).toMillis();
    AtomicBoolean late = new AtomicBoolean();
    Timer timer = new Timer("patience with a model", true);
    try (OrtSession.RunOptions options = new OrtSession.RunOptions()) {
      timer.schedule(stopping(options, late), longest);
      return session.run(questions, new LinkedHashSet<>(names), options);
    } catch (OrtException e) {
      if (!late.get()) {
        throw e;
      }
      throw RanbikiException.model(
          "%s did not answer %d samples within %.1f s. It holds a loop, which may have no end:"
              + " export the model without it, or correct its condition.",
          file, samples, longest / 1000.0);
    } finally {
      timer.cancel();
    }
  }

  private TimerTask stopping(OrtSession.RunOptions options, AtomicBoolean late) {
    return new TimerTask() {
      @Override
      public void run() {
        late.set(true);
        try {
          options.setTerminate(true);
        } catch (OrtException | IllegalStateException e) {
          LOG.debug("{} had answered when it was to be stopped", file, e);
        }
      }
    };
  }

  /**
   * Writes what is given into memory outside the Java heap.
   *
   * @param used memory that is taken if it is large enough
   */
  private static ByteBuffer filled(Feed feed, @Nullable ByteBuffer used) {
    OnnxJavaType type = OnnxJavaType.valueOf(feed.type());
    int length = Math.toIntExact(Arrays.stream(feed.shape()).reduce(1, Math::multiplyExact));
    int bytes = Math.multiplyExact(length, type.size);
    ByteBuffer memory =
        used != null && used.capacity() >= bytes
            ? used
            : ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    memory.clear().limit(bytes);
    if (type == OnnxJavaType.FLOAT) {
      memory.asFloatBuffer().put(feed.values());
      memory.position(feed.values().length * Float.BYTES);
    } else {
      for (float value : feed.values()) {
        put(memory, type, value);
      }
    }
    while (memory.hasRemaining()) {
      memory.put((byte) 0);
    }
    return memory.flip();
  }

  private static void put(ByteBuffer memory, OnnxJavaType type, float value) {
    switch (type) {
      case DOUBLE -> memory.putDouble(value);
      case FLOAT16 -> memory.putShort(Fp16Conversions.floatToFp16(value));
      case UINT8 -> memory.put((byte) (int) value);
      case INT64 -> memory.putLong((long) value);
      case INT32 -> memory.putInt((int) value);
      default -> throw new IllegalArgumentException("inputs of type " + type);
    }
  }

  private float[] numbers(String name, OrtSession.Result result) {
    if (result.get(name).orElse(null) instanceof OnnxTensor tensor) {
      float[] values = floats(tensor);
      if (values != null) {
        return values;
      }
    }
    throw RanbikiException.model(
        "%s answers with '%s', which is no tensor of float32, float16 or float64; choose another.",
        file, name);
  }

  /** Null for other types than floating-point ones. */
  private static float @Nullable [] floats(OnnxTensor tensor) {
    DoubleBuffer doubles = tensor.getDoubleBuffer();
    if (doubles != null) {
      float[] values = new float[doubles.remaining()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) doubles.get();
      }
      return values;
    }
    FloatBuffer floats = tensor.getFloatBuffer();
    if (floats == null) {
      return null;
    }
    float[] values = new float[floats.remaining()];
    floats.get(values);
    return values;
  }

  private RanbikiException failed(OrtException e) {
    return RanbikiException.model(
        "%s failed to answer: %s. Check it against the shape of the data, or, with texts, whether it"
            + " has positions for all that prepare.at-most lets through; or export it again.",
        file, reason(e));
  }

  /** The engine's own words without its error code and the place in its source. */
  private static String reason(OrtException e) {
    String text = String.valueOf(e.getMessage());
    text = text.replaceFirst("^Error code - \\w+ - message: ", "");
    text = PLACE.matcher(text.replaceAll("[\\p{Cntrl}\\s]+", " ")).replaceAll("");
    text = PLACE.matcher(text).replaceAll(""); // what a place at the beginning hid
    text = text.length() > LONGEST_REASON ? text.substring(0, LONGEST_REASON) + "..." : text;
    return text.strip().replaceFirst("\\.+$", "");
  }

  @Override
  public void close() {
    workers.close();
    try {
      session.close();
    } catch (OrtException | IllegalStateException e) {
      // closed before: nothing is left to free
    }
  }
}
