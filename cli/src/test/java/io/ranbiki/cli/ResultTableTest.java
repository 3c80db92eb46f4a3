package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.result.Figure;
import io.ranbiki.result.ModelFigures;
import io.ranbiki.result.Result;
import io.ranbiki.result.SeedFigures;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a run prints at its end, figure by figure. */
class ResultTableTest {

  private static Result result() {
    Map<String, ModelFigures> models = new LinkedHashMap<>();
    models.put(Result.TEACHER, new ModelFigures(0.8, 4_000_000L, 16_000_000, 2.5));
    models.put(Result.SCRATCH, new ModelFigures(0.7, 100_000L, 400_000, 0.25));
    models.put(Result.STUDENT, new ModelFigures(0.76, 100_000L, 400_000, 0.25));
    return Result.of("t", "distill", 1, models, List.of());
  }

  private static List<String> printed(Result result) {
    StringWriter text = new StringWriter();
    ResultTable.print(result, new PrintWriter(text, true));
    return text.toString().lines().map(line -> line.replaceAll(" {2,}", " | ")).toList();
  }

  @Test
  void oneSeed_isHeldAgainstTheTeacher() {
    assertThat(printed(result()))
        .containsExactly(
            "",
            "model | accuracy | retention | parameters | compression | file | ms/image",
            "teacher | 80.00 % | 100.0 % | 4,000,000 | 1.0x | 16.0 MB | 2.50",
            "student, labels alone | 70.00 % | 87.5 % | 100,000 | 40.0x | 400 kB | 0.25",
            "student, distilled | 76.00 % | 95.0 % | 100,000 | 40.0x | 400 kB | 0.25");
  }

  @Test
  void severalSeeds_giveTheirMeanAndSpread_andTheVerdictOnTheGain() {
    Map<String, Figure> accuracy = new LinkedHashMap<>();
    accuracy.put(Result.SCRATCH, new Figure(0.7, 0.68, 0.72, List.of(0.69, 0.71)));
    accuracy.put(Result.STUDENT, new Figure(0.72, 0.71, 0.73, List.of(0.715, 0.725)));
    Figure gain = new Figure(0.02, 0.01, 0.03, List.of(0.025, 0.015));
    SeedFigures seeds = new SeedFigures(List.of(1L, 2L), accuracy, null, gain);
    assertThat(printed(result().withSeeds(seeds)).subList(2, 7))
        .containsExactly(
            "teacher | 80.00 % | 100.0 % | 4,000,000 | 1.0x | 16.0 MB | 2.50",
            "student, labels alone | 70.00 % ± 2.00 | 87.5 % | 100,000 | 40.0x | 400 kB | 0.25",
            "student, distilled | 72.00 % ± 1.00 | 90.0 % | 100,000 | 40.0x | 400 kB | 0.25",
            "",
            "Gained: +2.00 points against labels alone (95 % interval +1.00 to +3.00, 2 seeds).");
  }
}
