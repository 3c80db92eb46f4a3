/**
 * Who gives the signal. A {@link io.ranbiki.teacher.Teacher} is whatever answers a batch: callers
 * ask {@link io.ranbiki.teacher.Teacher#signal} and cannot tell a live network from any other
 * source. A {@link io.ranbiki.teacher.Signal} is the answer: logits, and features by layer.
 */
@NullMarked
package io.ranbiki.teacher;

import org.jspecify.annotations.NullMarked;
