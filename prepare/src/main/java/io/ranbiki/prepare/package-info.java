/**
 * What happens to one sample before a network sees it. Training and the service use the same code,
 * so that a student is asked about the numbers that it was trained on, to the bit.
 *
 * <p>A {@link io.ranbiki.prepare.Preparation} lists the steps and travels with the network, inside
 * an ONNX file as JSON. An {@link io.ranbiki.prepare.Image} is a decoded picture, {@link
 * io.ranbiki.prepare.Wav} reads sounds. Nothing here needs more than the JDK and a parser of JSON.
 */
@NullMarked
package io.ranbiki.prepare;

import org.jspecify.annotations.NullMarked;
