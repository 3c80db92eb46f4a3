/**
 * A run described by a file: its configuration, its folder, and what it writes there.
 *
 * <p>{@link io.ranbiki.run.RunConfigReader} binds a configuration to a {@link
 * io.ranbiki.run.RunConfig}, and {@link io.ranbiki.run.Experiment} does what it says. {@link
 * io.ranbiki.run.RunFolder} owns the folder of a run, {@link io.ranbiki.run.ResultJson} and {@link
 * io.ranbiki.run.MetricsLog} the two files that other programs read; their layout is documented in
 * {@code docs/result-schema.md}.
 */
@NullMarked
package io.ranbiki.run;

import org.jspecify.annotations.NullMarked;
