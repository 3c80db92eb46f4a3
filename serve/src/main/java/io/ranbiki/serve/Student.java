package io.ranbiki.serve;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Image;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.prepare.Values;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A student in an ONNX file that {@code ranbiki export} wrote. Any number of threads may ask it at
 * once; each question is computed by the thread that asks. Load it once, and close it at the end.
 */
public final class Student implements AutoCloseable {

  private static final String INPUT = "input";
  private static final String MASK = "attention_mask";
  private static final String LOGITS = "logits";
  private static final String VECTOR = "sentence_embedding";
  private static final String IMAGE = "The image";
  private static final String SOUND = "The sound";

  /** Random samples by which a file that answers with probabilities is told. */
  private static final int TRIALS = 8;

  /** Ids of a random text, and frames of a random sound. */
  private static final int TRIAL_LENGTH = 16;

  /** How far the sum of probabilities of 32 bits may be from 1. */
  private static final double ROUNDING = 1e-4;

  private final Path file;
  private final OrtSession session;
  private final Preparation preparation;
  private final Prediction.Task task;
  private final List<String> names;

  /** Asking takes the lock for reading, closing for writing: memory in use must not be freed. */
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  private Student(
      Path file,
      OrtSession session,
      Preparation preparation,
      Prediction.Task task,
      List<String> names) {
    this.file = file;
    this.session = session;
    this.preparation = preparation;
    this.task = task;
    this.names = names;
  }

  /**
   * Reads a student and tries it out.
   *
   * @param path an ONNX file, or a folder that holds one
   * @throws RanbikiException of kind MODEL if there is none, or it was not exported by Ranbiki, or
   *     is damaged; of kind IO if the disk refuses
   */
  public static Student load(Path path) {
    Path file = file(path);
    OrtSession session = open(file);
    try {
      Map<String, String> notes = session.getMetadata().getCustomMetadata();
      Preparation preparation =
          Preparation.parse(
              note(
                  notes,
                  "ranbiki.preparation",
                  file + " does not say what its inputs go through",
                  "Take a file that was written by: ranbiki export RUN --to onnx"),
              "The preparation in " + file);
      Prediction.Task task = task(notes, file);
      List<String> names = names(notes, task, file);
      requirePorts(session, preparation, task, names, file);
      Student student = new Student(file, session, preparation, task, names);
      student.requireLogits();
      return student;
    } catch (OrtException e) {
      close(session);
      throw cannotRun(file, e);
    } catch (RuntimeException e) {
      close(session);
      throw e;
    }
  }

  /** The numbers of a vector have no names. */
  private static List<String> names(Map<String, String> notes, Prediction.Task task, Path file) {
    if (task == Prediction.Task.EMBEDDING) {
      return List.of();
    }
    String known =
        note(
            notes,
            "ranbiki.classes",
            file + " does not name its " + task.word(),
            "Add class-names to config.json of the model folder, and export it again");
    return List.of(known.split("\n", -1));
  }

  private static Path file(Path path) {
    if (!Files.isDirectory(path)) {
      if (!Files.isRegularFile(path)) {
        throw RanbikiException.model("There is no file %s. Give the path of an ONNX file.", path);
      }
      return path;
    }
    List<Path> files;
    try (Stream<Path> entries = Files.list(path)) {
      files = entries.filter(entry -> entry.toString().endsWith(".onnx")).sorted().toList();
    } catch (IOException e) {
      throw RanbikiException.io("The folder %s cannot be read: %s.", path, e.getMessage());
    }
    if (files.size() != 1) {
      throw RanbikiException.model(
          "%s holds %s, where one is expected. %s.",
          path,
          files.isEmpty()
              ? "no .onnx file"
              : files.size()
                  + " .onnx files ("
                  + files.stream()
                      .map(each -> each.getFileName().toString())
                      .collect(Collectors.joining(", "))
                  + ")",
          files.isEmpty()
              ? "Export the student: ranbiki export RUN --to onnx"
              : "Name one of them");
    }
    return files.get(0);
  }

