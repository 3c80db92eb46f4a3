package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Augmentations;
import io.ranbiki.data.Crop;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Digits;
import io.ranbiki.data.Flip;
import io.ranbiki.data.Noise;
import io.ranbiki.data.Rotation;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import java.nio.file.Path;
import java.util.List;

/** Labels the same data with the same teacher whenever it is started, in a process of its own. */
final class LabelProcess {

  static final int VIEWS = 2;
  static final Dataset DATA = Digits.dataset(2000, 2);
  static final StoreKey KEY =
      StoreKey.of(
          "teacher-hash",
          DATA.fingerprint(),
          new Normalization(new float[] {0.2f}, new float[] {0.3f}),
          new Augmentations(
              List.of(
                  new Crop(2),
                  new Flip(Flip.Direction.HORIZONTAL),
                  new Rotation(15),
                  new Noise(0.1))),
          11,
          10);

  private LabelProcess() {}

  static Model network() {
    return Model.create(ModelSpec.of("student-cnn", List.of(1, 28, 28), 10), 4);
  }

  public static void main(String[] arguments) {
    Labeller.Listener printing =
        new Labeller.Listener() {
          @Override
          public void starting(Path file, long missing, long stored, long bytes) {
            System.out.println("missing " + missing);
          }

          @Override
          public void progress(long done, long missing) {
            System.out.println("done " + done);
          }
        };
    try (Model network = network();
        ModelTeacher teacher = new ModelTeacher(network, List.of())) {
      new Labeller(teacher, new Labeller.Options(50, VIEWS, 1), printing)
          .label(Path.of(arguments[0]), KEY, DATA);
      System.out.println("finished");
    } catch (RanbikiException e) {
      System.out.println(e.getMessage());
      System.exit(e.kind().exitCode());
    }
  }
}
