/**
 * The command {@code ranbiki}: picocli commands over the library, and nothing else. What a command
 * prints on success goes to standard output; progress and errors go to standard error.
 *
 * <p>A mistake is one message without a stack trace, and an exit code by kind: 0 done, 1 internal,
 * 2 usage, 3 configuration or data, 4 unreadable or untrusted model, 5 training diverged, 6 disk. A
 * command that did all that it should, but whose model is not good enough, ends with 7 (a limit
 * failed) or 8 (one cannot be shown with these data).
 */
@NullMarked
package io.ranbiki.cli;

import org.jspecify.annotations.NullMarked;
