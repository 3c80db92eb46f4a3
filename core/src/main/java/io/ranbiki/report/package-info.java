/**
 * Results as a page that a person reads who must approve a model: one file of HTML without scripts,
 * which opens offline. Start at {@link io.ranbiki.report.Report}.
 *
 * <p>A page is a list of {@link io.ranbiki.report.Section}s, each made by a class of its own from
 * the records of {@code result} alone and built of {@link io.ranbiki.report.Part}s: tables,
 * figures, samples. The templates in {@code src/main/jte} turn parts into HTML and escape every
 * text; the figures are SVG that is drawn here ({@link io.ranbiki.report.XyChart}, {@link
 * io.ranbiki.report.RowChart}, {@link io.ranbiki.report.HeatMap}).
 */
@NullMarked
package io.ranbiki.report;

import org.jspecify.annotations.NullMarked;
