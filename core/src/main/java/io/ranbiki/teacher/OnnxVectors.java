package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.OnnxExport;
import io.ranbiki.data.Batch;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which output of an encoder in an ONNX file holds the vectors of texts, {@code [batch, width]}, or
 * those of their tokens, {@code [batch, tokens, width]}, and how one is made of these.
 */
record OnnxVectors(String output, Pool pool) {

  /** What the vector of a text is called in files of sentence-transformers and in ours. */
  private static final String OF_TEXTS = OnnxExport.SENTENCE_EMBEDDING;

  /** What those of its tokens are called. */
  private static final List<String> OF_TOKENS =
      List.of(OnnxExport.LAST_HIDDEN_STATE, "token_embeddings");

  /** Below every number of a vector. */
  private static final double NOTHING = Double.NEGATIVE_INFINITY;

  /**
   * Chooses the output.
   *
   * @param named by the user; null for the usual one
   * @param pool empty for the vector that the file makes itself, or else the mean
   * @throws RanbikiException if no output can be told from the others
   */
  static OnnxVectors of(
      String title, List<OnnxEngine.Port> outputs, @Nullable String named, Optional<Pool> pool) {
    List<String> names = outputs.stream().map(OnnxEngine.Port::name).toList();
    if (named != null) {
      Layers.require(title, "output", names, List.of(named));
      return new OnnxVectors(named, pool.orElse(Pool.MEAN));
    }
    Stream<String> own = pool.isPresent() ? Stream.empty() : Stream.of(OF_TEXTS);
    String output =
        Stream.concat(own, OF_TOKENS.stream())
            .filter(names::contains)
            .findFirst()
            .orElseGet(() -> names.get(0));
    if (names.size() > 1 && !OF_TEXTS.equals(output) && !OF_TOKENS.contains(output)) {
      throw RanbikiException.model(
          "%s has the outputs %s, and none is called %s. Name the one that holds the vectors:"
              + " 'output'.",
          title, OnnxEngine.Port.list(outputs), OF_TOKENS.get(0));
    }
    return new OnnxVectors(output, pool.orElse(Pool.MEAN));
  }

  /**
   * The vectors of some texts.
   *
   * @param answer of the output, a row a text
   * @return {@code [batch, width]} FLOAT32
   * @throws RanbikiException if the answer has another shape
   */
  Tensor of(String title, Tensor answer, Batch texts) {
    int dimensions = answer.dim();
    if (dimensions != 2 && dimensions != 3) {
      throw RanbikiException.model(
          "%s answers with %s of shape %s, where [batch, tokens, width] or [batch, width] is"
              + " expected. Name another output.",
          title, output, Arrays.toString(answer.shape()));
    }
    Tensor numbers = answer.to(DType.FLOAT32);
    return dimensions == 2 ? numbers : pooled(numbers, texts.masks().get(Preparation.IDS));
  }

  private Tensor pooled(Tensor vectors, @Nullable Tensor mask) {
    if (pool == Pool.FIRST) {
      return vectors.select(1, 0).contiguous();
    }
    boolean largest = pool == Pool.MAX;
    if (mask == null) {
      return largest ? vectors.amax(1, false) : vectors.mean(1);
    }
    long length = mask.size(1);
    if (largest) {
      Tensor padding = mask.eq(0).unsqueeze(2);
      return vectors.narrow(1, 0, length).maskedFill(padding, NOTHING).amax(1, false);
    }
    Tensor counts = mask.to(DType.FLOAT32).reshape(mask.size(0), length, 1);
    return vectors.narrow(1, 0, length).mul(counts).sum(1).div(counts.sum(1));
  }
}
