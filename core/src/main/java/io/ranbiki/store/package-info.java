/**
 * Rows on disk, under (id, view): what a teacher answered to samples.
 *
 * <p>A {@link io.ranbiki.store.Store} is a folder of shards, files {@code part-*.store} that are
 * each complete in themselves. A {@link io.ranbiki.store.Key} says in words what the rows depend
 * on; {@link io.ranbiki.store.Column} and {@link io.ranbiki.store.Encoding} say what a row holds. A
 * {@link io.ranbiki.store.StoreWriter} adds blocks of rows, each of which is kept whole or not at
 * all, whatever instant the process dies at. {@code docs/store-format.md} has every byte.
 */
@NullMarked
package io.ranbiki.store;

import org.jspecify.annotations.NullMarked;
