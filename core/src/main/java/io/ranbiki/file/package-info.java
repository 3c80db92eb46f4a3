/**
 * Files that are written whole or not at all, hashes of files, and why the file system refused.
 *
 * <p>{@link io.ranbiki.file.AtomicFile} gives a file its name once it is complete; {@link
 * io.ranbiki.file.ProcessLock} keeps a second process out; {@link io.ranbiki.file.Identity} names
 * files by their content.
 */
@NullMarked
package io.ranbiki.file;

import org.jspecify.annotations.NullMarked;
