/** The same work here and in PyTorch, side by side in one run. */
@NullMarked
package io.ranbiki.benchmark;

import org.jspecify.annotations.NullMarked;
