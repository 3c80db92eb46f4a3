/**
 * What a model is worth: accuracy, agreement with its teacher, size and time, and whether a
 * difference between students is more than chance.
 */
@NullMarked
package io.ranbiki.evaluate;

import org.jspecify.annotations.NullMarked;
