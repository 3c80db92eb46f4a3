package io.ranbiki.run;

import io.ranbiki.tensor.Engine;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;

/**
 * The process that {@link StepTrial} starts: reads a {@link TriedStep} from its input, carries it
 * out, and says that it lives on. How the step ended otherwise is not its business: whatever is
 * thrown here, the run meets and reports as well.
 */
final class StepProcess {

  static final String BEGUN = "ranbiki: a step begins";
  static final String ENDED = "ranbiki: the step ended";

  private StepProcess() {}

  /** Takes no arguments. */
  public static void main(String[] arguments) throws IOException, ClassNotFoundException {
    Engine.start(); // while the other process still reads data
    ObjectInputStream in = new ObjectInputStream(System.in);
    TriedStep step = (TriedStep) in.readObject();
    endWithTheOther(in);
    System.out.println(BEGUN);
    try {
      step.carryOut();
    } catch (Exception | Error e) {
      System.out.println(e);
    }
    System.out.println(ENDED);
    System.exit(0); // whatever threads a term of a user's own left behind
  }

  /** The input ends when the process that started this one ends, in whatever way. */
  private static void endWithTheOther(InputStream in) {
    Thread watch =
        new Thread(
            () -> {
              try {
                while (in.read() >= 0) {}
              } catch (IOException e) {
                // It ended as well.
              }
              Engine.exitNow(1);
            },
            "end with the other process");
    watch.setDaemon(true);
    watch.start();
  }
}
