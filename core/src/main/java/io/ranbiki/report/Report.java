package io.ranbiki.report;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.ranbiki.result.FinishedRun;
import io.ranbiki.result.MethodComparison;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finished runs as a page for the person who must approve a model. The same runs always give the
 * same bytes.
 */
public final class Report {

  private static final TemplateEngine ENGINE =
      TemplateEngine.createPrecompiled(
          null, ContentType.Html, Report.class.getClassLoader(), Report.class.getPackageName());

  private final Page page;

  private Report(Page page) {
    this.page = page;
  }

  /** The report of one run. */
  public static Report of(FinishedRun run) {
    return new Report(RunReport.of(run));
  }

  /**
   * The report of several runs side by side.
   *
   * @param runs in the order of {@code comparison}
   * @param comparison the same runs, the first being what the others are held against
   */
  public static Report of(List<FinishedRun> runs, MethodComparison comparison) {
    return new Report(ComparisonReport.of(runs, comparison));
  }

  /** The page: one file of HTML without scripts, which asks for no other. */
  public String html() {
    StringOutput html = new StringOutput();
    ENGINE.render("page.jte", page, html);
    return html.toString();
  }

  /** Its charts as SVG files, by name. */
  public Map<String, String> charts() {
    Map<String, String> charts = new LinkedHashMap<>();
    page.charts().forEach(chart -> charts.put(chart.id() + ".svg", chart.svg() + "\n"));
    return charts;
  }
}
