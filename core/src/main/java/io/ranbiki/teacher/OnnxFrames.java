package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Names;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How sounds of different lengths are laid into the inputs of an ONNX model: their frames {@code
 * [batch, 1, frames, mels]}, and a mask {@code [batch, frames]}.
 *
 * @param mels numbers of a frame
 */
record OnnxFrames(int mels) implements OnnxInputs {

  private static final String MASK = "attention_mask";
  private static final int EXAMPLE_FRAMES = 100;
  private static final int TRIAL_FRAMES = 4;

  /** Whether samples of a shape are frames of sounds whose length varies. */
  static boolean are(List<Integer> sample) {
    return sample.size() == 3 && sample.get(1) == Field.ANY;
  }

  static OnnxFrames fit(String title, List<OnnxEngine.Port> inputs, List<Integer> sample) {
    int mels = sample.get(2);
    boolean fits =
        inputs.size() == 2
            && fits(inputs, Preparation.FRAMES, "FLOAT", -1, 1, -1, mels)
            && fits(inputs, MASK, "INT64", -1, -1);
    if (!fits) {
      throw RanbikiException.model(
          "%s takes the inputs %s, but sounds of different lengths need %s of float32 [batch, 1,"
              + " frames, %d] and %s of int64 [batch, frames]. Say prepare.log-mel.seconds to bring"
              + " sounds to one length.",
          title, OnnxEngine.Port.list(inputs), Preparation.FRAMES, mels, MASK);
    }
    return new OnnxFrames(mels);
  }

  private static boolean fits(
      List<OnnxEngine.Port> inputs, String name, String type, long... shape) {
    return inputs.stream()
        .anyMatch(
            input ->
                input.name().equals(name)
                    && input.type().equals(type)
                    && Arrays.equals(
                        Arrays.stream(input.shape()).map(n -> Math.max(-1, n)).toArray(), shape));
  }

  @Override
  public List<OnnxEngine.Feed> feeds(String title, Batch samples, int step) {
    Tensor frames = samples.field(Preparation.FRAMES);
    int length = (int) frames.size(2);
    @Nullable Tensor mask = samples.masks().get(Preparation.FRAMES);
    float[] heard = new float[(int) frames.size(0) * length];
    Arrays.fill(heard, 1);
    return feeds(
        frames.contiguous().toFloats(),
        mask == null ? heard : mask.to(DType.FLOAT32).toFloats(),
        step,
        length);
  }

  private List<OnnxEngine.Feed> feeds(float[] frames, float[] mask, int batch, int length) {
    return List.of(
        new OnnxEngine.Feed(
            Preparation.FRAMES, "FLOAT", frames, new long[] {batch, 1, length, mels}),
        new OnnxEngine.Feed(MASK, "INT64", mask, new long[] {batch, length}));
  }

  @Override
  public List<OnnxEngine.Feed> example(int batch, int any) {
    float[] frames = new float[batch * EXAMPLE_FRAMES * mels];
    float[] mask = new float[batch * EXAMPLE_FRAMES];
    Arrays.fill(frames, 0.5f);
    Arrays.fill(mask, 1);
    return feeds(frames, mask, batch, EXAMPLE_FRAMES);
  }

  @Override
  public Batch trial() {
    float[] numbers = new float[2 * TRIAL_FRAMES * mels];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i % 7 - 3;
    }
    long[] mask = {1, 1, 1, 1, 1, 1, 0, 0};
    long[] unlabelled = {Functional.IGNORE, Functional.IGNORE};
    return new Batch(
        Map.of(
            Preparation.FRAMES,
            Tensors.of(numbers, 2, 1, TRIAL_FRAMES, mels),
            Batch.TRUTH,
            Tensors.of(unlabelled, 2)),
        Map.of(Preparation.FRAMES, Tensors.of(mask, 2, TRIAL_FRAMES)),
        new Names(new long[2], 0));
  }

  @Override
  public int fixedBatch() {
    return 0;
  }
}
