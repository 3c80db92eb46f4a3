package io.ranbiki.model;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Tensor;
import java.util.List;

/** What networks that read texts have in common. */
final class Tokens {

  /** The field of the ids of a text's tokens. */
  static final String IDS = "input_ids";

  /** The field that is 1 for a token and 0 for what a text was padded with. */
  static final String MASK = "attention_mask";

  /** The field that says which of two texts a token is of. */
  static final String TYPES = "token_type_ids";

  private Tokens() {}

  /**
   * The ids and their mask, of any length.
   *
   * @throws RanbikiException naming the architecture if the samples are no ids of tokens
   */
  static List<Field> inputs(String architecture, List<Field> offered) {
    boolean texts =
        offered.stream()
            .anyMatch(
                field ->
                    field.name().equals(IDS)
                        && field.kind() == Field.Kind.INT64
                        && field.shape().size() == 1);
    if (!texts) {
      throw RanbikiException.configuration(
          "The architecture '%s' takes texts as ids of tokens, '%s', but the data has samples of %s."
              + " Give the network a tokenizer that makes ids of texts.",
          architecture, IDS, offered);
    }
    List<Integer> any = List.of(Field.ANY);
    return List.of(new Field(IDS, Field.Kind.INT64, any), new Field(MASK, Field.Kind.INT64, any));
  }

  /**
   * The mean of each text's tokens, {@code [batch, width]}.
   *
   * @param tokens {@code [batch, tokens, width]}
   * @param mask {@code [batch, tokens]}, 0 for padding
   */
  static Tensor mean(Tensor tokens, Tensor mask) {
    Tensor weights = mask.ne(0).to(DType.FLOAT32).unsqueeze(2);
    return tokens.mul(weights).sum(1).div(weights.sum(1).clampMin(1));
  }
}
