package io.ranbiki.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.result.Figure;
import io.ranbiki.result.FinishedRun;
import io.ranbiki.result.Gain;
import io.ranbiki.result.Interval;
import io.ranbiki.result.MethodComparison;
import io.ranbiki.result.MethodComparison.Method;
import io.ranbiki.result.Verdict;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Attribute;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReportTest {

  private static final FinishedRun WHOLE = SampleRuns.whole(10, 48);
  private static final Document PAGE = parsed(Report.of(WHOLE));

  private static Document parsed(Report report) {
    return Jsoup.parse(report.html());
  }

  private static Report comparison() {
    return comparison(List.of(WHOLE, SampleRuns.whole(10, 0)));
  }

  /** Of two runs. */
  private static Report comparison(List<FinishedRun> runs) {
    Figure seeds = new Figure(0.01, 0.0, 0.02, List.of(0.0, 0.02));
    return Report.of(
        runs,
        new MethodComparison(
            "accuracy",
            List.of(
                new Method(
                    "runs/first",
                    List.of(1L, 2L),
                    new Figure(0.9, 0.89, 0.91, List.of(0.9, 0.9)),
                    null,
                    null),
                new Method(
                    "runs/second",
                    List.of(1L, 2L),
                    new Figure(0.91, 0.9, 0.92, List.of(0.91, 0.91)),
                    new Gain(
                        "runs/first",
                        "runs/second",
                        seeds,
                        new Interval(0.01, -0.01, 0.03),
                        Verdict.OPEN,
                        0.2),
                    null))));
  }

  static Stream<Report> reports() {
    return Stream.of(
        Report.of(WHOLE),
        Report.of(SampleRuns.whole(100, 3)),
        Report.of(SampleRuns.early()),
        Report.of(SampleRuns.trained()),
        comparison());
  }

  @ParameterizedTest
  @MethodSource("reports")
  void aPage_hasNoScriptAndAsksForNothing(Report report) {
    Document page = parsed(report);
    assertThat(page.select("script, link, iframe, object, embed, base, form, use, image"))
        .isEmpty();
    assertThat(page.select("a[href]")).allSatisfy(a -> assertThat(a.attr("href")).startsWith("#"));
    assertThat(page.select("[src]"))
        .allSatisfy(e -> assertThat(e.attr("src")).startsWith("data:image/png;base64,"));
    assertThat(page.select("style").html()).doesNotContain("url(").doesNotContain("@import");
    for (Element element : page.getAllElements()) {
      for (Attribute attribute : element.attributes()) {
        assertThat(attribute.getKey()).doesNotStartWith("on").isNotEqualTo("style");
        assertThat(attribute.getValue().replace("http://www.w3.org/2000/svg", ""))
            .doesNotContain("http:")
            .doesNotContain("https:")
            .doesNotContain("javascript:");
      }
    }
    assertThat(page.select("meta[http-equiv=Content-Security-Policy]").attr("content"))
        .startsWith("default-src 'none';");
  }

  @ParameterizedTest
  @MethodSource("reports")
  void ids_areUnique_andEveryLinkLeadsToOne(Report report) {
    Document page = parsed(report);
    List<String> ids = page.select("[id]").eachAttr("id");
    assertThat(ids).doesNotHaveDuplicates().contains("models", "models-title");
    assertThat(page.select("nav a").eachAttr("href"))
        .isNotEmpty()
        .allSatisfy(href -> assertThat(ids).contains(href.substring(1)));
    assertThat(page.select("[aria-labelledby]").eachAttr("aria-labelledby"))
        .allSatisfy(id -> assertThat(ids).contains(id));
  }

  @ParameterizedTest
  @MethodSource("reports")
  void everySection_beginsByWhatItShows(Report report) {
    assertThat(parsed(report).select("section"))
        .isNotEmpty()
        .allSatisfy(
            section -> {
              assertThat(section.child(0).tagName()).isEqualTo("h2");
              assertThat(section.child(1).className()).isEqualTo("lead");
              assertThat(section.child(1).text()).endsWith(".");
            });
  }

  @ParameterizedTest
  @MethodSource("reports")
  void aChart_isXmlByItself(Report report) throws Exception {
    for (String svg : report.charts().values()) {
      assertThat(
              DocumentBuilderFactory.newInstance()
                  .newDocumentBuilder()
                  .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)))
                  .getDocumentElement()
                  .getTagName())
          .isEqualTo("svg");
    }
  }

  @Test
  void theSections_beginWithTheVerdict_andEndWithTheOrigin() {
    assertThat(PAGE.select("section").eachAttr("id"))
        .containsExactly(
            "acceptance", "models", "gain", "worse", "cost", "calibration", "curves", "origin");
  }

  @Test
  void theHead_saysWhatMattersMost() {
    Document page = PAGE;
    assertThat(page.select(".verdict").text())
        .isEqualTo(
            "The student keeps 96.8 % of its teacher’s accuracy and is 50 times smaller. It keeps"
                + " 1 of 2 limits; whether it keeps the other cannot be shown with these data.");
    assertThat(page.select(".tiles .value").eachText())
        .containsExactly("91.00 %", "+1.00 points", "20,000", "0.0240 ms");
    assertThat(page.select(".tiles .detail").last().text())
        .isEqualTo("teacher 0.400 ms; the machine was busy");
    assertThat(page.select("header .caution").text())
        .startsWith("The teacher was trained on the labels of 10 of the 1,000 test samples");
    assertThat(page.select("#acceptance .tone").eachText())
        .containsExactly("? Cannot be shown", "✓ Met");
    assertThat(page.select("#acceptance .detail").eachText())
        .containsExactly("accuracy-loss is 1.70 of fashion-basic", "bytes is 81,000.");
  }

  @Test
  void marks_areAsManyAsValues() {
    Map<String, String> charts = Report.of(WHOLE).charts();
    assertThat(marks(charts.get("figure-accuracy.svg"), "circle")).isEqualTo(4);
    assertThat(marks(charts.get("figure-size.svg"), "circle")).isEqualTo(2);
    assertThat(marks(charts.get("figure-gain.svg"), "circle")).isEqualTo(3);
    assertThat(marks(charts.get("figure-classes.svg"), "circle")).isEqualTo(10);
    assertThat(marks(charts.get("figure-validation.svg"), "circle"))
        .isEqualTo(3 * SampleRuns.EPOCHS);
    assertThat(marks(charts.get("figure-terms.svg"), "circle")).isEqualTo(SampleRuns.EPOCHS);
    assertThat(marks(charts.get("figure-calibration.svg"), "circle")).isEqualTo(2 * 2);
    assertThat(marks(charts.get("figure-latency.svg"), "rect.f0, rect.f3")).isEqualTo(2);
    // Only what changed, on the paper.
    assertThat(marks(charts.get("figure-matrix.svg"), "rect")).isEqualTo(10 * 4 + 1);
  }

  private static int marks(String svg, String which) {
    return Jsoup.parse(svg).select(which).size();
  }

  @Test
  void aBusyMachine_isSaidBesideItsFigures() {
    assertThat(PAGE.select("#cost .bad").eachText())
        .containsExactly("busy machine: do not trust these");
  }

  @Test
  void aHundredClasses_areATableOfTheLargestChanges() {
    Report report = Report.of(SampleRuns.whole(100, 48));
    assertThat(report.html().getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(1_000_000);
    assertThat(report.charts()).doesNotContainKey("figure-matrix.svg");
    assertThat(parsed(report).select("#worse table").last().select("tbody tr")).hasSize(50);
    assertThat(marks(report.charts().get("figure-classes.svg"), "circle")).isEqualTo(30);
  }

  @Test
  void aPageWithPictures_isSmall() {
    Document page = PAGE;
    assertThat(page.select("img")).hasSize(47);
    assertThat(page.select("img").eachAttr("alt")).contains("image 0");
    assertThat(page.select(".samples .name").eachText()).containsExactly("image 2");
    assertThat(page.select(".samples.texts .text").eachText())
        .containsExactly("Where is <my> card?");
    assertThat(Report.of(WHOLE).html().getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(300_000);
  }

  @Test
  void twoPagesOfOneRun_areEqualToTheByte() {
    assertThat(Report.of(SampleRuns.whole(10, 48)).html())
        .isEqualTo(Report.of(SampleRuns.whole(10, 48)).html());
  }

  @Test
  void anEarlyResult_hasWhatItKept() {
    Document page = parsed(Report.of(SampleRuns.early()));
    assertThat(page.select("section").eachAttr("id"))
        .containsExactly("acceptance", "models", "cost", "curves");
    assertThat(page.select("#acceptance").text()).contains("No limits were set");
    assertThat(page.select(".verdict").text())
        .isEqualTo("The student keeps 97.8 % of its teacher’s accuracy and is 34 times smaller.");
  }

  @Test
  void aTraining_speaksOfItsModel() {
    Document page = parsed(Report.of(SampleRuns.trained()));
    assertThat(page.select(".kind").text()).isEqualTo("Training report");
    assertThat(page.select(".verdict").text())
        .isEqualTo("The model has 93.00 % of the test samples right.");
    assertThat(page.select("#models tbody tr td").first().text()).isEqualTo("Model");
    assertThat(page.select("main").text()).doesNotContain("student");
  }

  @Test
  void severalRuns_areHeldAgainstTheFirst() {
    Document page = parsed(comparison());
    assertThat(page.select(".verdict").text())
        .isEqualTo("second has the most right answers, 91.00 %.");
    assertThat(page.select("#models tbody tr").last().text())
        .isEqualTo(
            "second 91.00 % 90.00 to 92.00 % 2 −2.00 points −3.00 to −1.00 20,000 50× smaller 80"
                + " kB");
    assertThat(page.select("#gain tbody tr").text())
        .isEqualTo("second +1.00 +0.00 to +2.00 −1.00 to +3.00 Fewer than 5 seeds");
    assertThat(comparison().charts())
        .containsOnlyKeys(
            "figure-accuracy.svg",
            "figure-size.svg",
            "figure-latency.svg",
            "figure-gain.svg",
            "figure-validation.svg");
  }

  @Test
  void runsOfSeveralSizes_beginWithWhatTheyKeep() {
    Document page = parsed(comparison(List.of(WHOLE, SampleRuns.early())));
    assertThat(page.select(".verdict").text())
        .isEqualTo(
            "From 34× to 50× smaller, students keep 97.8 to 96.8 % of their teacher’s accuracy.");
  }

  static Stream<String> hostileNames() {
    return Stream.of(
        "<script>alert(1)</script>",
        "</title><script>alert(1)</script>",
        "</style><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "\"><svg onload=alert(1)>",
        "' onmouseover='alert(1)",
        "\" onfocus=\"alert(1)\" autofocus=\"",
        "javascript:alert(1)",
        "<a href=javascript:alert(1)>x</a>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "&#60;script&#62;alert(1)",
        "<!-- x",
        "--><b>x</b>",
        "]]><b>x</b>",
        "<![CDATA[<b>x</b>]]>",
        "${7*7} $unsafe{x} @if(true)",
        "`;alert(1)//",
        "\u202etxt.exe\u202c<i>",
        "a\u0001b<b>c</b>",
        "%s %d %n <u>");
  }

  @ParameterizedTest
  @MethodSource("hostileNames")
  void aHostileName_gainsNoElementAndNoAttribute(String name) {
    FinishedRun hostile = SampleRuns.named(name);
    // As long, because names that are too long for a chart are cut and said in full elsewhere.
    FinishedRun harmless = SampleRuns.named("x".repeat(name.codePointCount(0, name.length())));
    assertThat(skeleton(hostile)).isEqualTo(skeleton(harmless));
    Document page = parsed(Report.of(hostile));
    String shown = name.replace('\u0001', ' ').strip();
    assertThat(page.select("h1").text().replace('\u0001', ' ')).isEqualTo(shown);
    assertThat(page.select("#origin pre").text().replace('\u0001', ' ')).contains(shown);
  }

  private static List<String> skeleton(FinishedRun run) {
    List<String> skeleton = new ArrayList<>();
    for (Element element : parsed(Report.of(run)).getAllElements()) {
      skeleton.add(
          element.tagName()
              + element.attributes().asList().stream().map(Attribute::getKey).toList());
    }
    return skeleton;
  }

  @Test
  void theStyleSheet_hasTheColoursOfTheCharts_andEveryTextCanBeRead() {
    String style = PAGE.select("style").html();
    int dark = style.indexOf("prefers-color-scheme: dark");
    String light = style.substring(0, dark);
    for (int i = 0; i < Palette.count(); i++) {
      assertThat(colour(light, "c" + i)).isEqualTo(Palette.series(i));
    }
    for (String theme : List.of(light, style.substring(dark))) {
      String paper = colour(theme, "paper");
      assertReadable(colour(theme, "ink"), paper);
      assertReadable(colour(theme, "muted"), paper);
      assertReadable(colour(theme, "muted"), colour(theme, "raised"));
      assertReadable(colour(theme, "link"), paper);
      for (String tone : List.of("good", "bad", "open")) {
        assertReadable(colour(theme, tone), colour(theme, tone + "-bg"));
      }
      assertReadable(colour(theme, "ink"), colour(theme, "open-bg"));
      for (int i = 0; i < Palette.count(); i++) {
        assertReadable(colour(theme, "c" + i), paper);
      }
    }
  }

  private static String colour(String style, String name) {
    Matcher matcher = Pattern.compile("--" + name + ": (#[0-9a-f]{6});").matcher(style);
    assertThat(matcher.find()).as(name).isTrue();
    return matcher.group(1);
  }

  private static void assertReadable(String text, String background) {
    assertThat(Palette.contrast(text, background))
        .as(text + " on " + background)
        .isGreaterThanOrEqualTo(4.5);
  }
}
