package io.ranbiki.teacher;

import java.util.Arrays;

/**
 * Where the answer to each (sample id, view) is: a hash table of plain numbers, since a map of
 * objects would take ten times the memory of the answers themselves. Grows; forgets by {@link
 * #NONE}.
 */
final class RowIndex {

  static final int NONE = -1;
  private static final int FREE = -2;

  private long[] ids = new long[1024];
  private int[] views = new int[1024];
  private int[] rows = filled(1024);
  private int used;

  /** The row, or {@link #NONE}. */
  int get(long id, int view) {
    return Math.max(NONE, rows[place(id, view)]);
  }

  void put(long id, int view, int row) {
    int place = place(id, view);
    if (rows[place] == FREE) {
      ids[place] = id;
      views[place] = view;
      used++;
    }
    rows[place] = row;
    if (used > rows.length / 2) {
      grow();
    }
  }

  /** How many pairs have a row. */
  int size() {
    int size = 0;
    for (int row : rows) {
      size += row >= 0 ? 1 : 0;
    }
    return size;
  }

  /** Forgets every row from {@code start} up to {@code end}. */
  void forget(int start, int end) {
    for (int place = 0; place < rows.length; place++) {
      if (rows[place] >= start && rows[place] < end) {
        rows[place] = NONE;
      }
    }
  }

  private int place(long id, int view) {
    long mixed = (id * 0x9E3779B97F4A7C15L) ^ (view * 0xC2B2AE3D27D4EB4FL);
    mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8FEB86659FD93L;
    int place = (int) (mixed >>> 32) & (rows.length - 1);
    while (rows[place] != FREE && (ids[place] != id || views[place] != view)) {
      place = (place + 1) & (rows.length - 1);
    }
    return place;
  }

  private void grow() {
    long[] oldIds = ids;
    int[] oldViews = views;
    int[] oldRows = rows;
    ids = new long[2 * oldRows.length];
    views = new int[2 * oldRows.length];
    rows = filled(2 * oldRows.length);
    for (int i = 0; i < oldRows.length; i++) {
      if (oldRows[i] != FREE) {
        int place = place(oldIds[i], oldViews[i]);
        ids[place] = oldIds[i];
        views[place] = oldViews[i];
        rows[place] = oldRows[i];
      }
    }
  }

  private static int[] filled(int length) {
    int[] rows = new int[length];
    Arrays.fill(rows, FREE);
    return rows;
  }
}
