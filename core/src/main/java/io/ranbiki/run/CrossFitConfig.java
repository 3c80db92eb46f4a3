package io.ranbiki.run;

/**
 * Teachers that a run trains itself, each on the labelled samples of all folds but one.
 *
 * @param folds how many folds, and teachers, 2 or more
 * @param model the network of every teacher
 * @param recipe how every teacher is trained
 */
public record CrossFitConfig(int folds, ModelChoice model, CompareConfig.OwnRecipe recipe)
    implements TeacherConfig.Who {}
