package io.ranbiki.result;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A run that is done, with all that a report shows of it. What earlier versions did not keep is
 * empty.
 *
 * @param folder the run folder as it was named
 * @param result what was found
 * @param origin where the figures come from; {@code null} if that is not known
 * @param classes names of all classes, in their order; empty if they are not known
 * @param epochs the epochs of every training of the first seed, by its stage
 * @param confidence how sure each model of the first seed is and how right, by role; the least sure
 *     first
 * @param moved by role of the model before, how often the first seed's student answers a class in
 *     place of another, where that is another number than before; where both are the same class,
 *     the answers are right
 * @param pictures PNG files by the name that {@link Disagreement#picture()} gives
 */
public record FinishedRun(
    String folder,
    Result result,
    @Nullable Origin origin,
    List<String> classes,
    Map<String, List<EpochRecord>> epochs,
    Map<String, List<ConfidenceBin>> confidence,
    Map<String, List<Changes.Confusion>> moved,
    Map<String, byte[]> pictures) {

  /** Copies, but not the bytes of pictures. */
  public FinishedRun {
    Check.text("folder", folder);
    Check.present("result", result);
    classes = List.copyOf(Check.present("classes", classes));
    epochs = Check.ordered("epochs", epochs);
    confidence = Check.ordered("confidence", confidence);
    moved = Check.ordered("moved", moved);
    pictures = Map.copyOf(Check.present("pictures", pictures));
  }
}
