/**
 * Parquet files, and many files of CSV or JSON lines at once, as the formats {@code parquet},
 * {@code csv-files} and {@code jsonl-files} of {@code data.format}. DuckDB reads them, a row after
 * the other; columns mean what they mean in a CSV file, and the samples are the same. A {@link
 * io.ranbiki.config.Catalogue} offers the formats wherever the jar of this module is.
 *
 * <p>DuckDB works in this process. It gets no network, no extension that is not in its jar and no
 * folder for intermediate files. Its native library is in the jar, too, and lies in the folder of
 * temporary files while Java runs.
 */
@NullMarked
package io.ranbiki.tables;

import org.jspecify.annotations.NullMarked;
