package io.ranbiki.nn;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * An answer to a batch; teacher and student give the same kind.
 *
 * @param outputs by name, such as {@value #LOGITS}
 * @param features outputs of the layers that were asked for, by path: {@code [batch, channels,
 *     height, width]}, {@code [batch, tokens, features]} or {@code [batch, features]}
 * @param unit of answers that are numbers: how large and how spread their truth is, by which terms
 *     measure; none for all others
 */
public record Signal(
    Map<String, Answer> outputs, Map<String, Tensor> features, Normalization unit) {

  /** The output that classifies. */
  public static final String LOGITS = "logits";

  /** Copies the maps. */
  public Signal {
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
    features = Collections.unmodifiableMap(new LinkedHashMap<>(features));
  }

  /** An answer without a unit. */
  public Signal(Map<String, Answer> outputs, Map<String, Tensor> features) {
    this(outputs, features, Normalization.none());
  }

  /** An answer of logits, {@code [batch, ..., classes]}, and features. */
  public Signal(Tensor logits, Map<String, Tensor> features) {
    this(Map.of(LOGITS, new Answer.Full(logits)), features);
  }

  /** An answer of logits without features. */
  public static Signal of(Tensor logits) {
    return new Signal(logits, Map.of());
  }

  /**
   * The logits of every class, {@code [batch, ..., classes]}; of an answer of the likeliest classes
   * they are made, see {@link Answer#dense}.
   *
   * @throws RanbikiException if there are none
   */
  public Tensor logits() {
    Answer logits = outputs.get(LOGITS);
    if (logits == null) {
      throw RanbikiException.configuration(
          "The answer holds no logits, only %s. Take a network or a teacher that gives them.",
          String.join(", ", outputs.keySet()));
    }
    return logits.dense();
  }

  /** All that it is made of. */
  public List<Tensor> tensors() {
    return Stream.concat(
            outputs.values().stream().flatMap(answer -> answer.tensors().stream()),
            features.values().stream())
        .toList();
  }

  /** The same outputs with other features beside those that are there. */
  public Signal with(Map<String, Tensor> more) {
    Map<String, Tensor> all = new LinkedHashMap<>(features);
    all.putAll(more);
    return new Signal(outputs, all, unit);
  }

  /** The same with every tensor of numbers, not of classes, changed. */
  public Signal map(UnaryOperator<Tensor> change) {
    Map<String, Answer> changed = new LinkedHashMap<>(outputs);
    changed.replaceAll((name, answer) -> answer.map(change));
    Map<String, Tensor> others = new LinkedHashMap<>(features);
    others.replaceAll((path, feature) -> change.apply(feature));
    return new Signal(changed, others, unit);
  }

  /** This answer cut from whatever made it: no gradient flows back through it. */
  public Signal detached() {
    boolean bound =
        outputs.values().stream().anyMatch(Answer::requiresGrad)
            || features.values().stream().anyMatch(Tensor::requiresGrad);
    return bound ? map(Tensor::detach) : this;
  }

  /**
   * The answer to some of the samples; shares the memory of this one.
   *
   * @param from the first one, from 0
   * @param to behind the last one
   */
  public Signal part(long from, long to) {
    Map<String, Answer> some = new LinkedHashMap<>(outputs);
    some.replaceAll((name, answer) -> answer.part(from, to));
    Map<String, Tensor> others = new LinkedHashMap<>(features);
    others.replaceAll((path, feature) -> feature.narrow(0, from, to - from));
    return new Signal(some, others, unit);
  }

  /**
   * The output of one layer.
   *
   * @throws RanbikiException if the answer does not hold that layer
   */
  public Tensor feature(String path) {
    Tensor feature = features.get(path);
    if (feature == null) {
      if (features.isEmpty()) {
        throw RanbikiException.configuration(
            "The layer '%s' is to be matched, but the answer holds logits alone; take a live model as teacher, store that layer with its answers, or match logits with soft-targets instead.",
            path);
      }
      throw RanbikiException.configuration(
          "The answer holds no output of layer '%s', only of %s; ask for that layer when the model is opened or its answers are stored.",
          path, String.join(", ", features.keySet()));
    }
    return feature;
  }
}
