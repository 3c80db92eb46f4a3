package io.ranbiki.evaluate;

import io.ranbiki.result.Cost;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/**
 * How long calls take. Models take turns, block by block, so that whatever else the machine does
 * meets all of them alike.
 */
public final class Latency {

  /** The medians of both halves may differ by so many times; else the machine was busy. */
  private static final double QUIET = 1.1;

  private static final int BLOCK = 50;

  /** Turns that a model has at least, however fast it is. */
  private static final int TURNS = 40;

  /** A slow model warms up for this part of the longest time at most. */
  private static final int WARM_UP_SHARE = 10;

  private static final int SIGNIFICANT_DIGITS = 3;
  private static final double NANOS_OF_MILLI = 1e6;

  private Latency() {}

  /**
   * How long is measured.
   *
   * @param warmUpCalls of each model that do not count, at least
   * @param warmUp how long these take, at least
   * @param calls of each model, at least
   * @param each how long these take, at least
   * @param most after which the measurement ends in any case, all models together
   */
  public record Protocol(
      int warmUpCalls, Duration warmUp, int calls, Duration each, Duration most) {

    /** While somebody waits for a look at a model. */
    public static final Protocol GLANCE =
        new Protocol(20, Duration.ZERO, 100, Duration.ZERO, Duration.ofSeconds(5));

    /** At the end of a run. */
    public static final Protocol SHORT =
        new Protocol(
            50, Duration.ofMillis(100), 100, Duration.ofMillis(500), Duration.ofSeconds(5));

    /** Where the times are what is asked for: enough calls to say what 99 in 100 take. */
    public static final Protocol WHOLE =
        new Protocol(
            50, Duration.ofMillis(500), 1_000, Duration.ofSeconds(2), Duration.ofSeconds(20));
  }

  /**
   * Something that is called over and over.
   *
   * @param engine what runs the model
   * @param threads that work on a call, as they are set already
   * @param batch samples of a call
   * @param call one call, until its answer is there
   */
  public record Subject(Cost.Engine engine, int threads, int batch, Runnable call) {}

  /**
   * Measures.
   *
   * @param nanoClock nanoseconds since some moment
   * @return one for each subject, in their order
   */
  public static List<Cost.Latency> of(
      List<Subject> subjects, Protocol protocol, LongSupplier nanoClock) {
    long end = nanoClock.getAsLong() + protocol.most().toNanos();
    List<Times> all = subjects.stream().map(subject -> new Times(subject, protocol, end)).toList();
    all.forEach(times -> times.warmUp(nanoClock));
    for (boolean missing = true; missing; ) {
      missing = false;
      for (Times times : all) {
        if (!times.isDone(nanoClock)) {
          times.block(nanoClock);
          missing = true;
        }
      }
    }
    return all.stream().map(Times::latency).toList();
  }

  /** The times of one subject, in the order of its calls. */
  private static final class Times {

    private final Subject subject;
    private final Protocol protocol;
    private final long end;
    private long[] nanos = new long[1024];
    private int calls;
    private long spent;

    Times(Subject subject, Protocol protocol, long end) {
      this.subject = subject;
      this.protocol = protocol;
      this.end = end;
    }

    void warmUp(LongSupplier clock) {
      long begun = clock.getAsLong();
      long enough = protocol.warmUp().toNanos();
      long now = begun;
      long longest = protocol.most().toNanos() / WARM_UP_SHARE;
      for (int i = 0;
          i == 0 || now - begun < longest && (i < protocol.warmUpCalls() || now - begun < enough);
          i++) {
        subject.call().run();
        now = clock.getAsLong();
      }
    }

    /** Two calls are there in any case, so that there are two halves. */
    boolean isDone(LongSupplier clock) {
      boolean enough = calls >= protocol.calls() && spent >= protocol.each().toNanos();
      return calls >= 2 && (enough || clock.getAsLong() >= end);
    }

    /** Enough calls that a slow and a fast model take turns for the same time. */
    void block(LongSupplier clock) {
      long turn = spent + protocol.each().toNanos() / TURNS;
      int last = calls + BLOCK;
      long now = clock.getAsLong();
      while (calls < 2 || now < end && (calls < last || spent < turn)) {
        subject.call().run();
        long then = clock.getAsLong();
        add(Math.max(1, then - now));
        now = then;
      }
    }

    private void add(long time) {
      if (calls == nanos.length) {
        nanos = Arrays.copyOf(nanos, 2 * calls);
      }
      nanos[calls++] = time;
      spent += time;
    }

    Cost.Latency latency() {
      Histogram first = histogram(0, calls / 2);
      Histogram second = histogram(calls / 2, calls);
      double[] medians = {first.getValueAtPercentile(50), second.getValueAtPercentile(50)};
      double[] late = {milliseconds(first, 95), milliseconds(second, 95)};
      Histogram whole = first.copy();
      whole.add(second);
      return new Cost.Latency(
          subject.engine(),
          subject.threads(),
          subject.batch(),
          calls,
          Arrays.stream(nanos, 0, calls).min().orElseThrow() / NANOS_OF_MILLI,
          milliseconds(whole, 50),
          milliseconds(whole, 95),
          milliseconds(whole, 99),
          Math.min(late[0], late[1]),
          Math.max(late[0], late[1]),
          Math.max(medians[0], medians[1]) > QUIET * Math.min(medians[0], medians[1]));
    }

    private Histogram histogram(int from, int to) {
      Histogram histogram = new Histogram(SIGNIFICANT_DIGITS);
      for (int i = from; i < to; i++) {
        histogram.recordValue(nanos[i]);
      }
      return histogram;
    }

    private static double milliseconds(Histogram histogram, double percentile) {
      return histogram.getValueAtPercentile(percentile) / NANOS_OF_MILLI;
    }
  }
}
