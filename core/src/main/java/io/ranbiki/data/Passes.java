package io.ranbiki.data;

/**
 * An endless sequence of passes over the numbers 0 to {@code size - 1}, each pass in an order of
 * its own.
 *
 * <p>With blocks, which are for samples that memory cannot hold, the blocks of neighbours come in
 * random order, and those of {@value #BLOCKS_OF_WINDOW} that follow each other are shuffled into
 * one another: of the disk, whole blocks are read, and all samples of a window are in memory.
 *
 * @param stream tells sequences with the same seed apart
 * @param block how many neighbours stay together; 1 to take all orders alike
 */
record Passes(long stream, long seed, int size, int block) {

  /** Enough that a batch holds samples of everywhere. */
  private static final int BLOCKS_OF_WINDOW = 64;

  /** The numbers at the places from {@code from} on. */
  int[] draw(long from, int count) {
    if (from % size == 0 && count == size) {
      return pass(from / size); // the usual case, without a second array
    }
    int[] drawn = new int[count];
    int done = 0;
    while (done < count) {
      long place = from + done;
      int[] pass = pass(place / size);
      int start = (int) (place % size);
      int length = Math.min(size - start, count - done);
      System.arraycopy(pass, start, drawn, done, length);
      done += length;
    }
    return drawn;
  }

  /** One of the passes, from 0. */
  int[] pass(long number) {
    SplitMix random = new SplitMix(stream, seed, number);
    if (block == 1) {
      return random.permutation(size);
    }
    int[] pass = new int[size];
    int done = 0;
    int window = 0;
    int[] blocks = random.permutation((size - 1) / block + 1);
    for (int i = 0; i < blocks.length; i++) {
      int first = blocks[i] * block;
      int length = Math.min(block, size - first);
      for (int j = 0; j < length; j++) {
        pass[done++] = first + j;
      }
      if ((i + 1) % BLOCKS_OF_WINDOW == 0 || i == blocks.length - 1) {
        random.shuffle(pass, window, done);
        window = done;
      }
    }
    return pass;
  }
}
