package io.ranbiki.data;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Values;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Samples in memory: rows of numbers in a few large arrays, others one by one. */
final class MemorySink extends SampleSink {

  private static final int NUMBERS_OF_BLOCK = 1 << 20;

  /** Bytes. With less, Java collects garbage for seconds before it says that there is none. */
  private static final int ROOM_TO_READ = 16 << 20;

  private List<Field> fields = List.of();
  private List<String> cellNames = List.of();
  private String source = "";

  /** The features of so many rows each; to let one array grow would take it twice at the end. */
  private final List<float[]> blocks = new ArrayList<>();

  private int rowsInBlock;
  private int used;
  private final List<String> texts = new ArrayList<>();
  private final List<String[]> cells = new ArrayList<>();

  private final Map<String, String> distinct = new HashMap<>(); // so that equal cells are one

  private final List<String> keys = new ArrayList<>();
  private int rows;
  private int[] lines = new int[0];

  @Override
  void begin(List<Field> ofSamples, List<String> names, String file) {
    fields = ofSamples;
    cellNames = names;
    source = file;
  }

  @Override
  void add(String key, Values... sample) {
    if (!key.isEmpty()) {
      keys.add(key);
    }
    if (sample[0] instanceof Values.Text text) {
      texts.add(text.value());
    } else if (sample[0] instanceof Values.Pair pair) {
      texts.add(pair.first());
      texts.add(pair.second());
    } else if (sample[0] instanceof Values.Cells row) {
      String[] data = row.data().clone();
      for (int i = 0; i < data.length; i++) {
        data[i] = distinct.computeIfAbsent(data[i], one -> one);
      }
      cells.add(data);
    } else if (sample[0] instanceof Values.Floats row) {
      add(row.data());
    }
    rows++;
  }

  private void add(float[] row) {
    if (blocks.isEmpty() || used == rowsInBlock * row.length) {
      if (blocks.isEmpty()) {
        rowsInBlock = Math.max(1, NUMBERS_OF_BLOCK / row.length);
      }
      Memory.requireHeap(
          RanbikiException.Kind.CONFIGURATION,
          (double) Float.BYTES * rowsInBlock * row.length + ROOM_TO_READ,
          "Reading " + source + " behind row " + rows,
          "Keep the samples on disk (ranbiki pack), use fewer rows or columns");
      blocks.add(new float[rowsInBlock * row.length]);
      used = 0;
    }
    System.arraycopy(row, 0, blocks.get(blocks.size() - 1), used, row.length);
    used += row.length;
  }

  @Override
  void line(int number) {
    if (rows == lines.length) {
      lines = Arrays.copyOf(lines, Math.max(1024, rows + (rows >> 1)));
    }
    lines[rows] = number;
  }

  @Override
  String key(int index) {
    return keys.get(index);
  }

  @Override
  int lineOf(int index) {
    return lines[index];
  }

  @Override
  Dataset finish(Truth truth) {
    Dataset samples =
        switch (fields.get(0).kind()) {
          case TEXT -> InMemory.texts(texts, fields.get(0).shape().isEmpty() ? 1 : 2, truth);
          case CELLS -> InMemory.cells(cellNames, cells, truth);
          default -> InMemory.rows(blocks, rowsInBlock, fields.get(0).shape().get(0), truth);
        };
    Placed numbered =
        lines.length == 0
            ? Placed.numbered(samples, "row", index -> index + 1, source)
            : Placed.numbered(samples, "line", this::lineOf, source);
    return keys.isEmpty() ? numbered : new Placed(samples, numbered.places(), keys::get);
  }
}
