package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Values;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Some samples, ready for a network.
 *
 * @param fields {@code [batch, ...]} by name: what networks take, and the truth under {@value
 *     #TRUTH}. Images are {@code [batch, channels, height, width]}, channels last, normalised
 *     FLOAT32. Where lengths vary, samples are padded at the end
 * @param masks of the fields whose length varies, by the name of the field: {@code [batch, length]}
 *     INT64, 1 at the positions of a sample and 0 where it was padded
 * @param names which samples these are
 * @param labelled how many of the samples have a label
 * @param prepare what the fields have gone through
 * @param others the same samples as other networks take them, by what theirs have gone through
 */
public record Batch(
    Map<String, Tensor> fields,
    Map<String, Tensor> masks,
    Names names,
    int labelled,
    Prepare prepare,
    Map<Prepare, Batch> others) {

  /** The field of the truth. */
  public static final String TRUTH = "label";

  /** The field of images. */
  public static final String IMAGE = "image";

  /** The field of rows of numbers. */
  public static final String FEATURES = "features";

  /** The field of texts. */
  public static final String TEXT = "text";

  /** The field of sounds. */
  public static final String SOUND = "sound";

  /** The field of the cells of a row. */
  public static final String COLUMNS = "columns";

  private static final String MASK = "mask";

  /** Copies the maps. */
  public Batch {
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    masks = Collections.unmodifiableMap(new LinkedHashMap<>(masks));
    others = Map.copyOf(others);
  }

  /** Samples that went through nothing, or nobody knows through what. */
  public Batch(Map<String, Tensor> fields, Map<String, Tensor> masks, Names names, int labelled) {
    this(fields, masks, names, labelled, Prepare.NONE, Map.of());
  }

  /** Counts the labels. */
  public Batch(Map<String, Tensor> fields, Map<String, Tensor> masks, Names names) {
    this(fields, masks, names, labelled(fields.get(TRUTH)));
  }

  /**
   * Samples of one field.
   *
   * @param inputs {@code [batch, channels, height, width]} or {@code [batch, features]}
   * @param labels {@code [batch]} INT64; {@link Functional#IGNORE} where a sample has no label
   */
  public Batch(Tensor inputs, Tensor labels, long[] ids, int view) {
    this(
        Map.of(inputs.dim() == 4 ? IMAGE : FEATURES, inputs, TRUTH, labels),
        Map.of(),
        new Names(ids, view));
  }

  /**
   * Copies a batch of Java arrays into tensors of the innermost scope; pixels become numbers, and
   * numbers are normalised.
   */
  public static Batch of(HostBatch host) {
    Map<String, Tensor> fields = new LinkedHashMap<>();
    host.fields()
        .forEach(
            (name, values) -> {
              Tensor tensor = tensor(values);
              boolean changes =
                  !name.equals(TRUTH) && !(values instanceof Values.Longs) && tensor.dim() > 1;
              fields.put(
                  name,
                  changes
                      ? BatchSteps.normalized(
                          BatchSteps.numbers(tensor), host.prepare().normalization())
                      : tensor);
            });
    Map<String, Tensor> masks = new LinkedHashMap<>();
    host.masks().forEach((name, mask) -> masks.put(name, tensor(mask)));
    Map<Prepare, Batch> others = new LinkedHashMap<>();
    host.others().forEach(other -> others.put(other.prepare(), of(other)));
    return new Batch(
        fields,
        masks,
        new Names(host.ids(), host.viewNumber()),
        host.labelled(),
        host.prepare(),
        others);
  }

  /**
   * The same samples as another network takes them.
   *
   * @param wanted what its inputs go through
   * @throws RanbikiException if it takes other ids of a text, or frames of a sound, than the batch
   *     was made with
   */
  public Batch prepared(Prepare wanted) {
    if (wanted.equals(prepare)) {
      return this;
    }
    Batch other = others.get(wanted);
    if (other != null) {
      return other;
    }
    if (!wanted.makesSame(prepare)) {
      throw RanbikiException.configuration(
          "Batches hold samples %s, but a network takes them %s. Ask it through stored answers:"
              + " answers: stored.",
          prepare.words(), wanted.words());
    }
    Tensor raw = BatchSteps.raw(inputs(), prepare.normalization());
    Map<String, Tensor> inputs = new LinkedHashMap<>(fields);
    inputs.put(inputName(), BatchSteps.normalized(raw, wanted.normalization()));
    return new Batch(inputs, masks, names, labelled, wanted, Map.of());
  }

  private static Tensor tensor(Values values) {
    long[] shape = Arrays.stream(values.shape()).asLongStream().toArray();
    if (values instanceof Values.Bytes bytes) {
      return Tensors.ofBeginning(bytes.data(), shape);
    }
    return values instanceof Values.Longs longs
        ? Tensors.ofBeginning(longs.data(), shape)
        : Tensors.ofBeginning(((Values.Floats) values).data(), shape);
  }

  private static int labelled(@Nullable Tensor labels) {
    if (labels == null) {
      return 0;
    }
    boolean numbers = labels.dtype() != DType.INT64;
    Tensor known = numbers ? labels.eq(labels) : labels.ne(Functional.IGNORE); // NaN equals nothing
    return (int) (known.dim() == 1 ? known : known.flatten(1).sum(1).gt(0)).sum().item();
  }

  /** Number of samples. */
  public int size() {
    return names.ids().length;
  }

  /** Stable name of each sample. */
  public long[] ids() {
    return names.ids();
  }

  /** Number of the view under which each sample is seen: 0, 1, ... */
  public int view() {
    return names.view();
  }

  /**
   * The truth, such as classes {@code [batch]} INT64; {@link Functional#IGNORE} where it is not
   * known.
   */
  public Tensor labels() {
    return field(TRUTH);
  }

  /**
   * The field that networks of a single input take.
   *
   * @throws RanbikiException if there are several
   */
  public Tensor inputs() {
    return Objects.requireNonNull(fields.get(inputName()));
  }

  /**
   * What a network takes of this batch, by the names that it asks for. A network of a single input
   * takes the only field that there is, whatever its name; a field called {@code ...mask} that no
   * sample has is the mask of the first one that it takes whose length varies.
   *
   * @param wanted the fields that the network asks for
   * @throws RanbikiException if one of them is not there
   */
  public Map<String, Tensor> inputs(List<Field> wanted) {
    if (wanted.size() == 1 && !fields.containsKey(wanted.get(0).name())) {
      return Map.of(wanted.get(0).name(), inputs());
    }
    Map<String, Tensor> taken = new LinkedHashMap<>();
    for (Field field : wanted) {
      Tensor tensor = fields.get(field.name());
      Tensor mask = mask(wanted.get(0));
      if (tensor == null && mask != null && field.name().endsWith(MASK)) {
        tensor = mask;
      } else if (tensor == null && field.name().equals(Preparation.TYPES)) {
        tensor = ofOneText(taken);
      } else if (tensor == null && masks.isEmpty() && field.name().endsWith(MASK)) {
        tensor = whole(taken, wanted.get(0));
      }
      if (tensor == null) {
        throw RanbikiException.configuration(
            "The network takes the fields %s, but a sample has %s and no '%s'. Choose a network"
                + " that takes what the data have.",
            wanted, fields.keySet(), field.name());
      }
      taken.put(field.name(), tensor);
    }
    return taken;
  }

  /** Of the field that a network takes first, or of the only one that varies. */
  private @Nullable Tensor mask(Field first) {
    Tensor own = masks.get(first.name());
    return own == null && masks.size() == 1 ? masks.values().iterator().next() : own;
  }

  /** The types of single texts, which are all 0. */
  private static @Nullable Tensor ofOneText(Map<String, Tensor> taken) {
    Tensor ids = taken.get(Preparation.IDS);
    return ids == null ? null : Tensors.full(0, DType.INT64, ids.shape());
  }

  /** A mask where no length varies, so that nothing was padded. */
  private static @Nullable Tensor whole(Map<String, Tensor> taken, Field varies) {
    Tensor first = taken.get(varies.name());
    int dimension = 1 + Math.max(0, varies.shape().indexOf(Field.ANY));
    return first == null || first.dim() < 2
        ? null
        : Tensors.full(1, DType.INT64, first.size(0), first.size(dimension));
  }

  private String inputName() {
    List<String> others = fields.keySet().stream().filter(name -> !name.equals(TRUTH)).toList();
    if (others.size() != 1) {
      throw RanbikiException.configuration(
          "A network of a single input is to take a batch of the fields %s. Take a network that"
              + " names its inputs.",
          others);
    }
    return others.get(0);
  }

  /**
   * One field.
   *
   * @throws RanbikiException if there is none of this name
   */
  public Tensor field(String name) {
    Tensor field = fields.get(name);
    if (field == null) {
      throw RanbikiException.configuration(
          "There is no field '%s' in a batch of %s. Name one of these.", name, fields.keySet());
    }
    return field;
  }

  /** All tensors, masks too. */
  public List<Tensor> tensors() {
    return Stream.of(
            fields.values().stream(),
            masks.values().stream(),
            others.values().stream().flatMap(other -> other.tensors().stream()))
        .flatMap(tensors -> tensors)
        .toList();
  }

  /**
   * Some of the samples; its tensors share the memory of this batch's.
   *
   * @param from the first one, from 0
   * @param to behind the last one
   */
  public Batch part(int from, int to) {
    Map<String, Tensor> some = part(fields, from, to);
    long[] ids = Arrays.copyOfRange(names.ids(), from, to);
    Map<Prepare, Batch> parts = new LinkedHashMap<>();
    others.forEach((network, batch) -> parts.put(network, batch.part(from, to)));
    return new Batch(
        some,
        part(masks, from, to),
        new Names(ids, names.view()),
        labelled == size() ? to - from : labelled(some.get(TRUTH)),
        prepare,
        parts);
  }

  /** One sample without what it was padded with. */
  public Batch alone(int row) {
    Batch one = part(row, row + 1);
    Map<String, Tensor> cutFields = new LinkedHashMap<>(one.fields);
    Map<String, Tensor> cutMasks = new LinkedHashMap<>(one.masks);
    one.masks.forEach(
        (name, mask) -> {
          long length = (long) mask.sum().item();
          cutMasks.put(name, mask.narrow(1, 0, length));
          cutFields.computeIfPresent(
              name, (field, values) -> values.narrow(padded(values, mask.size(1)), 0, length));
        });
    Map<Prepare, Batch> cutOthers = new LinkedHashMap<>();
    others.forEach((network, batch) -> cutOthers.put(network, batch.alone(row)));
    return new Batch(cutFields, cutMasks, one.names, one.labelled, prepare, cutOthers);
  }

  /** Which dimension was padded: ids have it first, frames of a sound behind their channel. */
  private static int padded(Tensor values, long length) {
    int dimension = 1;
    while (values.size(dimension) != length) {
      dimension++;
    }
    return dimension;
  }

  private static Map<String, Tensor> part(Map<String, Tensor> tensors, int from, int to) {
    Map<String, Tensor> some = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> some.put(name, tensor.narrow(0, from, to - from)));
    return some;
  }
}
