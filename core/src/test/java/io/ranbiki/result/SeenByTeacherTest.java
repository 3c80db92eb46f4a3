package io.ranbiki.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.result.SeenByTeacher.Part;
import org.junit.jupiter.api.Test;

/** What a reader is told first. */
class SeenByTeacherTest {

  private static final Part NO_TEST = new Part(10_000, 0, true, null);

  private static String said(Part unlabelled, Part test) {
    return new SeenByTeacher(unlabelled, test, null).sentence().orElse("");
  }

  @Test
  void nothingSeen_isNotMentioned() {
    assertThat(said(null, NO_TEST)).isEmpty();
    assertThat(said(new Part(54_000, 0, true, null), NO_TEST)).isEmpty();
    assertThat(said(new Part(54_000, 0, false, null), new Part(9, 0, false, null))).isEmpty();
  }

  @Test
  void unlabelledSamples_areCounted() {
    assertThat(said(new Part(54_000, 54_000, true, null), NO_TEST))
        .isEqualTo(
            "The teacher was trained on the labels of 54,000 of the 54,000 samples that count as"
                + " unlabelled here: the gain shows compression, not learning from few labels.");
    assertThat(said(new Part(54_000, 5_400, false, 3L), NO_TEST))
        .isEqualTo(
            "The teacher was trained on the labels of at least 5,400 of the 54,000 samples that"
                + " count as unlabelled here with seed 3: a part of the gain comes from these"
                + " labels.");
  }

  @Test
  void testSamples_areCounted() {
    assertThat(said(null, new Part(10_000, 12, true, null)))
        .isEqualTo(
            "The teacher was trained on the labels of 12 of the 10,000 test samples: it, and a"
                + " student that it taught, may be worse on new samples than here.");
  }

  @Test
  void countsThatCannotBe_areRefused() {
    assertThatThrownBy(() -> new Part(3, 4, true, null))
        .hasMessage("seen must lie between 0 and samples, 1 or more, but is 4 of 3");
  }
}
