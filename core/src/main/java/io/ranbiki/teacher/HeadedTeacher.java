package io.ranbiki.teacher;

import io.ranbiki.data.Batch;
import io.ranbiki.model.Model;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * An encoder of texts with a network on its vectors, which was trained here. Owns both.
 *
 * @param teacher the encoder, which answers with the vector of a text and shows the layers that are
 *     asked for
 * @param head makes logits of a vector
 * @param shown whether the vectors are asked for, as the layer {@value #EMBEDDING}
 */
record HeadedTeacher(Teacher teacher, Model head, boolean shown) implements Wrapped {

  /** The encoder's vectors, {@code [batch, width]}, as a layer. */
  static final String EMBEDDING = "embedding";

  /**
   * Puts a head on an encoder.
   *
   * @param layers asked for: those of the encoder, and {@value #EMBEDDING}
   * @param encoder opens it with its own layers
   */
  static HeadedTeacher of(
      Function<Collection<String>, Teacher> encoder, Model head, Collection<String> layers) {
    List<String> own = layers.stream().filter(layer -> !layer.equals(EMBEDDING)).toList();
    head.module().freeze();
    return new HeadedTeacher(encoder.apply(own), head, layers.contains(EMBEDDING));
  }

  @Override
  public Teacher around(Teacher other) {
    return new HeadedTeacher(other, head, shown);
  }

  @Override
  public Signal signal(Batch batch) {
    try (TensorScope scope = TensorScope.open("encoder with a head");
        NoGrad noGrad = new NoGrad()) {
      Signal encoded = teacher.signal(batch);
      Tensor vectors = encoded.logits();
      Map<String, Tensor> features = new LinkedHashMap<>(encoded.features());
      if (shown) {
        features.put(EMBEDDING, vectors);
      }
      features.values().forEach(scope::passOut);
      return new Signal(scope.passOut(head.apply(vectors)), features);
    }
  }

  @Override
  public int classes() {
    return head.spec().classes();
  }

  @Override
  public String title() {
    return teacher.title() + " with " + head.spec().title();
  }

  @Override
  public void close() {
    teacher.close();
    head.close();
  }
}
