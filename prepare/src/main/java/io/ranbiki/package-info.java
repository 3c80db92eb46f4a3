/**
 * What every module of Ranbiki stands on: the one exception for what a user can repair, how much
 * memory there is, and the version.
 *
 * <p>In the library, data flows one way through the rooms: {@code data} makes a batch, {@code
 * teacher} and student answer it, {@code objective} compares the answers, {@code train} steps,
 * {@code evaluate} measures, {@code result} keeps.
 */
@NullMarked
package io.ranbiki;

import org.jspecify.annotations.NullMarked;
