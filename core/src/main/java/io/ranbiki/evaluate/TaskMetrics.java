package io.ranbiki.evaluate;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Catalogue;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.Provider;
import io.ranbiki.data.Task;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Our metrics by their names in configurations, and which of all there are a task shows and is
 * decided by. Values of ours are those of scikit-learn; what it calls a warning or an error is
 * empty or left out here.
 */
public final class TaskMetrics implements Catalogue {

  @Override
  public List<Provider<?>> providers() {
    return List.of(
        metric(new Accuracy(), "Share of the labelled samples whose class is right."),
        metric(new TopFive(), "Share of them whose class is among the five likeliest."),
        metric(new MacroF1(), "Mean of the F1 scores of all classes or labels."),
        metric(new Auc(), "Mean of the areas under the ROC curves of all classes or labels."),
        metric(
            new OutOfScopeAuc(),
            "Area under the ROC curve by which doubt tells samples out of scope from the others."),
        metric(new CrossEntropy(false), "Mean surprise by hidden pieces, in nats."),
        metric(new CrossEntropy(true), "Exponential of the cross-entropy of hidden pieces."),
        metric(MeanError.RMSE, "Root of the mean squared error."),
        metric(MeanError.MAE, "Mean absolute error."),
        metric(new MeanCosine(), "Mean cosine of the vectors to those of the teacher."),
        metric(
            new PairCorrelation(),
            "Correlation of the cosines of all pairs of samples with those of the teacher."),
        metric(
            new NearestNeighbour(),
            "Share of the samples whose nearest training sample is of their class."),
        metric(new Agreement(), "Share of all samples on which teacher and model decide alike."));
  }

  private static Provider<Metric> metric(Metric metric, String sentence) {
    return Provider.of(Metric.class, metric.name(), sentence, options -> metric);
  }

  /** The metrics that a task shows: those that it names, then others that serve it. */
  public static List<Metric> shown(Task task) {
    List<String> named = task.metrics();
    return Provider.all(Metric.class).stream()
        .sorted(Comparator.comparingInt(provider -> place(named, provider.name())))
        .map(TaskMetrics::withDefaults)
        .filter(metric -> metric.serves(task))
        .toList();
  }

  private static Metric withDefaults(Provider<Metric> provider) {
    return ConfigDocument.of("metric '" + provider.name() + "'", Map.of()).bind(provider::create);
  }

  private static int place(List<String> named, String name) {
    int place = named.indexOf(name);
    return place < 0 ? named.size() : place;
  }

  /**
   * The metric by which epochs are chosen and arms are compared.
   *
   * @param chosen by the configuration; empty for what the task says
   * @throws RanbikiException if the task has no such metric
   */
  public static Metric deciding(Task task, Optional<Metric> chosen) {
    List<Metric> deciding =
        shown(task).stream().filter(metric -> !metric.comparesWithTeacher()).toList();
    if (deciding.isEmpty()) {
      throw RanbikiException.configuration(
          "No metric serves the task %s. Choose data of classes, labels or numbers.", task.word());
    }
    if (chosen.isPresent() && (!chosen.get().serves(task) || chosen.get().comparesWithTeacher())) {
      throw RanbikiException.configuration(
          "The metric '%s' is unknown to the task %s. Choose one of %s.",
          chosen.get().name(),
          task.word(),
          deciding.stream().map(Metric::name).collect(Collectors.joining(", ")));
    }
    return chosen.orElse(deciding.get(0));
  }
}
