package io.ranbiki.teacher;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.ranbiki.data.Augmentation;
import io.ranbiki.data.Augmentations;
import io.ranbiki.data.Dataset;
import io.ranbiki.file.Sha256;
import io.ranbiki.prepare.Columns;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.store.Encoding;
import io.ranbiki.store.Key;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * All that stored answers depend on. Two keys are equal if and only if one's answers can stand for
 * the other's. The number of views is not part of it: view 3 of a sample is the same pixels whether
 * 4 or 8 views are used.
 *
 * @param teacher the SHA-256 over the teacher's files and what else its answers depend on
 * @param data {@link io.ranbiki.data.Dataset#fingerprint} of the whole dataset, from which subsets
 *     and splits are taken
 * @param prepare what the teacher's inputs go through
 * @param augmentations how a view is made
 * @param viewsSeed the seed of the views; counted as 0 without augmentations, where it has no say
 * @param classes length of the logits, 1 or more
 * @param layers layers whose outputs are stored, sorted; often none
 * @param encoding how logits are stored
 * @param precision how the teacher computes
 */
public record StoreKey(
    String teacher,
    String data,
    Prepare prepare,
    Augmentations augmentations,
    long viewsSeed,
    int classes,
    List<String> layers,
    Encoding encoding,
    Precision precision) {

  /** Checks the number of classes and sorts the layers. */
  public StoreKey {
    if (classes < 1) {
      throw new IllegalArgumentException("classes " + classes + " must be 1 or more");
    }
    layers = layers.stream().distinct().sorted().toList();
    viewsSeed = augmentations.list().isEmpty() ? 0 : viewsSeed;
  }

  /** Of a teacher of numbers. */
  public StoreKey(
      String teacher,
      String data,
      Normalization normalization,
      Augmentations augmentations,
      long viewsSeed,
      int classes,
      List<String> layers,
      Encoding encoding,
      Precision precision) {
    this(
        teacher,
        data,
        Prepare.of(normalization),
        augmentations,
        viewsSeed,
        classes,
        layers,
        encoding,
        precision);
  }

  /** Logits alone, of a teacher that says what its inputs go through, about samples as they are. */
  public static StoreKey of(TeacherSource teacher, Dataset data) {
    Prepare prepare = Teachers.prepare(teacher);
    return of(
        teacher.hash(),
        data.fingerprint(),
        prepare == null ? Prepare.NONE : prepare,
        new Augmentations(List.of()),
        0,
        data.task().width());
  }

  /** Logits alone, of a teacher of numbers. */
  public static StoreKey of(
      String teacher,
      String data,
      Normalization normalization,
      Augmentations augmentations,
      long viewsSeed,
      int classes) {
    return of(teacher, data, Prepare.of(normalization), augmentations, viewsSeed, classes);
  }

  /** Logits alone, as 32-bit numbers, of a teacher that computes as it was trained. */
  public static StoreKey of(
      String teacher,
      String data,
      Prepare prepare,
      Augmentations augmentations,
      long viewsSeed,
      int classes) {
    return new StoreKey(
        teacher,
        data,
        prepare,
        augmentations,
        viewsSeed,
        classes,
        List.of(),
        Encoding.FLOAT32,
        Precision.FLOAT32);
  }

  /** The same of another teacher. */
  public StoreKey ofTeacher(String hash) {
    return new StoreKey(
        hash, data, prepare, augmentations, viewsSeed, classes, layers, encoding, precision);
  }

  /** What numbers go through. */
  public Normalization normalization() {
    return prepare.normalization();
  }

  /** Every part in words: the key of the store. */
  public Key key() {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("teacher", teacher);
    parts.put("data", data);
    parts.put("normalization", words(prepare.normalization()));
    prepare.tokenize().ifPresent(tokenize -> parts.put("tokenize", words(tokenize)));
    prepare
        .resize()
        .ifPresent(resize -> parts.put("resize", resize.side() + " crop " + resize.crop()));
    prepare
        .logMel()
        .ifPresent(step -> parts.put("log-mel", Preparation.of(step, Normalization.none()).json()));
    prepare.columns().ifPresent(columns -> parts.put("columns", words(columns)));
    parts.put(
        "augmentations",
        augmentations.list().stream().map(Augmentation::words).collect(Collectors.joining(", ")));
    parts.put("views-seed", Long.toString(viewsSeed));
    parts.put("classes", Integer.toString(classes));
    parts.put("layers", String.join(", ", layers));
    parts.put("encoding", encoding.toString());
    parts.put("precision", precision.toString());
    return new Key(parts);
  }

  /** A name for their folder that differs from that of any other key. */
  public String fileName() {
    return key().name();
  }

  private static String words(Step.Tokenize tokenize) {
    return "at-most "
        + tokenize.atMost()
        + " "
        + new Sha256().add(tokenize.tokenizer().json()).hex()
        + (tokenize.prefix().isEmpty() ? "" : " prefix " + tokenize.prefix());
  }

  private static String words(Columns columns) {
    return new Sha256().add(Preparation.of(columns).json().getBytes(UTF_8)).hex();
  }

  private static String words(Normalization normalization) {
    return "mean "
        + Arrays.toString(normalization.mean())
        + " std "
        + Arrays.toString(normalization.std());
  }
}
