package io.ranbiki.prepare;

import java.util.Arrays;

/**
 * Changes the size of planes of bytes as Pillow's {@code Image.resize(size, BILINEAR)} does, to the
 * bit: a triangle as wide as the pixels that become one, so that nothing is skipped where a picture
 * shrinks; columns before rows; weights with 22 binary places; a byte after each pass.
 *
 * <p>Source: Pillow 12.3, {@code Resample.c}.
 */
final class Bilinear {

  private static final int PLACES = 22;
  private static final int HALF = 1 << (PLACES - 1);

  private Bilinear() {}

  /**
   * Some neighbouring numbers of a line in its new length.
   *
   * @param firsts for each of them, the first old number that it is made of
   * @param weights for each of them, the weights of the old numbers from there on
   */
  private record Weights(int[] firsts, int[][] weights) {

    /**
     * Computes them.
     *
     * @param before old length
     * @param after new length
     * @param from first of the new numbers that are wanted
     * @param count how many are wanted
     */
    static Weights of(int before, int after, int from, int count) {
      double scale = (double) before / after;
      double support = Math.max(scale, 1);
      int[] firsts = new int[count];
      int[][] weights = new int[count][];
      for (int i = 0; i < count; i++) {
        double centre = (from + i + 0.5) * scale;
        int first = Math.max(0, (int) (centre - support + 0.5));
        int end = Math.min(before, (int) (centre + support + 0.5));
        double[] shares = new double[end - first];
        double sum = 0;
        for (int j = 0; j < shares.length; j++) {
          double distance = Math.abs((first + j - centre + 0.5) * (1 / support));
          shares[j] = distance < 1 ? 1 - distance : 0;
          sum += shares[j];
        }
        firsts[i] = first;
        weights[i] = new int[shares.length];
        for (int j = 0; j < shares.length; j++) {
          weights[i][j] = (int) (0.5 + shares[j] / sum * (1 << PLACES));
        }
      }
      return new Weights(firsts, weights);
    }

    int firstRead() {
      return firsts[0];
    }

    int endRead() {
      int last = firsts.length - 1;
      return firsts[last] + weights[last].length;
    }
  }

  /**
   * A window of pictures of another size.
   *
   * @param planes {@code [channels, height, width]}
   * @param height of the new size
   * @param width of the new size
   * @param top of the window in the new size
   * @param left of the window in the new size
   * @param rows of the window
   * @param columns of the window
   * @return {@code [channels, rows, columns]}
   */
  static byte[] window(
      Values.Bytes planes, int height, int width, int top, int left, int rows, int columns) {
    int oldHeight = planes.shape()[1];
    int oldWidth = planes.shape()[2];
    Weights down = Weights.of(oldHeight, height, top, rows);
    Weights across = Weights.of(oldWidth, width, left, columns);
    int firstRow = down.firstRead();
    int readRows = down.endRead() - firstRow;
    byte[] narrowed = new byte[readRows * columns];
    byte[] result = new byte[planes.shape()[0] * rows * columns];
    for (int channel = 0; channel < planes.shape()[0]; channel++) {
      int plane = channel * oldHeight * oldWidth;
      for (int y = 0; y < readRows; y++) {
        narrow(planes.data(), plane + (firstRow + y) * oldWidth, across, narrowed, y * columns);
      }
      flatten(narrowed, firstRow, down, columns, result, channel * rows * columns);
    }
    return result;
  }

  private static void narrow(byte[] from, int offset, Weights across, byte[] to, int at) {
    for (int x = 0; x < across.firsts.length; x++) {
      int[] weights = across.weights[x];
      int first = offset + across.firsts[x];
      int sum = HALF;
      for (int i = 0; i < weights.length; i++) {
        sum += (from[first + i] & 0xff) * weights[i];
      }
      to[at + x] = (byte) clipped(sum);
    }
  }

  /** Row by row, so that memory is read in its order. */
  private static void flatten(
      byte[] from, int firstRow, Weights down, int columns, byte[] to, int at) {
    int[] sums = new int[columns];
    for (int y = 0; y < down.firsts.length; y++) {
      Arrays.fill(sums, HALF);
      int[] weights = down.weights[y];
      for (int i = 0; i < weights.length; i++) {
        int row = (down.firsts[y] - firstRow + i) * columns;
        int weight = weights[i];
        for (int x = 0; x < columns; x++) {
          sums[x] += (from[row + x] & 0xff) * weight;
        }
      }
      for (int x = 0; x < columns; x++) {
        to[at + y * columns + x] = (byte) clipped(sums[x]);
      }
    }
  }

  private static int clipped(int sum) {
    return Math.min(255, Math.max(0, sum >> PLACES));
  }
}
