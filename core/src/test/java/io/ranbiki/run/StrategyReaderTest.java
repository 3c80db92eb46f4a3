package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.YamlWriter;
import io.ranbiki.model.Architectures;
import io.ranbiki.strategy.BornAgain.Ancestors;
import io.ranbiki.strategy.OnlineTeacher;
import io.ranbiki.strategy.Past;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrategyReaderTest {

  private static final String TEACHER = "teacher: {model: t}\n";
  private static final ModelChoice STUDENT =
      new ModelChoice("student-cnn", Map.of(), Optional.empty());
  private static final ModelChoice ASSISTANT =
      new ModelChoice("intermediate-cnn", Map.of("hidden", 64), Optional.empty());

  private static RunConfig read(String lines) {
    String text =
        """
        name: s
        data: {format: digits}
        student: {architecture: student-cnn}
        objective: [hard-labels, soft-targets]
        """
            + lines;
    return RunConfigReader.distillation(ConfigDocument.parse("a.yaml", text, List.of(), Map.of()));
  }

  private static StrategyConfig strategy(String written) {
    return read("strategy: " + written + "\n").strategy();
  }

  private static void refused(String lines, String... messages) {
    String expected =
        messages.length == 1
            ? messages[0]
            : "a.yaml has %d mistakes:\n%s".formatted(messages.length, String.join("\n", messages));
    assertThatThrownBy(() -> read(lines))
        .isInstanceOfSatisfying(
            RanbikiException.class,
            e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION))
        .hasMessage(expected);
  }

  @Test
  void everyStrategy_isReadWithItsDefaults() {
    assertThat(read(TEACHER).strategy()).isEqualTo(new OfflineStrategy());
    assertThat(read("strategy: offline\n" + TEACHER).strategy()).isEqualTo(new OfflineStrategy());
    assertThat(strategy("self")).isEqualTo(new SelfStrategy(new Past.Snapshot(3)));
    assertThat(strategy("{self: {every: 2}}")).isEqualTo(new SelfStrategy(new Past.Snapshot(2)));
    assertThat(strategy("{self: {decay: 0.99}}"))
        .isEqualTo(new SelfStrategy(new Past.Average(0.99)));
    assertThat(strategy("born-again")).isEqualTo(new BornAgainStrategy(3, Ancestors.LAST));
    assertThat(strategy("{born-again: {generations: 2, taught-by: all}}"))
        .isEqualTo(new BornAgainStrategy(2, Ancestors.ALL));
    assertThat(strategy("mutual")).isEqualTo(new MutualStrategy(List.of(STUDENT)));
    assertThat(strategy("{mutual: {peers: 3}}"))
        .isEqualTo(new MutualStrategy(List.of(STUDENT, STUDENT)));
    assertThat(strategy("{mutual: {others: [{architecture: intermediate-cnn}]}}"))
        .isEqualTo(new MutualStrategy(List.of(ASSISTANT)));
    assertThat(strategy("online"))
        .isEqualTo(new OnlineStrategy(List.of(STUDENT), new OnlineTeacher.Ensemble()));
    assertThat(strategy("{online: {teacher: average}}"))
        .isEqualTo(
            new OnlineStrategy(
                List.of(STUDENT), new OnlineTeacher.Average(new Past.Average(0.999))));
    assertThat(
            read("strategy: {progressive: {assistants: [{architecture: intermediate-cnn}]}}\n"
                    + TEACHER)
                .strategy())
        .isEqualTo(new ProgressiveStrategy(List.of(ASSISTANT)));
  }

  @Test
  void peersLikeTheStudent_haveInitialWeightsOfTheirOwn() {
    String text =
        """
        name: s
        data: {format: digits}
        student: {architecture: student-cnn, weights: w.safetensors}
        strategy: {mutual: {peers: 2}}
        objective: [soft-targets]
        """;
    RunConfig config =
        RunConfigReader.distillation(ConfigDocument.parse("a.yaml", text, List.of(), Map.of()));
    assertThat(config.student().weights()).contains(Path.of("w.safetensors"));
    assertThat(config.strategy()).isEqualTo(new MutualStrategy(List.of(STUDENT)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "self",
        "{self: {decay: 0.9}}",
        "born-again",
        "{born-again: {taught-by: all}}",
        "mutual",
        "{mutual: {others: [{architecture: resnet}, {architecture: student-cnn}]}}",
        "{online: {peers: 4}}",
        "{online: {teacher: average, decay: 0.9}}"
      })
  void theResolvedConfiguration_readsBackAsTheSameRun(String strategy) {
    RunConfig config = read("strategy: " + strategy + "\n");
    String written = YamlWriter.write(config.resolved());
    RunConfig again =
        RunConfigReader.any(ConfigDocument.parse("b.yaml", written, List.of(), Map.of()));
    assertThat(again).usingRecursiveComparison().ignoringFields("resolved").isEqualTo(config);
    assertThat(YamlWriter.write(again.resolved())).isEqualTo(written);
  }

  @Test
  void anUnknownStrategy_isOneMistake() {
    refused(
        "strategy: mutal\n",
        "a.yaml:5:11: Unknown name 'mutal' in 'strategy'; did you mean 'mutual'?");
    refused(
        "strategy: {bornagain: {generations: 2}}\n",
        "a.yaml:5:12: Unknown name 'bornagain' in 'strategy'; did you mean 'born-again'?");
    refused(
        "strategy: {mutual: {peer: 3}}\n",
        "a.yaml:5:21: Unknown key 'peer' in 'strategy.mutual'; did you mean 'peers'?");
  }

  @Test
  void tooFewNetworks_areRefused() {
    refused(
        "strategy: {mutual: {peers: 0}}\n",
        "a.yaml:5:28: 'strategy.mutual.peers' must be between 2 and 100, but is 0.");
    refused(
        "strategy: {online: {peers: 1}}\n",
        "a.yaml:5:28: 'strategy.online.peers' must be between 2 and 100, but is 1.");
    refused(
        "strategy: {mutual: {others: []}}\n",
        "a.yaml:5:29: 'strategy.mutual.others' needs one network or more beside the student.");
    refused(
        "strategy: {mutual: {peers: 2, others: [{architecture: resnet}]}}\n",
        "a.yaml:5:21: Unknown key 'peers' in 'strategy.mutual'; it cannot stand beside 'others'; leave one of them out.");
    refused(
        "strategy: {born-again: {generations: 1}}\n",
        "a.yaml:5:38: 'strategy.born-again.generations' must be at least 2, but is 1.");
    refused(
        "strategy: {progressive: {assistants: []}}\n" + TEACHER,
        "a.yaml:5:38: 'strategy.progressive.assistants' needs one assistant or more; ranbiki plan proposes some.");
    refused(
        "strategy: progressive\n" + TEACHER,
        "a.yaml:5:11: The key 'assistants' is missing in 'strategy.progressive'.");
    refused(
        "strategy: {progressive: {assistants: [{architecture: resnt}]}}\n" + TEACHER,
        "a.yaml:5:54: 'strategy.progressive.assistants.0.architecture' must be one of "
            + String.join(", ", Architectures.names())
            + ", but is 'resnt'; did you mean 'resnet'?");
  }

  @Test
  void intervalsAndDecaysOutOfRange_areRefused() {
    refused(
        "strategy: {self: {every: 0}}\n",
        "a.yaml:5:26: 'strategy.self.every' must be at least 1, but is 0.");
    refused(
        "strategy: {self: {decay: 1}}\n",
        "a.yaml:5:26: 'strategy.self.decay' must be below 1, but is 1.");
    refused(
        "strategy: {online: {teacher: average, decay: -0.5}}\n",
        "a.yaml:5:46: 'strategy.online.decay' must be at least 0, but is -0.5.");
    refused(
        "strategy: {self: {every: 2, decay: 0.9}}\n",
        "a.yaml:5:19: Unknown key 'every' in 'strategy.self'; it cannot stand beside 'decay'; leave one of them out.");
    refused(
        "strategy: {online: {decay: 0.9}}\n",
        "a.yaml:5:21: Unknown key 'decay' in 'strategy.online'; it goes with teacher 'average'.");
  }

  @Test
  void aTeacherThatIsMissingOrTooMuch_isRefused() {
    refused("strategy: offline\n", "a.yaml:1:1: The key 'teacher' is missing.");
    refused("", "a.yaml:1:1: The key 'teacher' is missing.");
    refused(
        "strategy: {progressive: {assistants: [{architecture: resnet}]}}\n",
        "a.yaml:1:1: The key 'teacher' is missing.");
    refused(
        "strategy: self\n" + TEACHER,
        "a.yaml:1:1: The configuration has a 'teacher', but with its 'strategy' the students teach themselves; leave one of them out.");
  }

  @Test
  void strategiesThatCannotFollowTheObjective_areRefused() {
    refused(
        "strategy: self\ntrain: {epochs: 3}\n",
        "a.yaml:1:1: Self-distillation would never teach: its snapshot first teaches in epoch 4, but there are 3 epochs; train longer, or take a snapshot more often.");
    String hint =
        """
        name: s
        data: {format: digits}
        student: {architecture: student-cnn}
        objective: [hard-labels, hint: {pairs: [{teacher: features.1, student: features.1}]}]
        strategy: %s
        """;
    for (String strategy : List.of("online", "{born-again: {taught-by: all}}")) {
      String text = hint.formatted(strategy);
      assertThatThrownBy(
              () ->
                  RunConfigReader.distillation(
                      ConfigDocument.parse("a.yaml", text, List.of(), Map.of())))
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              strategy.equals("online")
                  ? "a.yaml:1:1: In online distillation the peers together give logits, and not the layers [features.1] that the objective reads; leave out the terms that read them, or let the peers teach each other by mutual learning."
                  : "a.yaml:1:1: All generations together give logits, and not the layers [features.1] that the objective reads; let the last one teach alone.");
    }
  }

  @Test
  void ensemblesWithoutMembersOrWeight_areRefused() {
    refused("teacher: {model: []}\n", "a.yaml:5:18: 'teacher.model' needs at least one model.");
    refused(
        "teacher: {model: [a, b], weights: [0, 0]}\n",
        "a.yaml:5:10: 'teacher': The weights [0.0, 0.0] of an ensemble sum to 0.0; the sum must be a finite number above 0.");
    refused(
        "teacher: {model: [a, b], weights: [1]}\n",
        "a.yaml:5:10: 'teacher': An ensemble of 2 teachers has 1 weights; give one weight a teacher, or none for equal ones.");
    refused(
        "teacher: {model: a, weights: [1, 1]}\n",
        "a.yaml:5:10: 'teacher': An ensemble of 1 teachers has 2 weights; give one weight a teacher, or none for equal ones.");
  }

  @Test
  void aStudentThatCannotBeRead_hidesNoOtherMistake() {
    String text =
        """
        name: s
        data: {format: digits}
        strategy: mutual
        objective: [hard-labels, soft-targets]
        train: {epochs: 0}
        """;
    assertThatThrownBy(
            () ->
                RunConfigReader.distillation(
                    ConfigDocument.parse("a.yaml", text, List.of(), Map.of())))
        .hasMessage(
            """
            a.yaml has 2 mistakes:
            a.yaml:1:1: The key 'student' is missing.
            a.yaml:5:17: 'train.epochs' must be at least 1, but is 0.""");
  }

  @Test
  void recordsMadeInJava_areCheckedToo() {
    assertThatThrownBy(() -> new MutualStrategy(List.of()))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("The student has no peer to learn with; give one other network or more.");
    assertThatThrownBy(() -> new ProgressiveStrategy(List.of()))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "Progressive distillation needs one assistant or more; without one, take strategy offline.");
    assertThatThrownBy(() -> new BornAgainStrategy(1, Ancestors.LAST))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("1 generations: the second is the first to be taught; give 2 or more.");
  }
}
