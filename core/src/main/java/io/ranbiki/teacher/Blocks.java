package io.ranbiki.teacher;

import io.ranbiki.data.Dataset;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Splits;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Values;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Cuts samples that are to be asked into blocks, and these into batches, always alike: what is left
 * of samples when some of the blocks are done is cut into the same blocks again.
 */
final class Blocks {

  private static final int LOOKED_AT = 256;

  private Blocks() {}

  /**
   * Samples that are asked and kept together.
   *
   * @param batches their indices
   */
  record Block(List<int[]> batches) {

    long[] ids(Dataset dataset) {
      return batches.stream().flatMapToInt(IntStream::of).mapToLong(dataset::id).toArray();
    }
  }

  /**
   * Blocks of consecutive samples; within one the shortest first, so that little is padded.
   *
   * @param prepare what the samples go through
   * @param indices by ascending id
   * @param perBlock the most samples of a block
   */
  static List<Block> of(Loader loader, Prepare prepare, int[] indices, int perBlock, int batch) {
    List<String> varying = loader.fields().stream().filter(Field::varies).map(Field::name).toList();
    List<Block> blocks = new ArrayList<>();
    for (int from = 0; from < indices.length; from += perBlock) {
      int[] some = Arrays.copyOfRange(indices, from, Math.min(from + perBlock, indices.length));
      if (!varying.isEmpty()) {
        some = byLength(loader.dataset(), prepare, varying, some);
      }
      List<int[]> batches = new ArrayList<>();
      for (int at = 0; at < some.length; at += batch) {
        batches.add(Arrays.copyOfRange(some, at, Math.min(at + batch, some.length)));
      }
      blocks.add(new Block(batches));
    }
    return blocks;
  }

  /** Whether samples differ in length. */
  static boolean vary(List<Field> fields) {
    return fields.stream().anyMatch(Field::varies);
  }

  /** The mean length of some of the samples, spread over the dataset, rounded up. */
  static int meanLength(Loader loader, Prepare prepare) {
    Dataset dataset = loader.dataset();
    String name = loader.fields().stream().filter(Field::varies).findFirst().orElseThrow().name();
    double mean =
        IntStream.of(Splits.spread(dataset.size(), LOOKED_AT))
            .mapToObj(index -> prepare.apply(dataset.read(index)).arrays().get(name))
            .mapToInt(values -> Objects.requireNonNull(values).shape()[0])
            .average()
            .orElseThrow();
    return (int) Math.ceil(mean);
  }

  /** By length; those of equal length stay as they are. */
  private static int[] byLength(
      Dataset dataset, Prepare prepare, List<String> varying, int[] indices) {
    Map<Integer, Integer> lengths = new HashMap<>();
    for (int index : indices) {
      Row row = prepare.apply(dataset.read(index));
      int length = 0;
      for (String name : varying) {
        length += Values.count(Objects.requireNonNull(row.arrays().get(name)).shape());
      }
      lengths.put(index, length);
    }
    return IntStream.of(indices)
        .boxed()
        .sorted(Comparator.comparing(lengths::get))
        .mapToInt(index -> index)
        .toArray();
  }
}
