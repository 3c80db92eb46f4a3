package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Words;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Names;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How texts are laid into the inputs of an ONNX model: their ids, a mask, and of pairs the types.
 *
 * @param inputs of the model
 * @param sources what each is given, by its name
 */
record OnnxTokens(List<OnnxEngine.Port> inputs, Map<String, Source> sources) implements OnnxInputs {

  private static final Set<String> WHOLE = Set.of("INT64", "INT32");
  private static final int TRIAL_LENGTH = 4;

  /** What an input is given. */
  enum Source {
    /** The ids of the pieces of a text. */
    IDS(Preparation.IDS),
    /** 1 at the ids of a text, 0 where it was padded. */
    MASK("attention_mask"),
    /** Which of two texts an id is of: 0 everywhere if there is one. */
    TYPES(Preparation.TYPES);

    private final String field;

    Source(String field) {
      this.field = field;
    }

    static List<String> fields() {
      return Arrays.stream(values()).map(source -> source.field).toList();
    }
  }

  /**
   * Finds out what each input is to be given.
   *
   * @param ports fields of a text by the names of inputs that are called otherwise
   */
  static OnnxTokens fit(String title, List<OnnxEngine.Port> inputs, Map<String, String> ports) {
    List<String> names = inputs.stream().map(OnnxEngine.Port::name).toList();
    ports.forEach(
        (input, field) -> {
          requireKnown("the input", input, title + " has", names);
          requireKnown("the field", field, "a text has", Source.fields());
        });
    Map<String, Source> sources = new LinkedHashMap<>();
    for (OnnxEngine.Port input : inputs) {
      int source = Source.fields().indexOf(ports.getOrDefault(input.name(), input.name()));
      if (source < 0) {
        throw RanbikiException.configuration(
            "%s takes the inputs %s, and a text has the fields %s. Say what '%s' is to be given:"
                + " teacher.ports, as in ports: {%s: %s}.",
            title,
            String.join(", ", names),
            String.join(", ", Source.fields()),
            input.name(),
            input.name(),
            Preparation.IDS);
      }
      if (!WHOLE.contains(input.type()) || input.shape().length != 2) {
        throw RanbikiException.model(
            "%s takes input %s of type %s, where [batch, tokens] of type INT64 is expected. Export"
                + " it with such an input.",
            title, input, input.type().isEmpty() ? "no tensor" : input.type());
      }
      sources.put(input.name(), Source.values()[source]);
    }
    if (!sources.containsValue(Source.IDS)) {
      throw RanbikiException.configuration(
          "%s takes the inputs %s, of which none is given %s. Say which one: teacher.ports.",
          title, String.join(", ", names), Preparation.IDS);
    }
    return new OnnxTokens(inputs, sources);
  }

  private static void requireKnown(String what, String name, String who, List<String> known) {
    if (!known.contains(name)) {
      throw RanbikiException.configuration(
          "'teacher.ports' names %s '%s', but %s %s. The nearest: %s.",
          what, name, who, String.join(", ", known), Words.nearestThree(name, known));
    }
  }

  @Override
  public List<OnnxEngine.Feed> feeds(String title, Batch samples, int step) {
    Tensor ids = samples.field(Preparation.IDS);
    int rows = (int) ids.size(0);
    int length = (int) ids.size(1);
    float[] numbers = ids.to(DType.FLOAT32).toFloats(); // exact below 2^24
    float[] mask = mask(samples, numbers.length);
    List<OnnxEngine.Feed> feeds = new ArrayList<>();
    for (OnnxEngine.Port input : inputs) {
      float[] values =
          switch (sources.get(input.name())) {
            case IDS -> numbers;
            case MASK -> mask;
            case TYPES -> types(samples, numbers.length);
          };
      long fixed = input.shape()[1];
      int wanted = fixed < 0 ? length : (int) fixed;
      if (length > wanted) {
        throw RanbikiException.configuration(
            "%s takes texts of exactly %d ids, but one has %d. Set prepare.at-most of the teacher"
                + " to %d.",
            title, wanted, length, wanted);
      }
      feeds.add(
          new OnnxEngine.Feed(
              input.name(),
              input.type(),
              widened(values, rows, length, wanted),
              new long[] {step, wanted}));
    }
    return feeds;
  }

  private static float[] types(Batch samples, int length) {
    Tensor types = samples.fields().get(Preparation.TYPES);
    return types == null ? new float[length] : types.to(DType.FLOAT32).toFloats();
  }

  private static float[] mask(Batch samples, int length) {
    Tensor mask = samples.masks().get(Preparation.IDS);
    if (mask != null) {
      return mask.to(DType.FLOAT32).toFloats();
    }
    float[] all = new float[length];
    Arrays.fill(all, 1);
    return all;
  }

  private static float[] widened(float[] values, int rows, int length, int wanted) {
    if (length == wanted) {
      return values;
    }
    float[] wide = new float[rows * wanted];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(values, row * length, wide, row * wanted, length);
    }
    return wide;
  }

  @Override
  public List<OnnxEngine.Feed> example(int batch, int any) {
    List<OnnxEngine.Feed> feeds = new ArrayList<>();
    for (OnnxEngine.Port input : inputs) {
      int length = input.shape()[1] < 0 ? any : (int) input.shape()[1];
      float[] values = new float[batch * length];
      Arrays.fill(values, sources.get(input.name()) == Source.TYPES ? 0 : 1);
      feeds.add(
          new OnnxEngine.Feed(input.name(), input.type(), values, new long[] {batch, length}));
    }
    return feeds;
  }

  @Override
  public Batch trial() {
    long[] ids = {0, 1, 2, 3, 1, 2, 0, 0};
    long[] mask = {1, 1, 1, 1, 1, 1, 0, 0};
    long[] unlabelled = {Functional.IGNORE, Functional.IGNORE};
    return new Batch(
        Map.of(
            Preparation.IDS,
            Tensors.of(ids, 2, TRIAL_LENGTH),
            Batch.TRUTH,
            Tensors.of(unlabelled, 2)),
        Map.of(Preparation.IDS, Tensors.of(mask, 2, TRIAL_LENGTH)),
        new Names(new long[2], 0));
  }

  @Override
  public int fixedBatch() {
    Set<Long> fixed =
        inputs.stream()
            .map(input -> input.shape()[0])
            .filter(length -> length > 0)
            .collect(Collectors.toSet());
    return fixed.isEmpty() ? 0 : fixed.iterator().next().intValue();
  }
}
