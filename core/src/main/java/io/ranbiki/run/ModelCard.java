package io.ranbiki.run;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.result.ModelFigures;
import io.ranbiki.result.Result;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The text that goes with a model: what it is, what it scored, how it was made. */
final class ModelCard {

  private ModelCard() {}

  /** The card of a model that was trained on the way to the student. */
  static String text(RunConfig run, String role, ModelConfig model, ModelFigures figures) {
    return String.format(
        Locale.ROOT,
        "# %s: %s%n%nA `%s` with %s, test accuracy %.2f %%.%n%nInputs: `%s`, pixel values in 0 to 1, %s.%n",
        run.name(),
        role,
        model.spec().title(),
        parameters(figures),
        100 * Objects.requireNonNull(figures.accuracy()),
        model.spec().input(),
        model.normalization());
  }

  private static String parameters(ModelFigures figures) {
    Long count = figures.parameters();
    return count == null
        ? "an unknown number of parameters"
        : String.format(Locale.ROOT, "%,d parameters", count);
  }

  static String text(
      RunConfig run,
      long seed,
      ModelConfig model,
      Map<String, ModelFigures> models,
      double accuracy) {
    StringBuilder text = new StringBuilder();
    text.append("# ").append(run.name()).append("\n\n");
    text.append(
        String.format(
            Locale.ROOT,
            "A `%s` with %s for %d classes, test accuracy %.2f %%.%n%n",
            model.spec().title(),
            parameters(models.get(Result.STUDENT)),
            model.spec().classes(),
            100 * accuracy));
    ModelFigures teacher = models.get(Result.TEACHER);
    if (teacher != null && teacher.accuracy() != null) {
      text.append(
          String.format(
              Locale.ROOT,
              "Distilled from a teacher with %s and test accuracy %.2f %%.%n%n",
              parameters(teacher),
              100 * teacher.accuracy()));
    }
    text.append("Inputs: `").append(model.spec().input()).append("`, pixel values in 0 to 1, ");
    text.append(model.normalization()).append(".\n\n");
    text.append("Seed ").append(seed);
    text.append("; the configuration of the run is in its `config.yaml`.\n");
    return text.toString();
  }
}
