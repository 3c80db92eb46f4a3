package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.YamlWriter;
import io.ranbiki.evaluate.Limit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AcceptTest {

  private static final String DISTILLATION =
      """
      name: a
      data: {format: digits}
      teacher: {model: teacher}
      student: {architecture: student-cnn}
      objective: [hard-labels, soft-targets]
      """;

  private static Map<Limit, Double> read(String text, String... overrides) {
    return RunConfigReader.any(ConfigDocument.parse("a.yaml", text, List.of(overrides), Map.of()))
        .accept();
  }

  private static void refused(String text, String message, String... overrides) {
    assertThatThrownBy(() -> read(text, overrides))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(message);
  }

  @Test
  void everyLimit_isRead() {
    assertThat(
            read(
                DISTILLATION
                    + "accept: {accuracy-loss: 1.5, agreement: 0.93, ece: 0.03, latency-p95-ms: 1,"
                    + " bytes: 500kB, worst-class-loss: 5}\n"))
        .isEqualTo(
            Map.of(
                Limit.ACCURACY_LOSS, 1.5,
                Limit.AGREEMENT, 0.93,
                Limit.ECE, 0.03,
                Limit.LATENCY_P95_MS, 1.0,
                Limit.BYTES, 500_000.0,
                Limit.WORST_CLASS_LOSS, 5.0));
    assertThat(read(DISTILLATION)).isEmpty();
    assertThat(read(DISTILLATION, "accept.accuracy-loss=0"))
        .isEqualTo(Map.of(Limit.ACCURACY_LOSS, 0.0));
  }

  @Test
  void resolvedConfiguration_readsBackTheSameLimits() {
    RunConfig config =
        RunConfigReader.any(
            ConfigDocument.parse(
                "a.yaml",
                DISTILLATION,
                List.of("accept.bytes=1.5MB", "accept.ece=0.03", "latency=false"),
                Map.of()));
    String written = YamlWriter.write(config.resolved());

    assertThat(written).contains("bytes: 1.5MB", "latency: false");
    assertThat(read(written)).isEqualTo(config.accept());
  }

  @ParameterizedTest
  @CsvSource({"800, 800", "'500 kB', 500000", "2mb, 2000000", "1.5GB, 1500000000", "7B, 7"})
  void sizes_mayHaveAUnit(String text, double bytes) {
    assertThat(read(DISTILLATION, "accept.bytes=" + text)).containsEntry(Limit.BYTES, bytes);
  }

  @Test
  void mistakes_areNamedWithTheirRule() {
    refused(
        DISTILLATION,
        "override 'accept.acuracy-loss=1': Unknown key 'acuracy-loss' in 'accept'; did you mean"
            + " 'accuracy-loss'?",
        "accept.acuracy-loss=1");
    refused(
        DISTILLATION,
        "override 'accept.agreement=93': 'accept.agreement' must be below 1, but is 93.",
        "accept.agreement=93");
    refused(
        DISTILLATION,
        "override 'accept.worst-class-loss=-1': 'accept.worst-class-loss' must be between 0 and"
            + " 100, but is -1.",
        "accept.worst-class-loss=-1");
    refused(
        DISTILLATION,
        "override 'accept.bytes=500KiB': 'accept.bytes' must be a size such as 500kB or 2MB, but is"
            + " '500KiB'.",
        "accept.bytes=500KiB");
    refused(
        DISTILLATION,
        "override 'accept.bytes=0': 'accept.bytes' must be a size of 1 byte or more, but is '0'.",
        "accept.bytes=0");
    refused(
        DISTILLATION,
        "override 'accept.latency-p95-ms=1': 'accept' asks for 'latency-p95-ms', but with"
            + " 'latency: false' no time is measured; leave one of them out.",
        "accept.latency-p95-ms=1",
        "latency=false");
  }

  @Test
  void limitAgainstATeacher_needsOne() {
    refused(
        "name: a\ndata: {format: digits}\nmodel: {architecture: student-cnn}\n"
            + "accept: {ece: 0.1, accuracy-loss: 1}\n",
        "a.yaml:4:9: 'accept' asks for 'accuracy-loss', which compares with a teacher, but this run"
            + " has none; leave it out.");
    refused(
        """
        name: a
        data: {format: digits}
        student: {architecture: student-cnn}
        strategy: {self: {every: 5}}
        objective: [hard-labels, soft-targets]
        train: {epochs: 20}
        accept: {agreement: 0.9}
        """,
        "a.yaml:7:9: 'accept' asks for 'agreement', which compares with a teacher, but this run has"
            + " none; leave it out.");
    assertThat(
            read(
                "name: a\ndata: {format: digits}\nmodel: {architecture: student-cnn}\n"
                    + "accept: {ece: 0.1}\n"))
        .isEqualTo(Map.of(Limit.ECE, 0.1));
  }
}