  private static OrtSession open(Path file) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      // A service has a thread for every request; more for one would take them from the others.
      options.setIntraOpNumThreads(1);
      return OrtEnvironment.getEnvironment().createSession(file.toString(), options);
    } catch (OrtException e) {
      throw cannotRun(file, e);
    }
  }

  private static String note(Map<String, String> notes, String key, String lack, String advice) {
    String value = notes.get(key);
    if (value == null || value.isEmpty()) {
      throw RanbikiException.model("%s (%s is not in its metadata). %s.", lack, key, advice);
    }
    return value;
  }

  /** Files of early versions do not say it: there were classes alone. */
  private static Prediction.Task task(Map<String, String> notes, Path file) {
    String word = notes.getOrDefault("ranbiki.task", Prediction.Task.CLASSES.word());
    return Arrays.stream(Prediction.Task.values())
        .filter(each -> each.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                RanbikiException.model(
                    "%s answers the task '%s', which this version does not serve. Use a newer"
                        + " version.",
                    file, word));
  }

  private static void requirePorts(
      OrtSession session,
      Preparation preparation,
      Prediction.Task task,
      List<String> names,
      Path file)
      throws OrtException {
    Set<String> different = new HashSet<>(names);
    if (different.size() != names.size()) {
      throw damaged(file, "two of its answers have one name");
    }
    boolean text = preparation.input() == Preparation.Input.TEXT;
    boolean masked = isMasked(preparation);
    String samples = text ? Preparation.IDS : masked ? Preparation.FRAMES : INPUT;
    List<String> inputs = masked ? List.of(samples, MASK) : List.of(samples);
    requirePort(
        session.getInputInfo(),
        samples,
        text ? OnnxJavaType.INT64 : OnnxJavaType.FLOAT,
        preparation.shape(),
        file);
    if (masked) {
      requirePort(session.getInputInfo(), MASK, OnnxJavaType.INT64, List.of(Field.ANY), file);
    }
    boolean typed = text && session.getInputNames().contains(Preparation.TYPES);
    if (typed) {
      requirePort(
          session.getInputInfo(), Preparation.TYPES, OnnxJavaType.INT64, List.of(Field.ANY), file);
    }
    if (session.getNumInputs() != inputs.size() + (typed ? 1 : 0)) {
      throw damaged(
          file,
          "it has the inputs "
              + session.getInputNames()
              + ", where "
              + (masked ? inputs + " are" : "one is")
              + " enough");
    }
    Map<String, NodeInfo> outputs = session.getOutputInfo();
    int width = task == Prediction.Task.EMBEDDING ? width(outputs) : names.size();
    requirePort(outputs, output(task), OnnxJavaType.FLOAT, List.of(width), file);
  }

  private static String output(Prediction.Task task) {
    return task == Prediction.Task.EMBEDDING ? VECTOR : LOGITS;
  }

  /** Of vectors, as the file says; 0, which no vector has, if it does not. */
  private static int width(Map<String, NodeInfo> outputs) {
    NodeInfo port = outputs.get(VECTOR);
    long[] shape =
        port != null && port.getInfo() instanceof TensorInfo tensor
            ? tensor.getShape()
            : new long[0];
    return shape.length == 2 && shape[1] > 0 ? (int) shape[1] : 0;
  }

  /** Whether the length of a sample varies, so that a mask goes with it. */
  private static boolean isMasked(Preparation preparation) {
    return preparation.shape().contains(Field.ANY);
  }

  private static void requirePort(
      Map<String, NodeInfo> ports,
      String name,
      OnnxJavaType type,
      List<Integer> sample,
      Path file) {
    NodeInfo port = ports.get(name);
    if (port == null) {
      throw damaged(file, "it has no '" + name + "', but " + ports.keySet());
    }
    String found = "no tensor";
    if (port.getInfo() instanceof TensorInfo tensor) {
      found = words(tensor.type, Arrays.stream(tensor.getShape()).boxed().toList());
    }
    List<Long> wanted = new ArrayList<>(List.of(-1L));
    sample.forEach(length -> wanted.add((long) length));
    String expected = words(type, wanted);
    if (!found.equals(expected)) {
      throw damaged(
          file, "its '" + name + "' is " + found + ", where " + expected + " is expected");
    }
  }

  private static String words(OnnxJavaType type, List<Long> shape) {
    List<String> lengths =
        new ArrayList<>(
            shape.stream().map(length -> length < 0 ? "any" : length.toString()).toList());
    if (!shape.isEmpty() && shape.get(0) < 0) {
      lengths.set(0, "batch");
    }
    return type + " " + lengths;
  }

  private static RanbikiException damaged(Path file, String reason) {
    return RanbikiException.model(
        "%s is not a student as Ranbiki exports it: %s. Export it again.", file, reason);
  }

  /** A softmax of probabilities is nearly flat, so nobody would see why the answers are unsure. */
  private void requireLogits() {
    if (task != Prediction.Task.CLASSES || names.size() == 1) {
      return; // nothing can be told
    }
    Random random = new Random(0);
    for (int trial = 0; trial < TRIALS; trial++) {
      double sum = 0;
      for (float logit : askRandomly(random)) {
        sum += logit < 0 ? Double.NaN : logit;
      }
      if (!(Math.abs(sum - 1) <= ROUNDING)) {
        return;
      }
    }
    throw damaged(
        file,
        "its answers to "
            + TRIALS
            + " random samples are probabilities, where logits are expected (it ends in a"
            + " softmax)");
  }

  private float[] askRandomly(Random random) {
    Optional<Step.Tokenize> tokenize = preparation.tokenize();
    if (tokenize.isPresent()) {
      int length = Math.min(TRIAL_LENGTH, tokenize.get().atMost());
      long[] ids = random.longs(length, 0, tokenize.get().tokenizer().size()).toArray();
      return ask(new Tokenizer.Encoding(ids, new long[length], 0));
    }
    int length = preparation.shape().stream().mapToInt(n -> n).reduce(1, (a, b) -> a * b);
    float[] sample = new float[isMasked(preparation) ? -length * TRIAL_LENGTH : length];
    for (int i = 0; i < sample.length; i++) {
      sample[i] = random.nextFloat();
    }
    return ask(sample);
  }

  /** What an input goes through before the network sees it. */
  public Preparation preparation() {
    return preparation;
  }

  /** What its answers mean. */
  public Prediction.Task task() {
    return task;
  }

  /** The names of the classes, labels or numbers in the order of its answers; none of vectors. */
  public List<String> names() {
    return names;
  }

  /**
   * Answers a PNG, JPEG or WAV file.
   *
   * @throws RanbikiException of kind CONFIGURATION if it is no such file, or an image of another
   *     size than the student takes; of kind IO if it cannot be read
   * @throws IllegalStateException if the student was closed
   */
  public Prediction predict(Path file) {
    return answer(preparation.apply(file));
  }

  /**
   * Answers the bytes of a PNG, JPEG or WAV file.
   *
   * @throws RanbikiException as {@link #predict(Path)}
   * @throws IllegalStateException if the student was closed
   */
  public Prediction predict(byte[] file) {
    boolean sound = preparation.input() == Preparation.Input.SOUND;
    return answer(preparation.apply(file, sound ? SOUND : IMAGE));
  }

  /**
   * Answers a PNG, JPEG or WAV file that is read to its end; the stream is not closed.
   *
   * @throws IOException if it cannot be read
   * @throws RanbikiException of kind CONFIGURATION as {@link #predict(Path)}
   * @throws IllegalStateException if the student was closed
   */
  public Prediction predict(InputStream image) throws IOException {
    return predict(image.readAllBytes());
  }

  /**
   * Answers a picture in memory.
   *
   * @throws RanbikiException of kind CONFIGURATION if it has another size than the student takes
   * @throws IllegalStateException if the student was closed
   */
  public Prediction predict(BufferedImage image) {
    return answer(preparation.apply(Image.of(image, IMAGE)));
  }

  /**
   * Answers numbers.
   *
   * @param values a row of features as the table has them, or the pixels of an image in 0..1,
   *     channel by channel
   * @throws RanbikiException of kind CONFIGURATION if there are too few or too many, or one is not
   *     finite
   * @throws IllegalStateException if the student was closed
   */
  public Prediction predict(float[] values) {
    return answer(preparation.apply(values));
  }

  /**
   * Answers a sound, such as one that a microphone gave.
   *
   * @param wave the samples of one channel, mostly within [-1, 1); one or more
   * @param rate samples a second
   * @throws RanbikiException of kind CONFIGURATION if the student takes no sounds
   * @throws IllegalStateException if the student was closed
   */
  public Prediction predict(float[] wave, int rate) {
    return answer(preparation.apply(new Values.Sound(wave, rate)));
  }

  /**
   * Answers a row of a table.
   *
   * @param row its cells by the names of their columns, empty where a value is not known; columns
   *     that the student does not take do not count
   * @throws RanbikiException of kind CONFIGURATION if the student takes no such rows, a column is
   *     not there, or a number is none
   * @throws IllegalStateException if the student was closed
   */
  public Prediction predict(Map<String, String> row) {
    return answer(preparation.apply(row));
  }

  /**
   * Answers a text. What is behind the most pieces that the student takes is left out.
   *
   * @throws RanbikiException of kind CONFIGURATION if the student takes no single text, or it is
   *     empty
   * @throws IllegalStateException if the student was closed
   */
  public Prediction predict(String text) {
    return Prediction.of(task, names, ask(preparation.apply(text)));
  }

  /**
   * Answers a pair of texts, such as a question and an answer. What is behind the most pieces that
   * the student takes is left out, of the longer text first.
   *
   * @throws RanbikiException of kind CONFIGURATION if the student takes no pairs, or one is empty
   * @throws IllegalStateException if the student was closed
   */
  public Prediction predict(String first, String second) {
    return Prediction.of(task, names, ask(preparation.apply(first, second)));
  }

  /**
   * The vector of a text, of length 1: of two texts of like meaning the product is near 1. What is
   * behind the most pieces that the student takes is left out.
   *
   * @throws RanbikiException of kind CONFIGURATION if the student takes no text
   * @throws IllegalStateException if the student was closed, or does not answer vectors
   */
  public float[] embed(String text) {
    return predict(text).vector();
  }

  /**
   * Answers what has been through the {@link #preparation} already.
   *
   * @param input as {@link Preparation#apply(Path)} gives it
   * @throws IllegalStateException if the student was closed
   */
  public Prediction answer(float[] input) {
    return Prediction.of(task, names, ask(input));
  }

  private float[] ask(float[] input) {
    boolean masked = isMasked(preparation);
    int fixed = preparation.shape().stream().mapToInt(Math::abs).reduce(1, (a, b) -> a * b);
    int varying = input.length / fixed;
    List<Long> shape = new ArrayList<>(List.of(1L));
    preparation
        .shape()
        .forEach(length -> shape.add((long) (length == Field.ANY ? varying : length)));
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    lock.readLock().lock();
    try (OnnxTensor tensor =
            OnnxTensor.createTensor(
                environment,
                FloatBuffer.wrap(input),
                shape.stream().mapToLong(Long::longValue).toArray());
        OnnxTensor mask = masked ? mask(varying) : null) {
      return mask == null
          ? run(Map.of(INPUT, tensor))
          : run(Map.of(Preparation.FRAMES, tensor, MASK, mask));
    } catch (OrtException e) {
      throw cannotRun(file, e);
    } finally {
      lock.readLock().unlock();
    }
  }

  private float[] ask(Tokenizer.Encoding text) {
    long[] shape = {1, text.ids().length};
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    lock.readLock().lock();
    try (OnnxTensor ids = OnnxTensor.createTensor(environment, LongBuffer.wrap(text.ids()), shape);
        OnnxTensor mask = mask(text.ids().length);
        OnnxTensor types =
            OnnxTensor.createTensor(environment, LongBuffer.wrap(text.types()), shape)) {
      Map<String, OnnxTensor> inputs = Map.of(Preparation.IDS, ids, MASK, mask);
      if (!session.getInputNames().contains(Preparation.TYPES)) {
        return run(inputs);
      }
      Map<String, OnnxTensor> typed = new HashMap<>(inputs);
      typed.put(Preparation.TYPES, types);
      return run(typed);
    } catch (OrtException e) {
      throw cannotRun(file, e);
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Of one sample, of which nothing was padded. */
  private static OnnxTensor mask(int length) throws OrtException {
    long[] all = new long[length];
    Arrays.fill(all, 1);
    return OnnxTensor.createTensor(
        OrtEnvironment.getEnvironment(), LongBuffer.wrap(all), new long[] {1, length});
  }

  private float[] run(Map<String, OnnxTensor> inputs) throws OrtException {
    try (OrtSession.Result result = session.run(inputs, Set.of(output(task)))) {
      return ((float[][]) result.get(0).getValue())[0];
    }
  }

  private static RanbikiException cannotRun(Path file, OrtException e) {
    String reason =
        String.valueOf(e.getMessage())
            .replaceAll("[\\p{Cntrl}\\s]+", " ")
            .replaceFirst("^Error code - \\w+ - message: ", "")
            .replaceFirst("[.\\s]+$", "");
    return new RanbikiException(
        RanbikiException.Kind.MODEL,
        file + " cannot be run: " + reason + ". Copy it again from where it came.",
        e);
  }

  /** Frees the memory of the network, once no thread is asking any more. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      close(session);
    } finally {
      lock.writeLock().unlock();
    }
  }

  private static void close(OrtSession session) {
    try {
      session.close();
    } catch (OrtException | IllegalStateException e) {
      // closed before: nothing is left to free
    }
  }
}
