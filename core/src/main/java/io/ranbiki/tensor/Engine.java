package io.ranbiki.tensor;

import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.StringSupplier;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Loads libtorch once, with settings that were measured: without them small networks train up to
 * ten times slower (threads of two libraries fight for the same cores) and every allocation reads
 * the memory use of the process from the operating system.
 *
 * <p>Environment variables that the user set ({@code OMP_WAIT_POLICY}, {@code GOMP_SPINCOUNT},
 * {@code OPENBLAS_CORETYPE}, {@code MALLOC_MMAP_THRESHOLD_}, {@code MALLOC_TRIM_THRESHOLD_}) are
 * left alone.
 */
public final class Engine {

  /**
   * How long an idle worker thread of libtorch spins before it sleeps. The default of libgomp is so
   * long that any busy neighbour makes training 20 to 100 times slower. Shorter is safer beside
   * neighbours, longer is a little faster without: a small student on two cores beside one busy
   * process was trained at 1,400 images/s with 20,000, at 2,900 with 2,000; without neighbours at
   * 13,200 and 12,800.
   */
  private static final String SPIN_COUNT = "2000";

  /**
   * Up to which size glibc takes memory from what was freed before, how much of that it keeps, and
   * by how much it grows, in bytes. With its defaults every output of a layer is taken from the
   * operating system and given back: training a teacher on images and evaluating it then spent more
   * than half of its time on 3.6 million page faults, with these 0.3 million.
   */
  private static final Map<Integer, Integer> ALLOCATOR =
      Map.of(
          Allocator.MMAP_THRESHOLD,
          1 << 30,
          Allocator.TRIM_THRESHOLD,
          1 << 29,
          Allocator.TOP_PAD,
          1 << 24,
          // Else freeing a layer's output gathers all small pieces that are free: 16,200 images/s
          // of a small student were 17,000 without, means of eight runs each in turn.
          Allocator.LARGEST_IN_FAST_BINS,
          0);

  private static boolean started;
  private static @Nullable RanbikiException failure;
  private static volatile Symbols.@Nullable Exit exit;
  private static @Nullable StringSupplier noStackTrace; // libtorch keeps only a weak hold of it

  private Engine() {}

  /** Loads libtorch if that has not happened yet; every entrance of this room calls it. */
  public static synchronized void start() {
    if (started) {
      return;
    }
    if (System.getProperty("org.bytedeco.javacpp.logger") == null) {
      System.setProperty("org.bytedeco.javacpp.logger", "slf4j"); // not the terminal
    }
    System.setProperty("org.bytedeco.javacpp.maxphysicalbytes", "0");
    System.setProperty("org.bytedeco.javacpp.maxbytes", "0");
    unpackLibraries();
    load(openblas.class); // before libgomp and libtorch, which read the environment once
    exit = Symbols.exit();
    if (System.getenv("MALLOC_MMAP_THRESHOLD_") == null
        && System.getenv("MALLOC_TRIM_THRESHOLD_") == null) {
      ALLOCATOR.forEach(Symbols::setAllocator);
    }
    if (System.getenv("GOMP_SPINCOUNT") == null && System.getenv("OMP_WAIT_POLICY") == null) {
      Symbols.setEnvironment("GOMP_SPINCOUNT", SPIN_COUNT);
    }
    chooseBlasKernels();
    Symbols.call("openblas_set_num_threads", 1); // libtorch's own threads do the parallel work
    load(torch.class);
    // On processors that it does not know, NNPACK prints a warning at every small convolution.
    torch.globalContext().setUserEnabledNNPACK(false);
    noStackTrace = new NoStackTrace();
    torch.SetStackTraceFetcher(noStackTrace);
    started = true;
  }

