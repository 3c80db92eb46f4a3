/**
 * Architectures by name. {@link io.ranbiki.model.ModelSpec} says which network, for which input and
 * how many classes; {@link io.ranbiki.model.Model} is such a network with its weights. To add an
 * architecture, write a module and give it a line in {@link io.ranbiki.model.Architectures}.
 */
@NullMarked
package io.ranbiki.model;

import org.jspecify.annotations.NullMarked;
