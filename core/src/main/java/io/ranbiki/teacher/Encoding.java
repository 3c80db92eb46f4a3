package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.List;

/** How one row of logits is stored. */
public sealed interface Encoding permits Encoding.Plain, TopK {

  /** Every logit as a 32-bit number: what the teacher said, to the bit. */
  Encoding FLOAT32 = new Plain(DType.FLOAT32);

  /** Every logit as a 16-bit number: half the size, relative error up to 0.0005. */
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

  /** The bytes that a row of so many classes takes. */
  int rowBytes(int classes);

  /**
   * Logits as rows of bytes, one after the other.
   *
   * @param logits {@code [batch, classes]}, finite, or -infinity where a class is masked
   * @throws RanbikiException if a logit does not fit
   */
  byte[] encode(Tensor logits);

  /**
   * Rows of bytes as logits again.
   *
   * @return {@code [rows, classes]} FLOAT32
   */
  Tensor decode(byte[] bytes, int rows, int classes);

  /**
   * Every logit as a number.
   *
   * @param type FLOAT32 or FLOAT16
   */
  record Plain(DType type) implements Encoding {

    private static final float LARGEST_HALF = 65504;

    @Override
    public int rowBytes(int classes) {
      return Math.multiplyExact(classes, type == DType.FLOAT32 ? 4 : 2);
    }

    @Override
    public byte[] encode(Tensor logits) {
      Tensor converted = logits.to(type);
      if (type == DType.FLOAT16 && !converted.isAllFinite() && overflows(logits)) {
        throw RanbikiException.configuration(
            "A logit of the teacher is beyond 65504, the largest number of float16. Store its"
                + " answers as float32.");
      }
      return converted.toBytes();
    }

    /** A masked class stays masked; a finite logit must not become one. */
    private static boolean overflows(Tensor logits) {
      for (float logit : logits.toFloats()) {
        if (!(Math.abs(logit) <= LARGEST_HALF) && logit != Float.NEGATIVE_INFINITY) {
          return true;
        }
      }
      return false;
    }

    @Override
    public Tensor decode(byte[] bytes, int rows, int classes) {
      return Tensors.ofBytes(type, bytes, rows, classes).to(DType.FLOAT32);
    }

    @Override
    public String toString() {
      return type == DType.FLOAT32 ? "float32" : "float16";
    }
  }
}
