package io.ranbiki.data;

import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Field.Kind;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What an answer to a sample means, and what the truth is that it is compared with. The truth lies
 * in the field {@value Batch#TRUTH} of a row; a row without it has no label.
 */
public sealed interface Task extends Serializable {

  /** The name of the answer that a task is about. */
  String LOGITS = "logits";

  /**
   * One of several classes. The truth is the number of the class.
   *
   * @param names of the classes, in the order of the logits; empty if no sample ever had a label
   */
  record Classes(List<String> names) implements Task {
    /** Copies the names. */
    public Classes {
      names = List.copyOf(names);
    }

    @Override
    public Field truth() {
      return new Field(Batch.TRUTH, Kind.INT64, List.of());
    }

    @Override
    public List<String> metrics() {
      return List.of("accuracy", "top-5", "macro-f1", "auc", "out-of-scope-auc", "agreement");
    }
  }

  /**
   * Several labels at once, each a yes or no of its own. The truth is 1 or 0 for each label, NaN
   * where it is not known.
   *
   * @param names of the labels, in the order of the logits
   */
  record Labels(List<String> names) implements Task {
    /** Copies the names. */
    public Labels {
      names = List.copyOf(names);
    }

    @Override
    public Field truth() {
      return new Field(Batch.TRUTH, Kind.FLOAT32, List.of(names.size()));
    }

    @Override
    public List<String> metrics() {
      return List.of("auc", "accuracy", "macro-f1", "agreement");
    }
  }

  /**
   * Regression: the answer is a number for each of some quantities, in the unit of the data. The
   * truth is NaN where it is not known.
   *
   * @param names of the quantities, in the order of the answer
   */
  record Numbers(List<String> names) implements Task {
    /** Copies the names. */
    public Numbers {
      names = List.copyOf(names);
    }

    @Override
    public Field truth() {
      return new Field(Batch.TRUTH, Kind.FLOAT32, List.of(names.size()));
    }

    @Override
    public List<String> metrics() {
      return List.of("rmse", "mae");
    }
  }

  /**
   * A class for each position, such as a token. The truth is the number of each one's class.
   *
   * @param names of the classes, in the order of the logits
   */
  record ClassesAt(List<String> names) implements Task {
    /** Copies the names. */
    public ClassesAt {
      names = List.copyOf(names);
    }

    @Override
    public Field truth() {
      return new Field(Batch.TRUTH, Kind.INT64, List.of(Field.ANY));
    }
  }

  /**
   * Masked-language models: the pieces of a text that are hidden from the network. The truth is the
   * number of each one, at the places that the field {@value Masking#PLACES} names; a view hides
   * them, so that no sample has a truth before. Answers have positions for these places alone.
   *
   * @param pieces how many there are to guess from
   */
  record MaskedLanguage(int pieces) implements Task {

    @Override
    public Field truth() {
      return new Field(Batch.TRUTH, Kind.INT64, List.of(Field.ANY));
    }

    @Override
    public List<String> names() {
      return List.of();
    }

    @Override
    public int width() {
      return pieces;
    }

    @Override
    public List<String> metrics() {
      return List.of("cross-entropy", "perplexity", "accuracy", "agreement");
    }
  }

  /**
   * Language models: the token behind each one. The truth is its number.
   *
   * @param vocabulary how many tokens there are
   */
  record NextToken(int vocabulary) implements Task {

    @Override
    public Field truth() {
      return new Field(Batch.TRUTH, Kind.INT64, List.of(Field.ANY));
    }

    @Override
    public List<String> names() {
      return List.of();
    }

    @Override
    public int width() {
      return vocabulary;
    }
  }

  /**
   * A vector for each sample, of which samples do not tell the truth: a teacher does.
   *
   * @param width its length
   */
  record Embedding(int width) implements Task {

    @Override
    public Field truth() {
      return new Field(Batch.TRUTH, Kind.FLOAT32, List.of(width));
    }

    @Override
    public List<String> names() {
      return List.of();
    }

    @Override
    public List<String> metrics() {
      return List.of("cosine", "pair-correlation", "nearest-neighbour");
    }
  }

  /**
   * The task of a {@link #word}, as files keep it.
   *
   * @param names of what an answer holds; empty if they are not known
   * @param width how many numbers an answer has
   * @throws IllegalArgumentException if no task is called so
   */
  static Task of(String word, List<String> names, int width) {
    return Stream.of(
            new Classes(names),
            new Labels(names),
            new Numbers(names),
            new ClassesAt(names),
            new MaskedLanguage(width),
            new NextToken(width),
            new Embedding(width))
        .filter(task -> task.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "the task '" + word + "' is unknown to this version of Ranbiki"));
  }

  /** The field that the answer is compared with. */
  Field truth();

  /** What the numbers of an answer are called, in their order; empty if they have no names. */
  List<String> names();

  /** The names of the metrics that are shown where they serve; the first one decides. */
  default List<String> metrics() {
    return List.of();
  }

  /** What it is called in files and messages, such as {@code classes}. */
  default String word() {
    String name = getClass().getSimpleName();
    return name.replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }

  /** Whether one of several is right, so that an answer is a softmax. */
  default boolean excludesOthers() {
    return this instanceof Classes
        || this instanceof ClassesAt
        || this instanceof MaskedLanguage
        || this instanceof NextToken;
  }

  /** How many numbers there are in an answer, for each position. */
  default int width() {
    return names().size();
  }

  /** What a network answers: one field of {@link #width} numbers, last after the positions. */
  default List<Field> outputs() {
    boolean positions = truth().varies();
    return List.of(
        new Field(
            LOGITS, Kind.FLOAT32, positions ? List.of(Field.ANY, width()) : List.of(width())));
  }
}
