package io.ranbiki.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
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
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A student in an ONNX file that {@code ranbiki export} wrote. Any number of threads may ask it at
 * once; each question is computed by the thread that asks. Load it once, and close it at the end.
 */
public final class Student implements AutoCloseable {

  private static final String IMAGE = "The image";
  private static final String SOUND = "The sound";

  /** Random samples by which a file that answers with probabilities is told. */
  private static final int TRIALS = 8;

  /** Ids of a random text, and frames of a random sound. */
  private static final int TRIAL_LENGTH = 16;

  /** How far the sum of probabilities of 32 bits may be from 1. */
  private static final double ROUNDING = 1e-4;

  private final StudentFile opened;

  /** Asking takes the lock for reading, closing for writing: memory in use must not be freed. */
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  private Student(StudentFile opened) {
    this.opened = opened;
  }

  /**
   * Reads a student and tries it out.
   *
   * @param path an ONNX file, or a folder that holds one
   * @throws RanbikiException of kind MODEL if there is none, or it was not exported by Ranbiki, or
   *     is damaged; of kind IO if the disk refuses
   */
  public static Student load(Path path) {
    Student student = new Student(StudentFile.open(path));
    try {
      student.requireLogits();
      return student;
    } catch (RuntimeException e) {
      student.close();
      throw e;
    }
  }

  /** A softmax of probabilities is nearly flat, so nobody would see why the answers are unsure. */
  private void requireLogits() {
    if (opened.task() != Prediction.Task.CLASSES || opened.names().size() == 1) {
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
    throw opened.damaged(
        "its answers to "
            + TRIALS
            + " random samples are probabilities, where logits are expected (it ends in a"
            + " softmax)");
  }

  private float[] askRandomly(Random random) {
    Optional<Step.Tokenize> tokenize = opened.preparation().tokenize();
    if (tokenize.isPresent()) {
      int length = Math.min(TRIAL_LENGTH, tokenize.get().atMost());
      long[] ids = random.longs(length, 0, tokenize.get().tokenizer().size()).toArray();
      return ask(new Tokenizer.Encoding(ids, new long[length], 0));
    }
    int length = opened.preparation().shape().stream().mapToInt(n -> n).reduce(1, (a, b) -> a * b);
    float[] sample = new float[opened.isMasked() ? -length * TRIAL_LENGTH : length];
    for (int i = 0; i < sample.length; i++) {
      sample[i] = random.nextFloat();
    }
    return ask(sample);
  }

  /** What an input goes through before the network sees it. */
  public Preparation preparation() {
    return opened.preparation();
  }

  /** What its answers mean. */
  public Prediction.Task task() {
    return opened.task();
  }

  /** The names of the classes, labels or numbers in the order of its answers; none of vectors. */
  public List<String> names() {
    return opened.names();
  }

  /**
   * Answers a PNG, JPEG or WAV file.
   *
   * @throws RanbikiException of kind CONFIGURATION if it is no such file, or an image of another
   *     size than the student takes; of kind IO if it cannot be read
   * @throws IllegalStateException if the student was closed
   */
  public Prediction predict(Path file) {
    return answer(opened.preparation().apply(file));
  }

  /**
   * Answers the bytes of a PNG, JPEG or WAV file, or of a text in UTF-8.
   *
   * @throws RanbikiException as {@link #predict(Path)} and {@link #predict(String)}, or if a text
   *     is not UTF-8
   * @throws IllegalStateException if the student was closed
   */
  public Prediction predict(byte[] file) {
    if (opened.preparation().tokenize().isPresent()) {
      return predict(text(file));
    }
    boolean sound = opened.preparation().input() == Preparation.Input.SOUND;
    return answer(opened.preparation().apply(file, sound ? SOUND : IMAGE));
  }

  /**
   * Answers a PNG, JPEG or WAV file, or a text in UTF-8, that is read to its end; the stream is not
   * closed.
   *
   * @throws IOException if it cannot be read
   * @throws RanbikiException of kind CONFIGURATION as {@link #predict(byte[])}
   * @throws IllegalStateException if the student was closed
   */
  public Prediction predict(InputStream file) throws IOException {
    return predict(file.readAllBytes());
  }

  private static String text(byte[] bytes) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new RanbikiException(
          RanbikiException.Kind.CONFIGURATION, "The text is not UTF-8. Give it as UTF-8.", e);
    }
  }

  /**
   * Answers a picture in memory.
   *
   * @throws RanbikiException of kind CONFIGURATION if it has another size than the student takes
   * @throws IllegalStateException if the student was closed
   */
  public Prediction predict(BufferedImage image) {
    return answer(opened.preparation().apply(Image.of(image, IMAGE)));
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
    return answer(opened.preparation().apply(values));
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
    return answer(opened.preparation().apply(new Values.Sound(wave, rate)));
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
    return answer(opened.preparation().apply(row));
  }

  /**
   * Answers a text. What is behind the most pieces that the student takes is left out.
   *
   * @throws RanbikiException of kind CONFIGURATION if the student takes no single text, or it is
   *     empty
   * @throws IllegalStateException if the student was closed
   */
  public Prediction predict(String text) {
    return Prediction.of(opened.task(), opened.names(), ask(opened.preparation().apply(text)));
  }

  /**
   * Answers a pair of texts, such as a question and an answer. What is behind the most pieces that
   * the student takes is left out, of the longer text first.
   *
   * @throws RanbikiException of kind CONFIGURATION if the student takes no pairs, or one is empty
   * @throws IllegalStateException if the student was closed
   */
  public Prediction predict(String first, String second) {
    return Prediction.of(
        opened.task(), opened.names(), ask(opened.preparation().apply(first, second)));
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
    return Prediction.of(opened.task(), opened.names(), ask(input));
  }

  private float[] ask(float[] input) {
    boolean masked = opened.isMasked();
    int fixed =
        opened.preparation().shape().stream().mapToInt(Math::abs).reduce(1, (a, b) -> a * b);
    int varying = input.length / fixed;
    List<Long> shape = new ArrayList<>(List.of(1L));
    opened
        .preparation()
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
          ? run(Map.of(StudentFile.INPUT, tensor))
          : run(Map.of(Preparation.FRAMES, tensor, StudentFile.MASK, mask));
    } catch (OrtException e) {
      throw opened.cannotRun(e);
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
      Map<String, OnnxTensor> inputs = Map.of(Preparation.IDS, ids, StudentFile.MASK, mask);
      if (!opened.takesTypes()) {
        return run(inputs);
      }
      Map<String, OnnxTensor> typed = new HashMap<>(inputs);
      typed.put(Preparation.TYPES, types);
      return run(typed);
    } catch (OrtException e) {
      throw opened.cannotRun(e);
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
    try (OrtSession.Result result = opened.session().run(inputs, Set.of(opened.output()))) {
      return ((float[][]) result.get(0).getValue())[0];
    }
  }

  /** Frees the memory of the network, once no thread is asking any more. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      opened.close();
    } finally {
      lock.writeLock().unlock();
    }
  }
}
