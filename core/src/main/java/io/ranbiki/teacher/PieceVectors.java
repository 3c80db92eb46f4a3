package io.ranbiki.teacher;

import io.ranbiki.data.Batch;
import io.ranbiki.data.Names;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * What an encoder of texts says of each piece alone, as the vectors that a mean of pieces begins
 * with: their mean is taken off, they are narrowed by principal components, and each is multiplied
 * by {@code a / (a + p)}, so that frequent pieces count little. Here {@code a} is 0.0001 and {@code
 * p} the share of the piece in texts, as Zipf's law has it where ids go from frequent pieces to
 * rare ones: {@code 1 / (id + 2)}, divided by the sum of all.
 *
 * <p>Sources: model2vec (github.com/MinishLab/model2vec, {@code distill}), but that a piece stands
 * between the same ids as a text, and vectors that are not narrowed are centred, too. The weights
 * are those of Arora et al. 2017, "A simple but tough-to-beat baseline for sentence embeddings"
 * (ICLR), section 3.
 *
 * @param ids of the pieces, as the student has them, in ascending order
 * @param rows {@code [pieces, width]}, one behind the other
 * @param components onto which vectors were laid, {@code [width, own]}; empty if they are as long
 *     as the encoder's own
 * @param own how many numbers a vector of the encoder has
 */
public record PieceVectors(int[] ids, float[] rows, Optional<float[]> components, int own) {

  private static final double SMOOTH = 1e-4;
  private static final int AT_ONCE = 256;

  /**
   * Asks an encoder, whose answers are vectors.
   *
   * @param theirs pieces of the encoder
   * @param ours pieces of the student; those that the encoder lacks get no vector
   * @param width of a vector, at most the encoder's
   * @return no ids where no piece is known to both
   */
  public static PieceVectors of(Teacher encoder, Tokenizer theirs, Tokenizer ours, int width) {
    Map<String, Integer> known = theirs.pieces();
    List<Map.Entry<String, Integer>> shared = new ArrayList<>(ours.pieces().entrySet());
    shared.removeIf(piece -> !known.containsKey(piece.getKey()));
    shared.sort(Map.Entry.comparingByValue());
    int[] ids = shared.stream().mapToInt(Map.Entry::getValue).toArray();
    if (ids.length == 0) {
      return new PieceVectors(ids, new float[0], Optional.empty(), encoder.classes());
    }
    int[] asked = shared.stream().mapToInt(piece -> known.get(piece.getKey())).toArray();
    try (TensorScope scope = TensorScope.open("vectors of pieces")) {
      Tensor vectors = Tensors.of(vectors(encoder, theirs, asked), ids.length, encoder.classes());
      vectors = vectors.sub(vectors.mean(0));
      Optional<float[]> components = Optional.empty();
      if (width < encoder.classes()) {
        PrincipalComponents found = PrincipalComponents.of(vectors, width);
        vectors = found.of(vectors);
        components = Optional.of(found.rows());
      }
      float[] rows = vectors.toFloats();
      double all = IntStream.range(0, theirs.size()).mapToDouble(PieceVectors::frequency).sum();
      for (int i = 0; i < rows.length; i++) {
        double share = frequency(asked[i / width]) / all;
        rows[i] *= (float) (SMOOTH / (SMOOTH + share));
      }
      return new PieceVectors(ids, rows, components, encoder.classes());
    }
  }

  private static double frequency(int id) {
    return 1.0 / (id + 2);
  }

  private static float[] vectors(Teacher encoder, Tokenizer tokenizer, int[] pieces) {
    float[] all = new float[pieces.length * encoder.classes()];
    for (int first = 0; first < pieces.length; first += AT_ONCE) {
      int[] some = Arrays.copyOfRange(pieces, first, Math.min(first + AT_ONCE, pieces.length));
      long[] ids =
          Arrays.stream(some).mapToObj(tokenizer::alone).flatMapToLong(LongStream::of).toArray();
      try (TensorScope scope = TensorScope.open("pieces")) {
        Tensor texts = Tensors.of(ids, some.length, ids.length / some.length);
        Names names = new Names(new long[some.length], 0);
        Batch batch = new Batch(Map.of(Preparation.IDS, texts), Map.of(), names, 0);
        float[] vectors = encoder.signal(batch).logits().toFloats();
        System.arraycopy(vectors, 0, all, first * encoder.classes(), vectors.length);
      }
    }
    return all;
  }
}
