/**
 * What the student is taught by. An {@link io.ranbiki.objective.Objective} is a weighted sum of
 * {@link io.ranbiki.objective.Term}s; its value is a {@link io.ranbiki.objective.LossBreakdown}
 * with every term's own value beside the total.
 *
 * <p><b>To add a term</b>, write a record with its options that implements {@link
 * io.ranbiki.objective.Term}: its name, its weight, the layers it reads, and {@code bind}, which
 * returns the function from a {@link io.ranbiki.objective.Lesson} to a single number. A term that
 * trains something of its own, such as a projector, builds it in {@code bind} from the shapes of
 * the example lesson and returns a {@link io.ranbiki.objective.TermLoss} that holds it.
 */
@NullMarked
package io.ranbiki.objective;

import org.jspecify.annotations.NullMarked;
