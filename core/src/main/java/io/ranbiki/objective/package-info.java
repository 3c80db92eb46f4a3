/**
 * What the student is taught by. An {@link io.ranbiki.objective.Objective} is a weighted sum of
 * {@link io.ranbiki.objective.Term}s; its value is a {@link io.ranbiki.objective.LossBreakdown}
 * with every term's own value beside the total.
 *
 * <p><b>On the answers themselves</b>: {@link io.ranbiki.objective.HardLabels} and {@link
 * io.ranbiki.objective.SoftTargets} are what nearly every distillation begins with. {@link
 * io.ranbiki.objective.StandardizedTargets}, {@link io.ranbiki.objective.Dkd} and {@link
 * io.ranbiki.objective.Dist} relax or split what is matched, which helps where teacher and student
 * are far apart in size; {@link io.ranbiki.objective.DivergenceTargets} chooses the direction of
 * the divergence and knows tokens; {@link io.ranbiki.objective.TopKTargets} is for teachers with
 * many classes of which only the likeliest are stored. {@link io.ranbiki.objective.BinaryTargets}
 * and {@link io.ranbiki.objective.BinaryLabels} are for labels that do not exclude each other,
 * {@link io.ranbiki.objective.OutputRegression}, {@link io.ranbiki.objective.LabelRegression} and
 * {@link io.ranbiki.objective.BoundedRegression} for numbers.
 *
 * <p><b>To add a term</b>, write a record with its options that implements {@link
 * io.ranbiki.objective.Term}: its name, its weight, the layers it reads, and {@code bind}, which
 * returns the function from a {@link io.ranbiki.objective.LossInputs} to a single number. A term
 * that trains something of its own, such as a projector, builds it in {@code bind} from the shapes
 * of the example inputs and returns a {@link io.ranbiki.objective.TermLoss} that holds it. To name
 * it in a configuration, offer it in a {@link io.ranbiki.config.Catalogue}.
 */
@NullMarked
package io.ranbiki.objective;

import org.jspecify.annotations.NullMarked;
