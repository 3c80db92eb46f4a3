package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Against numpy and ONNX Runtime in Python, of the encoder of {@code texts/make.py}:
 *
 * <pre>
 * vocab = json.load(open("uncased.json"))["model"]["vocab"]
 * session = onnxruntime.InferenceSession("encoder.onnx")
 * ids = np.int64([[2, piece, 3] for piece in range(len(vocab))])  # [CLS] piece [SEP]
 * v = session.run(None, {"input_ids": ids, "attention_mask": ids * 0 + 1,
 *                        "token_type_ids": ids * 0})[0].mean(1)
 * values, axes = np.linalg.eigh(np.cov(v.astype(np.float64).T, bias=True))
 * axes = axes[:, ::-1].T[:4]
 * axes = axes * np.sign(axes[np.arange(4), np.abs(axes).argmax(1)])[:, None]
 * zipf = 1 / np.arange(2, len(v) + 2)
 * weights = (1e-4 / (1e-4 + zipf / zipf.sum()))[:, None]
 * narrow = (v - v.mean(0)) @ axes.T * weights
 * whole = (v - v.mean(0)) * weights
 * print(narrow[[5, 567, 572]], whole[[5, 567, 572]], axes[:2])
 * </pre>
 */
class PieceVectorsTest {

  private static final Tokenizer TOKENIZER =
      Tokenizer.read(Path.of("../prepare/src/test/resources/tokenizers/uncased.json"));
  private static final int[] PIECES = {5, 567, 572}; // a, card, hello

  private static PieceVectors vectors(Tokenizer ours, int width) {
    try (Teacher encoder = OnnxTextTest.encoder("encoder.onnx", Pool.MEAN, List.of())) {
      return PieceVectors.of(encoder, TOKENIZER, ours, width);
    }
  }

  private static void assertRows(PieceVectors vectors, int width, double[][] expected) {
    for (int i = 0; i < PIECES.length; i++) {
      for (int j = 0; j < width; j++) {
        double number = expected[i][j];
        assertThat((double) vectors.rows()[PIECES[i] * width + j])
            .isCloseTo(number, within(2e-5 * Math.max(1e-3, Math.abs(number))));
      }
    }
  }

  @Test
  void vectorsAsLongAsTheEncoders_areWeightedByHowRareAPieceIs() {
    PieceVectors vectors = vectors(TOKENIZER, 6);
    assertThat(vectors.ids()).hasSize(610);
    assertThat(vectors.components()).isEmpty();
    assertRows(
        vectors,
        6,
        new double[][] {
          {0.002318318, 0.002847315, -0.0004631697, 0.00287837, 0.002289531, 0.003858501},
          {0.132437, -0.2144814, -0.3203173, 0.2180875, -0.7251775, 0.5370344},
          {0.1209747, 0.05541653, -0.1470614, 0.05463217, -0.07303516, -0.08829955}
        });
  }

  @Test
  void shorterVectors_areThoseOfPrincipalComponents() {
    long before = Tensor.live();
    PieceVectors vectors = vectors(TOKENIZER, 4);
    assertThat(Tensor.live()).isEqualTo(before);
    assertRows(
        vectors,
        4,
        new double[][] {
          {-0.003381603, 0.003201015, 0.003574089, 0.002462387},
          {-0.7142894, -0.6447013, 0.253862, -0.1825269},
          {-0.1426575, 0.005354395, -0.1324282, -0.0007881398}
        });
    double[] first = {-0.26729328, -0.00227928, 0.72902690, -0.45242490, 0.18386774, -0.39821256};
    for (int i = 0; i < 6; i++) {
      assertThat((double) vectors.components().orElseThrow()[i]).isCloseTo(first[i], within(1e-5));
    }
  }

  /** A piece is found by its text, whatever its id is, and is as frequent as the encoder says. */
  @Test
  void aSmallerVocabulary_hasTheVectorsOfItsPieces() {
    Tokenizer fewer = TOKENIZER.pruned(List.of("hello card", "hello"), 60);
    PieceVectors all = vectors(TOKENIZER, 6);
    PieceVectors some = vectors(fewer, 6);
    int hello = fewer.pieces().get("hello");
    int card = fewer.pieces().get("card");
    assertThat(hello).isNotEqualTo(572);
    for (int j = 0; j < 6; j++) { // the mean is that of fewer pieces
      double weights = (1e-4 + share(567)) / (1e-4 + share(572));
      double difference = some.rows()[hello * 6 + j] - some.rows()[card * 6 + j] * weights;
      assertThat(difference)
          .isCloseTo(all.rows()[572 * 6 + j] - all.rows()[567 * 6 + j] * weights, within(1e-5));
    }
    assertThat(vectors(Tokenizer.hashedNgrams(64, 1, 1, 2), 6).ids()).isEmpty();
  }

  private static double share(int id) {
    return 1.0 / (id + 2) / IntStream.range(2, 612).mapToDouble(i -> 1.0 / i).sum();
  }
}
