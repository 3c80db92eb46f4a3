package io.ranbiki.artifact;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The samples whose labels a network was trained on, itself or through those who taught it.
 * Validation samples are not among them: they judge, and no weight is fitted to them.
 *
 * @param positions the samples by their position in the data, by fingerprint of the whole training
 *     data with labels
 * @param contents hashes of all these samples, as {@link io.ranbiki.data.Contents} makes them, in
 *     ascending order, each once; null if they are not known
 * @param complete whether no others were seen; false where a teacher or initial weights do not say
 *     what they were trained on
 */
public record LabelsSeen(
    Map<String, BitSet> positions, long @Nullable [] contents, boolean complete) {

  /** Of a network whose files say nothing. */
  public static final LabelsSeen UNKNOWN = new LabelsSeen(Map.of(), new long[0], false);

  /** Of a network that saw no label. */
  public static final LabelsSeen NONE = new LabelsSeen(Map.of(), new long[0], true);

  /** Copies, and sorts the hashes. */
  public LabelsSeen {
    Map<String, BitSet> copies = new LinkedHashMap<>();
    positions.forEach((data, seen) -> copies.put(data, (BitSet) seen.clone()));
    positions = Collections.unmodifiableMap(copies);
    contents = contents == null ? null : LongStream.of(contents).sorted().distinct().toArray();
  }

  /** What two networks have seen together, one having learnt from the other. */
  @SuppressWarnings("NullAway") // it does not see that an array of a record may be missing
  public LabelsSeen and(LabelsSeen other) {
    Map<String, BitSet> both = new LinkedHashMap<>();
    for (LabelsSeen one : new LabelsSeen[] {this, other}) {
      one.positions.forEach(
          (data, seen) -> both.computeIfAbsent(data, any -> new BitSet()).or(seen));
    }
    return new LabelsSeen(
        both,
        contents == null || other.contents == null
            ? null
            : LongStream.concat(LongStream.of(contents), LongStream.of(other.contents)).toArray(),
        complete && other.complete);
  }

  /** Whether a sample of this content is among them; false if the contents are not known. */
  public boolean contains(long content) {
    return contents != null && Arrays.binarySearch(contents, content) >= 0;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LabelsSeen seen
        && complete == seen.complete
        && positions.equals(seen.positions)
        && Arrays.equals(contents, seen.contents);
  }

  @Override
  public int hashCode() {
    return positions.hashCode();
  }
}
