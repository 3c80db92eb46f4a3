/**
 * Runs an exported student inside a service: {@link io.ranbiki.serve.Student#load} reads the ONNX
 * file, and {@link io.ranbiki.serve.Student} answers images or rows with a {@link
 * io.ranbiki.serve.Prediction}. What the inputs go through and the names of the classes come with
 * the file, so that nothing can be set wrongly. ONNX Runtime computes; libtorch is not needed.
 *
 * <p>Every failure is a {@link io.ranbiki.RanbikiException}. Its kind tells whom to blame: {@code
 * CONFIGURATION} is an input that does not fit (a service answers 400), {@code MODEL} is the file,
 * {@code IO} the disk.
 */
@NullMarked
package io.ranbiki.serve;

import org.jspecify.annotations.NullMarked;
