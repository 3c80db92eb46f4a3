package io.ranbiki.serve;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Preparation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The ONNX file of a student, opened: what it says of itself, found to be as Ranbiki exports it.
 *
 * @param path of the file
 * @param session by which ONNX Runtime runs it
 * @param preparation what an input goes through before the network sees it
 * @param task what the answers mean
 * @param names of the answers
 */
record StudentFile(
    Path path,
    OrtSession session,
    Preparation preparation,
    Prediction.Task task,
    List<String> names)
    implements AutoCloseable {

  /** The input of a network that takes numbers of one shape. */
  static final String INPUT = "input";

  /** The input that tells what was padded, where lengths vary. */
  static final String MASK = "attention_mask";

  private static final String LOGITS = "logits";
  private static final String VECTOR = "sentence_embedding";

  /** As {@link Student#load}. */
  static StudentFile open(Path path) {
    Path file = file(path);
    OrtSession session = session(file);
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
      StudentFile opened =
          new StudentFile(file, session, preparation, task, names(notes, task, file));
      opened.requirePorts();
      return opened;
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

  private static OrtSession session(Path file) {
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

  private void requirePorts() throws OrtException {
    Set<String> different = new HashSet<>(names);
    if (different.size() != names.size()) {
      throw damaged("two of its answers have one name");
    }
    boolean text = preparation.input() == Preparation.Input.TEXT;
    boolean masked = isMasked();
    String samples = text ? Preparation.IDS : masked ? Preparation.FRAMES : INPUT;
    List<String> inputs = masked ? List.of(samples, MASK) : List.of(samples);
    requirePort(
        session.getInputInfo(),
        samples,
        text ? OnnxJavaType.INT64 : OnnxJavaType.FLOAT,
        preparation.shape());
    if (masked) {
      requirePort(session.getInputInfo(), MASK, OnnxJavaType.INT64, List.of(Field.ANY));
    }
    boolean typed = text && takesTypes();
    if (typed) {
      requirePort(
          session.getInputInfo(), Preparation.TYPES, OnnxJavaType.INT64, List.of(Field.ANY));
    }
    if (session.getNumInputs() != inputs.size() + (typed ? 1 : 0)) {
      throw damaged(
          "it has the inputs "
              + session.getInputNames()
              + ", where "
              + (masked ? inputs + " are" : "one is")
              + " enough");
    }
    Map<String, NodeInfo> outputs = session.getOutputInfo();
    int width = task == Prediction.Task.EMBEDDING ? width(outputs) : names.size();
    requirePort(outputs, output(), OnnxJavaType.FLOAT, List.of(width));
  }

  /** The name of what the network answers. */
  String output() {
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
  boolean isMasked() {
    return preparation.shape().contains(Field.ANY);
  }

  private void requirePort(
      Map<String, NodeInfo> ports, String name, OnnxJavaType type, List<Integer> sample) {
    NodeInfo port = ports.get(name);
    if (port == null) {
      throw damaged("it has no '" + name + "', but " + ports.keySet());
    }
    String found = "no tensor";
    if (port.getInfo() instanceof TensorInfo tensor) {
      found = words(tensor.type, Arrays.stream(tensor.getShape()).boxed().toList());
    }
    List<Long> wanted = new ArrayList<>(List.of(-1L));
    sample.forEach(length -> wanted.add((long) length));
    String expected = words(type, wanted);
    if (!found.equals(expected)) {
      throw damaged("its '" + name + "' is " + found + ", where " + expected + " is expected");
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

  /** What to throw of a file that was changed since its export. */
  RanbikiException damaged(String reason) {
    return RanbikiException.model(
        "%s is not a student as Ranbiki exports it: %s. Export it again.", path, reason);
  }

  /** Whether it tells the first text of a pair from the second. */
  boolean takesTypes() {
    return session.getInputNames().contains(Preparation.TYPES);
  }

  /** What to throw where ONNX Runtime refuses. */
  RanbikiException cannotRun(OrtException e) {
    return cannotRun(path, e);
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

  @Override
  public void close() {
    close(session);
  }

  private static void close(OrtSession session) {
    try {
      session.close();
    } catch (OrtException | IllegalStateException e) {
      // closed before: nothing is left to free
    }
  }
}
