/** Who teaches whom, and in what order. */
@NullMarked
package io.ranbiki.strategy;

import org.jspecify.annotations.NullMarked;
