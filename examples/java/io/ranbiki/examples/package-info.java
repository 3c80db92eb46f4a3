/** Short programs that use the library. */
@NullMarked
package io.ranbiki.examples;

import org.jspecify.annotations.NullMarked;
