package io.ranbiki.run;

import io.ranbiki.config.Options;
import io.ranbiki.data.Augmentation;
import io.ranbiki.data.Augmentations;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.Term;
import io.ranbiki.train.TrainOptions;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which arms a distillation has beside its student; each has the same initial weights, batches and
 * number of steps.
 *
 * @param scratch whether a student learns from labels alone
 * @param own how labels alone are trained a second time, at their best
 * @param decisions whether a student learns from the teacher's bare decisions, in place of its soft
 *     answers to the same samples
 */
public record CompareConfig(boolean scratch, Optional<OwnRecipe> own, boolean decisions) {

  /** A model that is compared with nothing. */
  static final CompareConfig NONE = new CompareConfig(false, Optional.empty(), false);

  /**
   * Reads the keys of {@code compare}.
   *
   * @param taught whether there is a frozen teacher
   * @param vectors whether it teaches vectors, of which neither labels nor decisions tell
   * @param objective of the run, as data and train; null after a mistake
   */
  static CompareConfig read(
      Options options,
      boolean taught,
      boolean vectors,
      @Nullable Objective objective,
      @Nullable DataConfig data,
      @Nullable TrainConfig train) {
    Scratch scratch =
        options.value(
            "scratch",
            !vectors,
            "Whether a student learns from labels alone, or how one does it at its best",
            node ->
                node.keysOr(
                    recipe ->
                        new Scratch(
                            true, Optional.of(OwnRecipe.read(recipe, objective, data, train))),
                    flag -> new Scratch(flag.bool(), Optional.empty())));
    Optional<OwnRecipe> own = scratch == null ? Optional.empty() : scratch.own;
    if (own.isPresent() && train != null && !train.keepsBest()) {
      options.mistake(
          "gives labels alone a recipe of their own in 'scratch', but no epochs are judged, so"
              + " that nothing tells which recipe is better; say 'validation: 0.1' in 'data',"
              + " without 'keep: last' in 'train'.");
    }
    if (vectors && scratch != null && scratch.wanted) {
      options.mistake(
          "asks for labels alone in 'scratch', but the teacher teaches vectors (kind: embedding),"
              + " of which no label tells; leave it out, and the student is compared with itself"
              + " before its training.");
    }
    boolean soft = objective != null && objective.decisionsAlone().isPresent();
    boolean decisions =
        options
            .optionalBool(
                "decisions",
                "Whether a student learns from the teacher's bare decisions; true where a frozen"
                    + " teacher and a soft term are there")
            .orElseGet(() -> options.settle("decisions", taught && soft));
    if (decisions && !taught) {
      options.mistake(
          "asks for the arm 'decisions', but with this 'strategy' no frozen teacher decides; leave"
              + " it out.");
    } else if (decisions && objective != null && !soft) {
      options.mistake(
          "asks for the arm 'decisions', but no term of the objective is soft: "
              + objective.terms().stream().map(Term::name).collect(Collectors.joining(", "))
              + "; leave it out, or add soft-targets.");
    }
    return new CompareConfig(scratch == null || scratch.wanted, own, decisions);
  }

  private record Scratch(boolean wanted, Optional<OwnRecipe> own) {}

  /**
   * How somebody would train who has the labels alone, such as for fewer epochs, or with label
   * smoothing (arXiv:1909.11723). An epoch is once through the labelled samples.
   *
   * @param options epochs, optimiser, schedule, clipping and precision
   * @param batch samples of a step
   * @param augmentations what views do to a sample
   * @param objective that needs no teacher
   */
  public record OwnRecipe(
      TrainOptions options, int batch, Augmentations augmentations, Objective objective) {

    /**
     * Reads a recipe; what it leaves out is as in the run.
     *
     * @param objective of the run, as data and train; null after a mistake
     */
    static OwnRecipe read(
        Options keys,
        @Nullable Objective objective,
        @Nullable DataConfig data,
        @Nullable TrainConfig run) {
      Optional<Objective> own =
          keys.optionalValue(
              "objective",
              "What it learns from; the labels if left out",
              terms -> new Objective(Term.read(terms)));
      own.filter(Objective::needsTeacher)
          .ifPresent(
              taught ->
                  keys.mistake(
                      "has a term that compares with a teacher, but it is the recipe of labels"
                          + " alone; leave it out."));
      Optional<Augmentations> augmentations =
          keys.optionalValue(
              "augment",
              "What views do to a sample; as in the run if left out",
              node -> new Augmentations(Augmentation.read(node)));
      Optional<TrainConfig> train =
          keys.optionalMap(
              "train",
              "How it is trained; as in the run if left out",
              changes -> TrainConfig.changed(run, changes));
      if (objective == null || data == null || run == null) {
        return keys.stop();
      }
      return new OwnRecipe(
          train.orElse(run).options(),
          train.orElse(run).batch(),
          augmentations.orElse(data.augmentations()),
          own.orElseGet(() -> objective.labelsAlone(data.format().likelyTask())));
    }
  }
}
