package io.ranbiki.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TermProviderTest {

  @Test
  void aRegisteredTerm_isFoundByNameAndTakesPartInAnObjective() {
    TermProvider provider = TermProvider.installed().get("confidence-penalty");
    assertThat(provider).isInstanceOf(ConfidencePenaltyProvider.class);
    Term term = provider.create(Map.of("weight", 0.5));

    try (TensorScope scope = TensorScope.open("own term")) {
      LossInputs inputs =
          LossExamples.of(Tensors.zeros(2, 10), Tensors.zeros(2, 10), Tensors.of(new long[2], 2));
      LossBreakdown loss = LossExamples.loss(Objective.of(new HardLabels(1), term), inputs);

      assertThat(loss.values().terms().get("confidence-penalty"))
          .isCloseTo(-Math.log(10), within(1e-6));
      assertThat(loss.values().total()).isCloseTo(0.5 * Math.log(10), within(1e-6));
    }
  }

  @Test
  void itsOwnComplaint_reachesTheUser() {
    TermProvider provider = TermProvider.installed().get("confidence-penalty");
    assertThatThrownBy(() -> provider.create(Map.of("weight", "much")))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("confidence-penalty needs a weight, a number, but has much");
  }

  @Test
  void twoProvidersOfOneName_areRefused() {
    TermProvider first = new ConfidencePenaltyProvider();
    assertThatThrownBy(() -> TermProviders.byName(List.of(first, new ConfidencePenaltyProvider())))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "%s and %s both provide a term 'confidence-penalty'; rename one of them",
            ConfidencePenaltyProvider.class.getName(), ConfidencePenaltyProvider.class.getName());
  }

  @Test
  void aProviderThatCannotBeLoaded_isNamed(@TempDir Path folder) throws IOException {
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(services.resolve(TermProvider.class.getName()), "com.example.Missing\n");
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      assertThatThrownBy(TermProvider::installed)
          .isInstanceOf(RanbikiException.class)
          .hasMessageStartingWith("a term of your own cannot be loaded: ")
          .hasMessageContaining("com.example.Missing");
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
