package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class HolmTest {

  @Test
  void corrected_growsWithTheRankAndNeverFalls() {
    // By hand: 4 * 0.005, 3 * 0.01, 2 * 0.03, and 0.04 no lower than the one before.
    List<Double> corrected = Holm.corrected(List.of(0.01, 0.04, 0.03, 0.005));
    assertThat(corrected.get(0)).isCloseTo(0.03, within(1e-12));
    assertThat(corrected.get(1)).isCloseTo(0.06, within(1e-12));
    assertThat(corrected.get(2)).isCloseTo(0.06, within(1e-12));
    assertThat(corrected.get(3)).isCloseTo(0.02, within(1e-12));
  }

  @Test
  void single_isLeftAlone_andNoneIsAboveOne() {
    assertThat(Holm.corrected(List.of(0.04))).containsExactly(0.04);
    assertThat(Holm.corrected(List.of(0.9, 0.8, 1.0))).containsExactly(1.0, 1.0, 1.0);
    assertThat(Holm.corrected(List.of())).isEmpty();
  }
}
