/**
 * A run described by a file: its configuration, its folder, and what it writes there.
 *
 * <p>{@link io.ranbiki.run.ConfigDocument} reads a YAML file, lays {@code key.path=value} overrides
 * over it, and hands out a {@link io.ranbiki.run.MapNode} whose readers bind values to records. A
 * mistake never stops the reading: the reader notes it with line and column and answers with the
 * default or a placeholder, so that one pass finds every mistake. {@link
 * io.ranbiki.run.ConfigDocument#bind} throws them all together.
 *
 * <pre>{@code
 * ConfigDocument document = ConfigDocument.read(path, overrides, System.getenv());
 * TrainOptions options =
 *     document.bind(
 *         root ->
 *             new TrainOptions(
 *                 root.string("name"),
 *                 root.longInteger("seed", 1, Rule.atLeast(0)),
 *                 root.list("objective", node -> term(node.oneKey(TERMS)))));
 * String resolved = YamlWriter.write(document.resolved());
 * }</pre>
 *
 * <p>{@link io.ranbiki.run.RunFolder} owns the folder of a run, {@link io.ranbiki.run.ResultJson}
 * and {@link io.ranbiki.run.MetricsLog} the two files that other programs read; their layout is
 * documented in {@code docs/result-schema.md}.
 */
@NullMarked
package io.ranbiki.run;

import org.jspecify.annotations.NullMarked;
