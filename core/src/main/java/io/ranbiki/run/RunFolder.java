package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.config.Words;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.file.ProcessLock;
import io.ranbiki.file.Reasons;
import io.ranbiki.train.Checkpoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder in which a run keeps everything. Nothing that exists is overwritten: a new run needs a
 * folder that is new or empty.
 *
 * @param path the folder
 * @param metrics one line an epoch, and every n steps
 */
public record RunFolder(Path path, Path metrics) {

  private static final Path RUNS = Path.of("runs");
  private static final String LOCK = ".lock";
  private static final String METRICS = "metrics.jsonl";

  /** Files that earlier versions were writing; the last is how they tried the folder. */
  private static final Pattern TEMPORARY =
      Pattern.compile("\\.(config\\.yaml|[a-z]+\\.(json|jsonl|html))\\.tmp|\\.writable");

  /** A folder. */
  public RunFolder(Path path) {
    this(path, path.resolve(METRICS));
  }

  /** The same for a training that keeps its metrics apart. */
  RunFolder withMetricsIn(Path other) {
    return new RunFolder(path, other.resolve(METRICS));
  }

  /**
   * The folder of a run that no {@code --run-dir} was given for: {@code runs/<name>}.
   *
   * @param name letters, digits, {@code .}, {@code _} and {@code -}, beginning with a letter or
   *     digit
   */
  public static Path named(String name) {
    if (!name.matches("[\\p{L}\\p{Nd}][\\p{L}\\p{Nd}._-]{0,99}")) {
      throw RanbikiException.configuration(
          "The name '%s' cannot name a folder; use up to 100 letters, digits, '.', '_' and '-',"
              + " beginning with a letter or digit.",
          Words.shorten(name));
    }
    try {
      return RUNS.resolve(name);
    } catch (InvalidPathException e) {
      throw RanbikiException.configuration(
          "The name '%s' cannot name a folder under this locale; start with LC_ALL=C.UTF-8, or choose"
              + " another name.",
          name);
    }
  }

  /**
   * The folder of a run that is to be new: {@code runs/<name>}, or where that holds something,
   * {@code runs/<name>-2} and so on. Nothing is made.
   *
   * @param name as for {@link #named}
   */
  public static Path free(String name) {
    return free(named(name));
  }

  static Path free(Path first) {
    Path folder = first;
    for (int number = 2; new RunFolder(folder).isTaken(); number++) {
      folder = first.resolveSibling(first.getFileName() + "-" + number);
    }
    return folder;
  }

