package io.ranbiki.store;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import io.ranbiki.nn.Answer;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.List;

/** How the numbers of one output are stored. */
public sealed interface Encoding permits Encoding.Plain, TopK {

  /** Every number with 32 bits: what the teacher said, to the bit. */
  Encoding FLOAT32 = new Plain(DType.FLOAT32);

  /** Every number with 16 bits: half the size, relative error up to 0.0005. */
  Encoding FLOAT16 = new Plain(DType.FLOAT16);

  /** Reads the keys {@code encoding} and {@code top-k}. */
  static Encoding read(Options options) {
    return options.variant(
        "encoding",
        "float32",
        "How the logits of stored answers are written",
        List.of(
            Provider.of(
                Encoding.class, "float32", "What the teacher said, to the bit.", any -> FLOAT32),
            Provider.of(
                Encoding.class, "float16", "Half the size, a little rounded.", any -> FLOAT16),
            Provider.of(
                Encoding.class,
                "top-k",
                "The likeliest classes and the mass of the others.",
                TopK::read)));
  }

  /**
   * An encoding by name.
   *
   * @param name {@code float32}, {@code float16}, or {@code top-k} with a number for k
   * @throws RanbikiException if there is none of that name
   */
  static Encoding of(String name) {
    if (name.equals("float32")) {
      return FLOAT32;
    }
    if (name.equals("float16")) {
      return FLOAT16;
    }
    if (name.matches("top-[0-9]{1,9}")) {
      return new TopK(Integer.parseInt(name.substring(4)));
    }
    throw RanbikiException.configuration(
        "There is no encoding '%s' for stored answers. Use float32, float16, or top-k such as"
            + " top-8.",
        name);
  }

  /**
   * The lengths of an output whose positions are stored one by one, of all its lengths.
   *
   * @param shape of one sample's output
   */
  List<Integer> positions(List<Integer> shape);

  /** The bytes of one position. */
  int unitBytes(List<Integer> shape);

  /**
   * An answer as bytes, position by position, of all samples.
   *
   * @param answer {@code [batch, ...]}; finite, or -infinity where a class is masked
   * @throws RanbikiException if a number does not fit
   */
  byte[] encode(Answer answer);

  /**
   * Bytes as an answer again.
   *
   * @param shape {@code [batch, ...]} with the last length of {@code sample}
   */
  Answer decode(byte[] bytes, long... shape);

  /**
   * Every number by itself.
   *
   * @param type FLOAT32 or FLOAT16
   */
  record Plain(DType type) implements Encoding {

    private static final float LARGEST_HALF = 65504;

    @Override
    public List<Integer> positions(List<Integer> shape) {
      return shape;
    }

    @Override
    public int unitBytes(List<Integer> shape) {
      return type == DType.FLOAT32 ? 4 : 2;
    }

    @Override
    public byte[] encode(Answer answer) {
      Tensor numbers = answer.dense();
      Tensor converted = numbers.to(type);
      if (type == DType.FLOAT16 && !converted.isAllFinite() && overflows(numbers)) {
        throw RanbikiException.configuration(
            "A logit of the teacher is beyond 65504, the largest number of float16. Store its"
                + " answers as float32.");
      }
      return converted.toBytes();
    }

    /** A masked class stays masked; a finite logit must not become one. */
    private static boolean overflows(Tensor numbers) {
      for (float number : numbers.toFloats()) {
        if (!(Math.abs(number) <= LARGEST_HALF) && number != Float.NEGATIVE_INFINITY) {
          return true;
        }
      }
      return false;
    }

    @Override
    public Answer.Full decode(byte[] bytes, long... shape) {
      return new Answer.Full(Tensors.ofBytes(type, bytes, shape).to(DType.FLOAT32));
    }

    @Override
    public String toString() {
      return type == DType.FLOAT32 ? "float32" : "float16";
    }
  }
}
