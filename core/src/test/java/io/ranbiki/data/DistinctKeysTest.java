package io.ranbiki.data;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DistinctKeysTest {

  private static void requireDistinct(List<String> keys) {
    DistinctKeys distinct = new DistinctKeys("rows.csv", false);
    for (int row = 0; row < keys.size(); row++) {
      distinct.add(keys.get(row), row + 1);
    }
    distinct.requireDistinct(keys::get, row -> row + 1);
  }

  private static List<String> numbered(int count) {
    return IntStream.range(0, count).mapToObj(i -> "row " + i).toList();
  }

  @Test
  void manyDifferentKeys_pass() {
    requireDistinct(List.of());
    requireDistinct(numbered(50_000));
  }

  @Test
  void firstRowWithTheKeyOfAnother_isNamed() {
    List<String> keys = new ArrayList<>(numbered(50_000));
    keys.set(49_999, "row 7");
    keys.set(31_000, "row 20000");
    keys.set(40_000, "row 20000");
    Refusal.ofConfiguration(
        () -> requireDistinct(keys),
        "Row 31001 of rows.csv has the key 'row 20000', which row 20001 has, too, but every row must"
            + " have a key of its own. Repair the file, or name another column (data.key).");
  }

  @Test
  void emptyKey_isNamed() {
    Refusal.ofConfiguration(
        () -> requireDistinct(List.of("a", "")),
        "Row 2 of rows.csv has no key, but every row must");
  }
}
