package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer to a batch; teacher and student give the same kind.
 *
 * @param logits {@code [batch, classes]}
 * @param features outputs of the layers that were asked for, by path: {@code [batch, channels,
 *     height, width]} or {@code [batch, features]}
 */
public record Signal(Tensor logits, Map<String, Tensor> features) {

  /** An answer without features. */
  public static Signal of(Tensor logits) {
    return new Signal(logits, Map.of());
  }

  /** This answer cut from whatever made it: no gradient flows back through it. */
  public Signal detached() {
    if (!logits.requiresGrad() && features.values().stream().noneMatch(Tensor::requiresGrad)) {
      return this;
    }
    Map<String, Tensor> detached = new LinkedHashMap<>();
    features.forEach((path, feature) -> detached.put(path, feature.detach()));
    return new Signal(logits.detach(), detached);
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
            "layer '%s' is to be matched, but the answer holds logits alone; take a live model as teacher, store that layer with its answers, or match logits with soft-targets instead",
            path);
      }
      throw RanbikiException.configuration(
          "the answer holds no output of layer '%s', only of %s; ask for that layer when the model is opened or its answers are stored",
          path, String.join(", ", features.keySet()));
    }
    return feature;
  }
}
