package io.ranbiki.cli;

/**
 * Told how far a long task is. A task is begun, stepped and ended by one thread; tasks follow one
 * another and do not nest.
 */
interface Progress {

  /**
   * A task begins.
   *
   * @param label what is done, such as {@code epoch 1/10}
   * @param total number of units in all; 0 if nobody knows
   * @param unit what is counted, in the plural, such as {@code images}
   */
  void start(String label, long total, String unit);

  /** Another {@code n} units are done. */
  void step(long n);

  /** The task is over, also when it failed. */
  void done();

  /**
   * Prints lines of somebody else while a task may be open.
   *
   * @param print what prints them, whole and flushed
   */
  default void aside(Runnable print) {
    print.run();
  }

  /** Shows nothing. */
  static Progress none() {
    return new Progress() {
      @Override
      public void start(String label, long total, String unit) {}

      @Override
      public void step(long n) {}

      @Override
      public void done() {}
    };
  }
}
