package io.ranbiki;

import com.sun.management.OperatingSystemMXBean;
import io.ranbiki.RanbikiException.Kind;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much memory there is, asked before something large is made of what a file or a configuration
 * says. What is asked for must be the least that is needed: what is refused here would have failed
 * later, slower, and without a reason. Tensors lie outside Java's memory, so there are two limits.
 *
 * @param heap the most bytes that Java may use for objects, as {@code -Xmx} sets it
 * @param heapFree those of them that nothing uses
 * @param machine bytes of memory of this machine, or of the container that it runs in
 * @param machineFree those of them that a process may still have, with swap space
 */
public record Memory(long heap, long heapFree, long machine, long machineFree) {

  private static final double MEGABYTE = 1 << 20;
  private static final double GIGABYTE = 1 << 30;
  private static final Pattern LINE = Pattern.compile("^(\\w+):\\s+(\\d+) kB$", Pattern.MULTILINE);

  /** Memory outside Java's own that could not be had. */
  public static final class Exhausted extends OutOfMemoryError {
    /** Makes an error with the words of whoever asked for the memory. */
    public Exhausted(String message) {
      super(message);
    }
  }

  /** What there is at this moment. */
  public static Memory now() {
    Runtime java = Runtime.getRuntime();
    long machine =
        ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
            ? system.getTotalMemorySize()
            : Long.MAX_VALUE;
    return new Memory(java.maxMemory(), free(java), machine, free(machine));
  }

  private static long free(Runtime java) {
    return java.maxMemory() - java.totalMemory() + java.freeMemory();
  }

  /** Linux says what it could free; a container's limit counts what this process has. */
  private static long free(long machine) {
    long available = number(Path.of("/proc/meminfo"), "MemAvailable", machine);
    long swap = number(Path.of("/proc/meminfo"), "SwapFree", 0);
    long own = number(Path.of("/proc/self/status"), "VmRSS", 0);
    return Math.min(available, machine - own) + swap;
  }

  private static long number(Path file, String name, long otherwise) {
    if (!Files.isReadable(file)) {
      return otherwise;
    }
    try {
      Matcher lines = LINE.matcher(Files.readString(file));
      while (lines.find()) {
        if (lines.group(1).equals(name)) {
          return Long.parseLong(lines.group(2)) << 10;
        }
      }
      return otherwise;
    } catch (IOException e) {
      return otherwise;
    }
  }

  /**
   * Checks that Java has room for something.
   *
   * @param bytes the least that it takes
   * @param what takes it, to begin a sentence with
   * @param smaller what can be made smaller: a sentence without its full stop
   * @throws RanbikiException of this kind if there is less
   */
  public static void requireHeap(Kind kind, double bytes, String what, String smaller) {
    Runtime java = Runtime.getRuntime();
    if (bytes > free(java)) {
      System.gc(); // what nothing uses any more counts as used until it is collected
      now().requireHeapFor(kind, bytes, what, smaller);
    }
  }

  void requireHeapFor(Kind kind, double bytes, String what, String smaller) {
    if (bytes > heapFree) {
      throw new RanbikiException(
          kind,
          root(
              "%s needs %s of memory or more, but Java may use %s, of which %s are free. %s%s.",
              what,
              text(bytes),
              text(heap),
              text(heapFree),
              smaller,
              more(heap - heapFree + 1.25 * bytes)));
    }
  }

  /**
   * Checks that the machine has room for something outside Java's memory, such as tensors.
   *
   * @param bytes the least that it takes
   * @param what takes it, to begin a sentence with
   * @param smaller what can be made smaller: a sentence without its full stop
   * @throws RanbikiException of this kind if there is less
   */
  public static void requireMachine(Kind kind, double bytes, String what, String smaller) {
    if (bytes > 0) {
      now().requireMachineFor(kind, bytes, what, smaller);
    }
  }

  void requireMachineFor(Kind kind, double bytes, String what, String smaller) {
    if (bytes > machineFree) {
      throw new RanbikiException(
          kind,
          root(
              "%s needs %s of memory or more, but this machine has %s, of which %s are free. %s.",
              what, text(bytes), text(machine), text(machineFree), smaller));
    }
  }

  /**
   * Does some work; if memory runs out on the way, that is said in a sentence.
   *
   * @param doing what was being done, to go on after "while": {@code reading /data/train.csv}
   * @param smaller what can be made smaller: a sentence without its full stop
   */
  public static <T> T watch(Kind kind, String doing, String smaller, Supplier<T> work) {
    try {
      return work.get();
    } catch (OutOfMemoryError e) {
      throw ranOut(e, kind, doing, smaller);
    }
  }

  /** The sentence for memory that ran out, as {@link #watch} says it. */
  public static RanbikiException ranOut(
      OutOfMemoryError error, Kind kind, String doing, String smaller) {
    return new RanbikiException(kind, now().sentence(error, doing, smaller), error);
  }

  String sentence(OutOfMemoryError error, String doing, String smaller) {
    String reason = String.valueOf(error.getMessage());
    if (reason.contains("native thread")) {
      return root(
          "The system refused another thread while %s. Use fewer threads (train.threads).", doing);
    }
    if (error instanceof Exhausted) {
      return root(
          "Memory ran out while %s: %s, and this machine has %s, of which %s are free. %s.",
          doing, reason, text(machine), text(machineFree), smaller);
    }
    return root(
        "Java ran out of the %s of memory that it may use while %s. %s%s.",
        text(heap), doing, smaller, more(2.0 * heap));
  }

  /** How to raise Java's limit, where that could help. */
  private String more(double needed) {
    long gigabytes = (long) Math.ceil(needed / GIGABYTE);
    return needed > machine
        ? ""
        : root(", or give Java more: JAVA_OPTS=-Xmx%dg", Math.max(1, gigabytes));
  }

  /** A number of bytes for people: {@code 512 MB}, {@code 1.5 GB}. */
  public static String text(double bytes) {
    return bytes < GIGABYTE
        ? root("%.0f MB", bytes / MEGABYTE)
        : root("%,.1f GB", bytes / GIGABYTE);
  }

  private static String root(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