  /** Whether it holds files, or a process has it that has written none yet. */
  private boolean isTaken() {
    try {
      Path lock = path.resolve(LOCK);
      if (!Files.exists(path) || Files.isDirectory(path) && isEmpty() && !Files.exists(lock)) {
        return false;
      }
      if (!Files.isDirectory(path) || !isEmpty()) {
        return true;
      }
      Optional<ProcessLock> mine = ProcessLock.take(lock);
      if (mine.isPresent()) {
        mine.get().close();
      }
      return mine.isEmpty();
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  /**
   * Checks the folder of a new run, which is made as soon as the run has it. What a start leaves
   * that was killed before it began counts as nothing.
   *
   * @throws RanbikiException of kind io if it holds files already, belongs to a process that runs,
   *     or cannot be made or written
   */
  public static RunFolder create(Path folder) {
    RunFolder run = new RunFolder(folder);
    try {
      if (Files.isDirectory(folder) && !run.isEmpty()) {
        if (Files.exists(folder.resolve(LOCK))) {
          run.lock().close(); // whose it is says more than that there are files
        }
        throw RanbikiException.io(
            "The run folder '%s' already holds files; choose another with --run-dir, or resume the"
                + " run that is there.",
            folder);
      }
      run.lock().close();
      return run;
    } catch (IOException e) {
      throw run.unwritable(e);
    }
  }

  /** Opens the folder of a run that is there. */
  public static RunFolder open(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw RanbikiException.io("There is no run folder '%s'; check the path.", folder);
    }
    return new RunFolder(folder);
  }

  /**
   * Takes the folder for this process, and makes it if it is not there; until that is closed,
   * nobody else may write here. What was made and is still empty then, is removed.
   *
   * @throws RanbikiException of kind io if another process has it, which is named, or if the folder
   *     cannot be written
   */
  Held lock() {
    Path file = path.resolve(LOCK);
    List<Path> made = missing();
    try {
      Files.createDirectories(path);
      Optional<ProcessLock> lock = ProcessLock.take(file);
      if (lock.isPresent()) {
        return new Held(this, lock.get(), made);
      }
    } catch (IOException e) {
      throw unwritable(e);
    }
    throw RanbikiException.io(
        "The run folder '%s' is in use by %s. Wait until that process ends, or choose another"
            + " folder.",
        path, ProcessLock.holder(file));
  }

  /** The folders that are not there up to this one, the innermost first. */
  private List<Path> missing() {
    List<Path> missing = new ArrayList<>();
    for (Path at = path; at != null && !Files.exists(at); at = at.getParent()) {
      missing.add(at);
    }
    return missing;
  }

  /**
   * The right to write to a run folder.
   *
   * @param made folders that were made for it, the innermost first
   */
  record Held(RunFolder folder, ProcessLock lock, List<Path> made) implements AutoCloseable {

    /** Gives the folder back. */
    @Override
    public void close() {
      try {
        lock.close();
        for (Path empty : made) {
          Files.deleteIfExists(empty);
        }
      } catch (DirectoryNotEmptyException e) {
        // something was written
      } catch (IOException e) {
        throw folder.unwritable(e);
      }
    }
  }

  /** Makes a folder, unless it is there. */
  public static void makeFolder(@Nullable Path folder) {
    if (folder != null) {
      try {
        Files.createDirectories(folder);
      } catch (IOException e) {
        throw new RanbikiException(
            Kind.IO, "Cannot make the folder '" + folder + "': " + Reasons.naming(e) + ".", e);
      }
    }
  }

  /** Removes what processes left that were killed while they wrote; the folder must be locked. */
  void removeLeftovers() {
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.filter(RunFolder::isLeftover).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw unwritable(e);
    } catch (UncheckedIOException e) {
      throw unwritable(Objects.requireNonNull(e.getCause()));
    }
  }

  private RanbikiException unwritable(IOException e) {
    return new RanbikiException(
        Kind.IO,
        "Cannot write the run folder '"
            + path
            + "': "
            + Reasons.naming(e)
            + (Files.exists(config())
                ? "; make it writable, or go on in a copy of it."
                : "; choose another with --run-dir."),
        e);
  }

  private boolean isEmpty() throws IOException {
    try (Stream<Path> entries = Files.list(path)) {
      return entries.allMatch(
          entry -> isLeftover(entry) || entry.getFileName().toString().equals(LOCK));
    }
  }

  private static boolean isLeftover(Path file) {
    String name = file.getFileName().toString();
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        && (AtomicFile.isTemporary(name)
            || Checkpoints.isUnfinished(name)
            || TEMPORARY.matcher(name).matches());
  }

  /** The resolved configuration, with every default written out. */
  public Path config() {
    return path.resolve("config.yaml");
  }

  /** The answers of teachers: beside the run folders, so that all runs share them. */
  public Path answers() {
    return path.toAbsolutePath().resolveSibling("answers");
  }

  /** Versions, processor, threads, seed, hashes. */
  public Path environment() {
    return path.resolve("environment.json");
  }

  /** What TensorBoard reads of one training. */
  public Path events(String stage, long seed) {
    return path.resolve("tensorboard")
        .resolve(stage + "-" + seed)
        .resolve("events.out.tfevents.0.ranbiki");
  }

  /** The last few states and the best. */
  public Path checkpoints() {
    return path.resolve("checkpoints");
  }

  /** The student. */
  public Path model() {
    return path.resolve("model");
  }

  /** A model that was trained on the way to the student, such as an assistant. */
  public Path stage(String stage, long seed) {
    return path.resolve("stages").resolve(stage + "-" + seed);
  }

  /**
   * What a model answered to the test samples.
   *
   * @param role of the model, such as {@code student}
   */
  public Path predictions(String role, long seed) {
    return evaluation().resolve(role + "-" + seed + ".safetensors");
  }

  /** Predictions of every model and seed, and the pictures that show them. */
  public Path evaluation() {
    return path.resolve("evaluation");
  }

  /** What was found. */
  public Path result() {
    return path.resolve("result.json");
  }

  /** The page that shows it. */
  public Path report() {
    return path.resolve("report.html");
  }
}
