/**
 * How one student is fitted. {@link io.ranbiki.train.Trainer} is the loop: it asks the teacher,
 * asks the student, computes the objective and steps the {@link io.ranbiki.train.Optimizer} at the
 * rate that the {@link io.ranbiki.train.Schedule} gives; {@link io.ranbiki.train.TrainingListener}
 * hears of every step and epoch. Who teaches whom is not decided here.
 */
@NullMarked
package io.ranbiki.train;

import org.jspecify.annotations.NullMarked;
