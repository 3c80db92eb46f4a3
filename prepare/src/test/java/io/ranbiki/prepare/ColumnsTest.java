package io.ranbiki.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ColumnsTest {

  private static final Offset<Float> ROUNDING = within(1e-6f);
  private static final List<String> NAMES = List.of("age", "work", "note");

  private static Columns fit(String... rows) {
    return Columns.fit(List.of("age"), List.of("work"), rows.length, index -> cells(rows[index]));
  }

  private static Values.Cells cells(String row) {
    return new Values.Cells(NAMES, row.split(";", -1));
  }

  @Test
  void numbersAndCategories_becomeWhatScikitLearnMakesOfThem() {
    // StandardScaler().fit_transform([[20.], [30.], [50.]]) and OneHotEncoder on b, a, b:
    // mean 33.333333, scale 12.472191; -1.06904497, -0.26726124, 1.33630621; columns a, b
    Columns columns = fit("20;b;x", "30;a;y", "50;b;z");
    assertThat(columns.width()).isEqualTo(3);
    assertThat(columns.of(cells("20;b;x")))
        .containsExactly(new float[] {-1.06904497f, 0, 1}, ROUNDING);
    assertThat(columns.of(cells("30;a;y")))
        .containsExactly(new float[] {-0.26726124f, 1, 0}, ROUNDING);
    assertThat(columns.of(cells("50;b;z")))
        .containsExactly(new float[] {1.33630621f, 0, 1}, ROUNDING);
  }

  @Test
  void cellsWithoutValue_haveAPlaceOfTheirOwn_whereTrainingHadSome() {
    Columns columns = fit("20;b;", "40;;", ";a;");
    assertThat(columns.of(cells(";;"))).containsExactly(0, 1, 0, 0, 1);
    assertThat(columns.of(cells("30;a;"))).containsExactly(0, 0, 1, 0, 0);
    Columns full = fit("20;b;", "40;a;");
    assertThat(full.of(cells(";;"))).as("mean, and no category").containsExactly(0, 0, 0);
  }

  @Test
  void categoryThatWasNeverSeen_isNone() {
    assertThat(fit("20;b;", "40;a;").of(cells("20;c;"))).containsExactly(-1, 0, 0);
  }

  @Test
  void columns_areFoundByName() {
    Columns columns = fit("20;b;", "40;a;");
    Values.Cells other = new Values.Cells(List.of("work", "age"), new String[] {"a", "40"});
    assertThat(columns.of(other)).containsExactly(1, 1, 0);
    Preparation preparation = Preparation.of(columns);
    assertThat(preparation.apply(Map.of("age", "40", "work", "a", "salary", "much")))
        .containsExactly(1, 1, 0);
    assertThatThrownBy(() -> preparation.apply(Map.of("age", "40", "job", "a")))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "The row has no column 'work', which the network takes; it has age, job. Give it, empty"
                + " if its value is not known.");
  }

  @Test
  void preparation_isReadAsItWasWritten() {
    Columns columns = fit("20.1;b;", "40;a \"1\";", ";a;");
    Preparation preparation = Preparation.of(columns);
    Preparation read = Preparation.parse(preparation.json(), "A file");
    assertThat(read).isEqualTo(preparation);
    assertThat(read.apply(Map.of("age", "33.3", "work", "b")))
        .containsExactly(columns.of(cells("33.3;b;")));
    assertThatThrownBy(() -> read.apply(new float[4]))
        .hasMessage(
            "The network takes rows of a table, and got something else. Give it a row by the names"
                + " of its columns.");
  }

  @Test
  void columnOfOneValue_isRefused() {
    assertThatThrownBy(() -> fit("20;a;", "20;b;"))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "Column 'age' has the one value '20.0' in the training rows, so nothing can be learned"
                + " from it. Leave it out (data.ignore).");
    assertThatThrownBy(() -> fit("20;a;", "30;a;"))
        .hasMessageStartingWith("Column 'work' has the one value 'a' in the training rows");
    assertThatThrownBy(() -> fit("20;;", "30;;"))
        .hasMessageStartingWith("Column 'work' has no value in the training rows");
  }

  @Test
  void numberThatIsNone_isRefused() {
    Columns columns = fit("20;b;", "40;a;");
    assertThatThrownBy(() -> columns.of(cells("1,5;a;")))
        .hasMessage(
            "Column 'age' has '1,5', but must have a finite number, or nothing where it is not"
                + " known. Write decimal numbers with a point.");
    assertThatThrownBy(() -> columns.of(cells("old;a;")))
        .hasMessageEndingWith("Correct it, or name the column under data.categories.");
  }

  @Test
  void namesOfRows_areNoCategories() {
    String[] rows = new String[Columns.MOST_VALUES + 1];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = i + ";n" + i + ";";
    }
    assertThatThrownBy(() -> fit(rows))
        .hasMessage(
            "Column 'work' has 1001 different values in the training rows, more than the 1000 that a"
                + " category may have. Leave it out (data.ignore), or name it under data.numbers.");
  }
}
