/**
 * Samples on the way to a model: where they are read from, which of them are used, how they are
 * augmented, and in what order they come. Everything here lives in Java arrays.
 *
 * <p>A {@link io.ranbiki.data.Dataset} comes from a reader: {@link io.ranbiki.data.Idx} (the MNIST
 * files), {@link io.ranbiki.data.CifarBinary}, {@link io.ranbiki.data.ImageFolder}, {@link
 * io.ranbiki.data.CsvRows}, or {@link io.ranbiki.data.Digits}, which draws its own. {@link
 * io.ranbiki.data.Splits}, {@link io.ranbiki.data.Subset} and {@link io.ranbiki.data.Concat} choose
 * and combine samples. A {@link io.ranbiki.data.Loader} makes batches of it, augmented by {@link
 * io.ranbiki.data.Views} and then normalized.
 *
 * <p>Every sample has an id that no subset changes, and every augmentation of it has a name, its
 * {@link io.ranbiki.data.View}: answers of a teacher are stored under these two.
 *
 * <p>A {@link io.ranbiki.data.Format} is what {@code data.format} names: which files, and which
 * keys say so. To add one, write a record that opens a {@link io.ranbiki.data.Dataset}, whose
 * {@code read} must allow many threads at once, and offer it in a {@link
 * io.ranbiki.config.Catalogue}, as {@link io.ranbiki.data.Formats} does.
 */
@NullMarked
package io.ranbiki.data;

import org.jspecify.annotations.NullMarked;
