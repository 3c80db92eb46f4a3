package io.ranbiki.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PaletteTest {

  @Test
  void contrast_isThatOfTheGuidelines() {
    assertThat(Palette.contrast("#000000", "#ffffff")).isEqualTo(21, within(1e-12));
    assertThat(Palette.contrast("#777777", "#ffffff")).isEqualTo(4.48, within(0.005));
    assertThat(Palette.contrast("#ffffff", "#777777")).isEqualTo(4.48, within(0.005));
  }

  @Test
  void theNumberInACell_canBeReadAtEveryStrength() {
    for (int i = 0; i <= 1000; i++) {
      for (boolean good : new boolean[] {true, false}) {
        String background = Palette.change(good, i / 1000.0);
        assertThat(Palette.contrast(Palette.textOn(background), background))
            .as(background)
            .isGreaterThanOrEqualTo(4.5);
      }
    }
  }
}