  /** Lets JavaCPP find the libraries in our folder, and keeps it from unpacking them itself. */
  private static void unpackLibraries() {
    String platform = Loader.Detector.getPlatform();
    String binding = System.mapLibraryName("jnitorch");
    ClassLoader loader = Engine.class.getClassLoader();
    String gpu = "org/bytedeco/pytorch/" + platform + "-gpu/" + binding;
    String torch =
        loader.getResource(gpu) != null ? gpu : "org/bytedeco/pytorch/" + platform + "/" + binding;
    NativeLibraries.unpack(
            "libtorch-" + version(),
            loader,
            List.of(
                "org/bytedeco/javacpp/" + platform + "/" + System.mapLibraryName("jnijavacpp"),
                "org/bytedeco/openblas/" + platform + "/" + System.mapLibraryName("jniopenblas"),
                torch))
        .ifPresent(Engine::loadFrom);
  }

  private static void loadFrom(Path folder) {
    setUnlessSet("org.bytedeco.javacpp.pathsFirst", "true");
    setUnlessSet("org.bytedeco.javacpp.platform.linkpath", folder.toString());
    setUnlessSet("org.bytedeco.javacpp.cacheLibraries", "false");
    setUnlessSet("org.bytedeco.javacpp.canCreateSymbolicLink", "false");
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  @SuppressWarnings("StaticAssignmentOfThrowable") // the first failure is the one that says why
  private static void load(Class<?> binding) {
    if (failure != null) {
      throw failure; // a class that failed to load once says nothing the second time
    }
    try {
      Loader.load(binding);
    } catch (LinkageError e) {
      Throwable cause = e; // the deepest one is what the system's loader said
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      failure =
          new RanbikiException(
              RanbikiException.Kind.IO,
              "The native libraries cannot be loaded: "
                  + Native.sentence(cause.getMessage())
                  + ". If their disk does not allow programs: "
                  + NativeLibraries.HOW_TO_CHOOSE,
              e);
      throw failure;
    }
  }

  /** Somebody who loads libtorch meanwhile. */
  public interface Loading extends AutoCloseable {

    /** Waits until it is loaded: a process must not end while its libraries load. */
    @Override
    void close();
  }

  /**
   * Begins to load libtorch on a thread of its own, which takes a second or two; the first call
   * into this room waits for it, and throws what went wrong.
   */
  public static Loading startMeanwhile() {
    FutureTask<Void> task = new FutureTask<>(Engine::start, null);
    new Thread(task, "load libtorch").start();
    return () -> {
      try {
        task.get();
      } catch (ExecutionException e) {
        // The thread that needs libtorch loads it again, and its error is the one to be seen.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  /** OpenBLAS does not know every processor that has AVX-512, and then takes slower kernels. */
  private static void chooseBlasKernels() {
    Path processors = Path.of("/proc/cpuinfo");
    if (System.getenv("OPENBLAS_CORETYPE") != null || !Files.isReadable(processors)) {
      return;
    }
    try {
      if (Files.readString(processors).contains("avx512bw")) {
        Symbols.setEnvironment("OPENBLAS_CORETYPE", "SKYLAKEX");
        Symbols.call("openblas_read_env", 0);
        Symbols.call("gotoblas_dynamic_quit", 0);
        Symbols.call("gotoblas_dynamic_init", 0);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + processors, e);
    }
  }

  /**
   * Sets how many threads one operation may use on this thread and on threads that start later.
   *
   * @param threads 1 or more; results are the same bits only for the same number
   * @throws OutOfMemoryError if the system does not grant so many
   */
  public static void setThreads(int threads) {
    if (threads < 1) {
      throw new TensorException("threads " + threads + " must be 1 or more");
    }
    Threads.require(threads);
    start();
    // A thread that never asked takes what was set last, by whichever thread, when it first asks.
    torch.get_num_threads();
    torch.set_num_threads(threads);
  }

  /**
   * Ends the process at once, whatever its threads do. Java's own ways run the destructors of
   * libtorch, which crash while a thread still computes.
   *
   * @param exitCode 0 to 255
   */
  public static void exitNow(int exitCode) {
    Symbols.Exit now = exit;
    if (now != null) {
      now.with(exitCode);
    }
    Runtime.getRuntime().halt(exitCode); // no destructor of libtorch is there yet
  }

  /** How many threads one operation may use on this thread. */
  public static int threads() {
    start();
    return torch.get_num_threads();
  }

  /** The version of libtorch. */
  public static String version() {
    String version = torch.class.getPackage().getImplementationVersion();
    return version == null ? "unknown" : version;
  }

  /** Parameters of glibc's {@code mallopt}, from its header {@code malloc.h}. */
  private static final class Allocator {
    static final int LARGEST_IN_FAST_BINS = 1;
    static final int TRIM_THRESHOLD = -1;
    static final int TOP_PAD = -2;
    static final int MMAP_THRESHOLD = -3;
  }

  /** Calls C functions that the binding does not offer, through function pointers that it does. */
  private static final class Symbols {

    static void setEnvironment(String name, String value) {
      Pointer function = Loader.addressof("setenv");
      if (function == null) {
        return; // Windows: libgomp is not used there
      }
      try (PointerPointer<Pointer> cell = new PointerPointer<>(2);
          BytePointer nameBytes = new BytePointer(name);
          BytePointer valueBytes = new BytePointer(value)) {
        cell.put(0, function).put(1, (Pointer) null);
        new ThreePointers(cell)
            .call(
                new FloatPointer(nameBytes),
                new FloatPointer(valueBytes),
                new FloatPointer(nameBytes));
      }
    }

    /** Calls {@code mallopt(parameter, value)}, which only glibc has. */
    static void setAllocator(int parameter, int value) {
      Pointer function = Loader.addressof("mallopt");
      if (function == null) {
        return;
      }
      try (PointerPointer<Pointer> cell = new PointerPointer<>(2)) {
        cell.put(0, function).put(1, (Pointer) null);
        new ThreePointers(cell)
            .call(new IntAsPointer(parameter), new IntAsPointer(value), new IntAsPointer(0));
      }
    }

    /** Ready before libtorch loads: the system's loader answers nobody while it loads a library. */
    static @Nullable Exit exit() {
      Pointer function = Loader.addressof("_exit");
      Pointer harmless = Loader.addressof("getpid");
      if (function == null || harmless == null) {
        return null; // Windows
      }
      new ThreePointers(new PointerPointer<>(2).put(0, harmless).put(1, (Pointer) null))
          .call(new IntAsPointer(0), new IntAsPointer(0), new IntAsPointer(0));
      return new Exit(
          new ThreePointers(new PointerPointer<>(2).put(0, function).put(1, (Pointer) null)));
    }

    /** C's {@code _exit}, which runs nothing before it ends the process. */
    record Exit(ThreePointers function) {
      void with(int code) {
        function.call(new IntAsPointer(code), new IntAsPointer(0), new IntAsPointer(0));
      }
    }

    static void call(String symbol, int argument) {
      Pointer function = Loader.addressof(symbol);
      if (function != null) {
        try (OneInt trampoline = new OneInt(function)) {
          trampoline.call(argument);
        }
      }
    }

    private static final class OneInt extends openblas_nolapack.MklSetNumThreadsLocal {
      OneInt(Pointer function) {
        super();
        put(function);
      }
    }

    /** A number where a trampoline takes an address: both travel in the same register. */
    private static final class IntAsPointer extends FloatPointer {
      IntAsPointer(int value) {
        super();
        address = value;
      }
    }

    private static final class ThreePointers extends openblas.LAPACK_S_SELECT3 {
      ThreePointers(Pointer cell) {
        super(cell);
      }
    }
  }

  /** Errors are reported without native frames; collecting them took 4 ms an error. */
  private static final class NoStackTrace extends StringSupplier {
    private final BytePointer empty = new BytePointer("");

    NoStackTrace() {
      super();
    }

    @Override
    public BytePointer call() {
      return empty;
    }
  }
}
