package io.ranbiki.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.InstanceOfAssertFactories.INTEGER;

import io.ranbiki.RanbikiException;
import io.ranbiki.model.ModelSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AssistantPlanTest {

  private static final ModelSpec STUDENT = ModelSpec.of("student-cnn", List.of(1, 28, 28), 10);
  private static final ModelSpec ROWS =
      ModelSpec.of("mlp", List.of(54), 7, Map.of("hidden", 16, "layers", 1));

  private static List<Long> sizes(long teacher, AssistantPlan plan, ModelSpec student) {
    List<Long> sizes = new ArrayList<>(List.of(teacher));
    plan.assistants().forEach(assistant -> sizes.add(AssistantPlan.parameters(assistant)));
    sizes.add(AssistantPlan.parameters(student));
    return sizes;
  }

  @Test
  void everyStepOfTheChain_isByTheSameFactor() {
    for (ModelSpec student : List.of(STUDENT, ROWS)) {
      long teacher = 40 * AssistantPlan.parameters(student);
      for (int count = 1; count <= 4; count++) {
        AssistantPlan plan = AssistantPlan.between(teacher, student, count);
        assertThat(plan.assistants()).hasSize(count);
        List<Long> sizes = sizes(teacher, plan, student);
        double factor = Math.pow(40, 1.0 / (count + 1));
        for (int i = 1; i < sizes.size(); i++) {
          assertThat((double) sizes.get(i - 1) / sizes.get(i))
              .as("%s, %d assistants, step %d: %s", student.title(), count, i, sizes)
              .isCloseTo(factor, within(0.12 * factor));
        }
      }
    }
  }

  @Test
  void aTeacherLargerThanMemory_isPlannedForWithoutBuildingAnyLargeNetwork() {
    AssistantPlan plan = AssistantPlan.between(70_000_000_000L, STUDENT, 1);
    assertThat(plan.assistants().get(0).options().get("hidden"))
        .asInstanceOf(INTEGER)
        .isBetween(1700, 1900);
  }

  @Test
  void assistantsAreImagesNetworksForImages_andRowsNetworksForRows() {
    assertThat(AssistantPlan.between(10_000_000, STUDENT, 1).assistants().get(0).architecture())
        .isEqualTo("intermediate-cnn");
    assertThat(AssistantPlan.between(10_000_000, ROWS, 1).assistants().get(0).architecture())
        .isEqualTo("mlp");
  }

  @Test
  void moreAssistantsThanThereAreSizes_areFewer() {
    AssistantPlan plan = AssistantPlan.between(130_000, STUDENT, 50);
    assertThat(plan.assistants()).doesNotHaveDuplicates().hasSizeBetween(1, 3);
    assertThat(sizes(130_000, plan, STUDENT))
        .isSortedAccordingTo((a, b) -> Long.compare(b, a))
        .doesNotHaveDuplicates();
  }

  @Test
  void noRoomForAssistants_isRefused() {
    assertThatThrownBy(() -> AssistantPlan.between(1_000, STUDENT, 1))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "The teacher has 1,000 parameters and the student 105,866; there is no room for"
                + " assistants between them.");
    assertThatThrownBy(() -> AssistantPlan.between(105_900, STUDENT, 1))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "The teacher has 105,900 parameters and the student 105,866, and no intermediate-cnn"
                + " lies between them; distil the student directly.");
    assertThatThrownBy(() -> AssistantPlan.between(1_000_000, STUDENT, 0))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("0 assistants: ask for 1 or more.");
  }
}
