/**
 * What a run did and found, as plain records. Nothing here computes, reads or writes, and nothing
 * but the JDK is named, so that a report can be made where no model can be loaded.
 *
 * <p>{@link io.ranbiki.result.Result} is the whole of a run's {@code result.json}; every component
 * is one key of that file, in kebab-case. A component that may be {@code null} is a key that may be
 * left out. The constructors refuse what cannot be a measurement: an accuracy outside 0 to 1, a
 * time that is negative or not finite. They throw {@link IllegalArgumentException}; {@code
 * run.ResultJson} turns that into a message naming the file.
 */
@NullMarked
package io.ranbiki.result;

import org.jspecify.annotations.NullMarked;
