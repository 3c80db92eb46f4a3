/**
 * What is read from and written to disk: weights, model folders, exported models.
 *
 * <p>{@link io.ranbiki.artifact.Safetensors} reads and writes weight files; it refuses whatever the
 * format does not allow. {@link io.ranbiki.file.AtomicFile} is how every file is written: whole or
 * not at all.
 */
@NullMarked
package io.ranbiki.artifact;

import org.jspecify.annotations.NullMarked;
