package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Dataset;
import io.ranbiki.teacher.Labeller;
import io.ranbiki.teacher.StoreKey;
import io.ranbiki.teacher.StoredTeacher;
import io.ranbiki.teacher.Teacher;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The folder of stored answers of all runs: opens what is there, and asks for what is missing. */
final class AnswerStores {

  private final String who;
  private final Path folder;
  private final int readers;
  private final RunListener listener;
  private final BooleanSupplier stop;

  /**
   * A folder, which need not be there yet.
   *
   * @param who answers, in messages
   * @param folder of all stores
   * @param readers threads that read samples
   * @param stop asked after every batch of answers: whether to stop labelling
   */
  AnswerStores(String who, Path folder, int readers, RunListener listener, BooleanSupplier stop) {
    this.who = who;
    this.folder = folder;
    this.readers = readers;
    this.listener = listener;
    this.stop = stop;
  }

  /** Where answers lie, or will. */
  Path file(StoreKey key) {
    return folder.resolve(key.fileName());
  }

  /** Answers that are there; the caller closes them. */
  Teacher open(StoreKey key) {
    return StoredTeacher.open(file(key), key);
  }

  /**
   * How many bytes the missing answers take.
   *
   * @throws RanbikiException if a file cannot be used
   */
  long growth(Teacher teacher, StoreKey key, Dataset samples, int views) {
    Labeller.Options options = Labeller.Options.views(views, key.precision());
    return new Labeller(teacher, options, Labeller.Listener.NONE).growth(file(key), key, samples);
  }

  /**
   * Checks that the disk takes more answers.
   *
   * @throws RanbikiException if it does not
   */
  void requireSpace(long bytes, long answers) {
    Labeller.requireSpace(folder, bytes, answers);
  }

  /**
   * Asks for what is not there yet.
   *
   * @param what in messages, such as "answers"
   * @param teacher is closed
   * @param before of the same answers, had they been taken for another kind; empty if they are of
   *     the kind that the teacher's files say
   * @throws RanbikiException if it was asked to stop; what was answered is kept
   */
  Labeller.Outcome store(
      String what,
      Teacher teacher,
      StoreKey key,
      Optional<StoreKey> before,
      Dataset samples,
      int views) {
    Labeller.Options options = Labeller.Options.views(views, key.precision()).withThreads(readers);
    try (Teacher asked = teacher) {
      return new Labeller(asked, options, new Notes(what, key, before))
          .label(file(key), key, samples);
    } finally {
      if (stop.getAsBoolean()) {
        Thread.interrupted(); // it was our own sign to the labeller
      }
    }
  }

  /** Passes on what the labeller tells. */
  private final class Notes implements Labeller.Listener {

    private final String what;
    private final StoreKey key;
    private final Optional<Path> takenForLogits;
    private long told;
    private boolean waits;

    Notes(String what, StoreKey key, Optional<StoreKey> before) {
      this.what = what;
      this.key = key;
      this.takenForLogits = before.map(AnswerStores.this::file).filter(Files::exists);
    }

    @Override
    public void starting(Path file, long missing, long stored, long bytes) {
      takenForLogits.ifPresent(
          old ->
              listener.note(
                  String.format(
                      Locale.ROOT,
                      "The %s in %s are probabilities that were taken for logits, and the teacher"
                          + " is asked again; remove that file unless a run says teacher.kind:"
                          + " logits.",
                      what,
                      old)));
      Path earlier = folder.resolve(key.key().earlierName());
      if (Files.exists(earlier)) {
        listener.note(
            String.format(
                Locale.ROOT,
                "The %s in %s are in a format of an earlier version, and the teacher is asked"
                    + " again; remove that file.",
                what,
                earlier));
      }
      listener.note(
          String.format(
              Locale.ROOT,
              "Asking the %s for %,d %s (%,d are stored); they take %,d kB in %s.",
              who,
              missing,
              what,
              stored,
              bytes / 1000,
              file));
      listener.labellingStarted(who, missing);
    }

    @Override
    public void progress(long done, long missing) {
      listener.labelled(done - told);
      told = done;
      passOnStop();
    }

    @Override
    public void waiting(Path file) {
      if (!waits) {
        waits = true;
        listener.note("Waiting for another run that writes the " + what + " to " + file + ".");
      }
      passOnStop();
    }

    private void passOnStop() {
      if (stop.getAsBoolean()) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void note(String sentence) {
      listener.note(sentence);
    }
  }
}
