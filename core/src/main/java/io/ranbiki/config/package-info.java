/**
 * Reads a configuration file and binds it to records.
 *
 * <p>{@link io.ranbiki.config.ConfigDocument} reads a YAML file, lays {@code key.path=value}
 * overrides over it, and hands out {@link io.ranbiki.config.Options}, of which records read
 * themselves: every call says the key, its default, one sentence and its range. A mistake never
 * stops the reading: it is noted with line and column and answered with the default or a
 * placeholder, so that one pass finds every mistake. {@link io.ranbiki.config.ConfigDocument#bind}
 * throws them all together. What a name chooses is made by a {@link io.ranbiki.config.Provider},
 * which jars offer in a {@link io.ranbiki.config.Catalogue}.
 *
 * <pre>{@code
 * record Train(int epochs, double share) {
 *   static Train read(Options options) {
 *     return new Train(
 *         options.integer("epochs", 10, "How often every sample is seen", Rule.atLeast(1)),
 *         options.number("share", "Share of the samples that is held out", Rule.between(0, 1)));
 *   }
 * }
 *
 * ConfigDocument document = ConfigDocument.read(path, overrides, System.getenv());
 * Train train = document.bind(root -> root.map("train", "How to train", Train::read));
 * String resolved = YamlWriter.write(document.resolved());
 * }</pre>
 *
 * <p>The same readers make a {@link io.ranbiki.config.Description} of all that may be written: a
 * JSON Schema for editors, and the tables of the documentation.
 */
@NullMarked
package io.ranbiki.config;

import org.jspecify.annotations.NullMarked;
