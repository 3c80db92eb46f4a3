/**
 * Reads a configuration file and binds it to records.
 *
 * <p>{@link io.ranbiki.config.ConfigDocument} reads a YAML file, lays {@code key.path=value}
 * overrides over it, and hands out a {@link io.ranbiki.config.MapNode} whose readers bind values to
 * records. A mistake never stops the reading: the reader notes it with line and column and answers
 * with the default or a placeholder, so that one pass finds every mistake. {@link
 * io.ranbiki.config.ConfigDocument#bind} throws them all together.
 *
 * <pre>{@code
 * ConfigDocument document = ConfigDocument.read(path, overrides, System.getenv());
 * TrainOptions options =
 *     document.bind(
 *         root ->
 *             new TrainOptions(
 *                 root.integer("epochs", 10, Rule.atLeast(1)),
 *                 optimizer(root.child("optimizer")),
 *                 schedule(root.child("schedule"))));
 * String resolved = YamlWriter.write(document.resolved());
 * }</pre>
 */
@NullMarked
package io.ranbiki.config;

import org.jspecify.annotations.NullMarked;
