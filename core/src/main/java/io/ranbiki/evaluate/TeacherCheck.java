package io.ranbiki.evaluate;

import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.model.Model;
import io.ranbiki.nn.Module;
import io.ranbiki.teacher.FiniteAnswers;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Whether the teacher is frozen, gives the same answer twice, and is not the student. */
final class TeacherCheck {

  private static final double SAME = 1e-4;
  private static final int NAMES_IN_MESSAGE = 3;

  private TeacherCheck() {}

  static Finding frozen(@Nullable Module network) {
    String check = "teacher frozen";
    if (network == null) {
      return Finding.ok(check, "The teacher is a file that is only asked.");
    }
    List<String> training = names(network.modules(), Module::isTraining);
    if (!training.isEmpty()) {
      return Finding.fault(
          check,
          "The teacher is in training mode (%s), so that dropout and batch statistics change its answers; call freeze() on it.",
          listed(training));
    }
    List<String> trainable = names(network.parameters(), Tensor::requiresGrad);
    return trainable.isEmpty()
        ? Finding.ok(
            check, "The teacher is in evaluation mode, and none of its parameters is trained.")
        : Finding.fault(
            check,
            "%d of the teacher's parameters can be trained (%s); call freeze() on it.",
            trainable.size(),
            listed(trainable));
  }

  /** The fault of an answer, as {@link FiniteAnswers} says it. */
  static Finding notFinite(String fault) {
    return Finding.fault(
        Finding.FINITE,
        "The teacher %s. Check its weights, that sample, and data.normalize.",
        fault);
  }

  /** Asks twice; what moved is put back. */
  static List<Finding> unmoved(
      Teacher teacher, @Nullable Module network, Batch batch, Dataset samples) {
    Map<String, Tensor> buffers = network == null ? Map.of() : buffers(network);
    Map<String, Tensor> before = new LinkedHashMap<>();
    buffers.forEach((name, buffer) -> before.put(name, buffer.copy()));
    Tensor once = teacher.signal(batch).logits();
    List<String> moved =
        buffers.keySet().stream()
            .filter(
                n ->
                    differs(
                        Objects.requireNonNull(buffers.get(n)),
                        Objects.requireNonNull(before.get(n))))
            .toList();
    Tensor twice = teacher.signal(batch).logits();
    moved.forEach(
        name ->
            Objects.requireNonNull(buffers.get(name))
                .copyFrom(Objects.requireNonNull(before.get(name))));
    String check = "batch statistics";
    Finding statistics =
        moved.isEmpty()
            ? Finding.ok(check, "A pass leaves the teacher as it was.")
            : Finding.fault(
                check,
                "A pass moves the teacher's batch statistics (%s), so that it becomes another teacher; put it into evaluation mode.",
                listed(moved));
    Optional<String> broken = FiniteAnswers.fault(once, batch, samples);
    return List.of(
        statistics, broken.isPresent() ? notFinite(broken.get()) : repeated(once, twice));
  }

  private static Finding repeated(Tensor once, Tensor twice) {
    String check = "same answer twice";
    float[] first = once.toFloats();
    float[] second = twice.toFloats();
    double difference = 0;
    double size = 1;
    for (int i = 0; i < first.length; i++) {
      if (Float.isFinite(first[i])) {
        size = Math.max(size, 1 + Math.abs(first[i]));
      }
      if (first[i] != second[i]) { // a masked class is -infinity both times
        difference = Math.max(difference, Math.abs(first[i] - second[i]));
      }
    }
    // Not <=, so that NaN is a fault.
    return !(difference <= SAME * size)
        ? Finding.fault(
            check,
            "The teacher answers the same batch differently the second time, by up to %.3g; switch off what is random in it, such as dropout.",
            difference)
        : Finding.ok(check, "The same batch gets the same answer.");
  }

  static Finding separate(@Nullable Module network, Model student) {
    String check = "two networks";
    if (network == null) {
      return Finding.ok(check, "Teacher and student are different networks.");
    }
    Module learner = student.module();
    Map<String, Tensor> taught = learner.parameters();
    List<Tensor> teaching = List.copyOf(network.state().values());
    List<String> shared =
        names(learner.state(), tensor -> teaching.stream().anyMatch(t -> t == tensor));
    if (network == learner || !shared.isEmpty()) {
      return Finding.fault(
          check,
          "Teacher and student are the same network, at least in %s, so that training changes the teacher; make a student of its own, or a copy().",
          listed(shared));
    }
    return equal(network.parameters(), taught)
        ? Finding.warning(
            check,
            "The student starts with exactly the teacher's weights, so that there is nothing to learn from its answers; check student.weights.")
        : Finding.ok(check, "Teacher and student are different networks.");
  }

  private static boolean equal(Map<String, Tensor> one, Map<String, Tensor> other) {
    return one.keySet().equals(other.keySet())
        && one.keySet().stream()
            .noneMatch(
                name ->
                    differs(
                        Objects.requireNonNull(one.get(name)),
                        Objects.requireNonNull(other.get(name))));
  }

  private static Map<String, Tensor> buffers(Module network) {
    Map<String, Tensor> buffers = new LinkedHashMap<>(network.state());
    buffers.keySet().removeAll(network.parameters().keySet());
    return buffers;
  }

  private static boolean differs(Tensor one, Tensor other) {
    return !Arrays.equals(one.shape(), other.shape())
        || !Arrays.equals(one.toBytes(), other.toBytes());
  }

  private static <T> List<String> names(Map<String, T> things, Predicate<T> chosen) {
    List<String> names = new ArrayList<>();
    things.forEach(
        (name, thing) -> {
          if (chosen.test(thing)) {
            names.add(name.isEmpty() ? "the whole" : name);
          }
        });
    return names;
  }

  private static String listed(List<String> names) {
    String shown = String.join(", ", names.subList(0, Math.min(NAMES_IN_MESSAGE, names.size())));
    int more = names.size() - NAMES_IN_MESSAGE;
    return more > 0 ? shown + String.format(Locale.ROOT, " and %d more", more) : shown;
  }
}
