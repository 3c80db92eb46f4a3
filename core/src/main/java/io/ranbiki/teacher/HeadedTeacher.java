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
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * An encoder of texts with a network on its vectors, which was trained here. Owns both.
 *
 * @param encoder makes a vector of a text
 * @param head makes logits of a vector
 * @param layers asked for: none, or {@value #EMBEDDING}
 */
record HeadedTeacher(OnnxEncoder encoder, Model head, List<String> layers) implements Teacher {

  /** The only layer: the encoder's vectors, {@code [batch, width]}. */
  static final String EMBEDDING = "embedding";

  static HeadedTeacher of(OnnxEncoder encoder, Model head, Collection<String> layers) {
    List<String> named = Layers.named(encoder.title(), List.of(EMBEDDING), layers);
    head.module().freeze();
    return new HeadedTeacher(encoder, head, named);
  }

  @Override
  public Signal signal(Batch batch) {
    return signal(batch, OnnxEncoder::encode);
  }

  @Override
  public Optional<Teacher> inCompany() {
    return encoder.isAskedAlone()
        ? Optional.of(new InCompany(this, batch -> signal(batch, OnnxEncoder::encodeTogether)))
        : Optional.empty();
  }

  private Signal signal(Batch batch, BiFunction<OnnxEncoder, Batch, Tensor> encoding) {
    try (TensorScope scope = TensorScope.open("encoder with a head");
        NoGrad noGrad = new NoGrad()) {
      Tensor vectors = encoding.apply(encoder, batch);
      Map<String, Tensor> features = new LinkedHashMap<>();
      layers.forEach(layer -> features.put(layer, scope.passOut(vectors)));
      return new Signal(scope.passOut(head.apply(vectors)), features);
    }
  }

  @Override
  public int classes() {
    return head.spec().classes();
  }

  @Override
  public String title() {
    return encoder.title() + " with " + head.spec().title();
  }

  @Override
  public void close() {
    encoder.close();
    head.close();
  }
}
