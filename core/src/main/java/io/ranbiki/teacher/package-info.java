/**
 * Who gives the signal. A {@link io.ranbiki.teacher.Teacher} is whatever answers a batch: callers
 * ask {@link io.ranbiki.teacher.Teacher#signal} and cannot tell a live network from any other
 * source. A {@link io.ranbiki.teacher.Signal} is the answer: logits, and features by layer.
 *
 * <p>A frozen teacher is asked once: a {@link io.ranbiki.teacher.Labeller} asks for every sample
 * and view that a file lacks, a {@link io.ranbiki.teacher.StoredTeacher} looks the answers up. A
 * {@link io.ranbiki.teacher.StoreKey} says what they depend on, and a {@link
 * io.ranbiki.teacher.Store} refuses to be opened with another. To store less, choose another {@link
 * io.ranbiki.teacher.Encoding}.
 */
@NullMarked
package io.ranbiki.teacher;

import org.jspecify.annotations.NullMarked;
