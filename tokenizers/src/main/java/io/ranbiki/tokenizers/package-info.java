/**
 * Tokenizers of all kinds, Unigram and unusual normalizers among them, by Hugging Face's own
 * library behind Deep Java Library's binding. {@link io.ranbiki.prepare.Tokenizer} asks it for what
 * it does not know itself, in training and in a service, wherever the jar of this module is.
 *
 * <p>The library's telemetry is off. Its native part (15 MB) is in its jar, and is unpacked into
 * {@code .djl.ai} in the home folder once, or where {@code DJL_CACHE_DIR} says.
 */
@NullMarked
package io.ranbiki.tokenizers;

import org.jspecify.annotations.NullMarked;
