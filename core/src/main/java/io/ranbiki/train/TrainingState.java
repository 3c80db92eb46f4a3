package io.ranbiki.train;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.Safetensors;
import io.ranbiki.artifact.Weights;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * All that a training changes, to be kept and taken up again.
 *
 * @param learners in their order; borrowed
 * @param supervision borrowed
 */
record TrainingState(List<Learner> learners, Supervision supervision) {

  /** Writes a checkpoint after so many steps. */
  void save(Checkpoints checkpoints, long step) {
    try (TensorScope scope = TensorScope.open("checkpoint")) {
      Map<String, String> text = new LinkedHashMap<>();
      text.put("step", Long.toString(step));
      for (int i = 0; i < learners.size(); i++) {
        String prefix = prefix(i);
        learners.get(i).counters().forEach((name, value) -> text.put(prefix + name, value));
      }
      checkpoints.save(step, tensors(), text);
    }
  }

  /**
   * Takes up the newest checkpoint.
   *
   * @param fresh the step where there is none
   * @param notes hears a sentence if damaged files had to be passed over
   * @return the step at which it was saved
   * @throws RanbikiException if it belongs to another configuration
   */
  long restore(Checkpoints checkpoints, long fresh, Consumer<String> notes) {
    Path file = checkpoints.newest(notes);
    if (file == null) {
      return fresh;
    }
    try (TensorScope scope = TensorScope.open("checkpoint")) {
      Map<String, String> text = Safetensors.read(file).metadata();
      Map<String, Tensor> saved = Weights.readTensors(file);
      tensors()
          .forEach(
              (name, tensor) -> {
                Tensor value = saved.get(name);
                if (value == null || value.count() != tensor.count()) {
                  throw RanbikiException.configuration(
                      "The checkpoint %s does not belong to this configuration: '%s' is missing or has another size. Resume with the configuration of the run folder.",
                      file, name);
                }
                tensor.copyFrom(value);
              });
      for (int i = 0; i < learners.size(); i++) {
        learners.get(i).restoreCounters(withoutPrefix(text, prefix(i)));
      }
      return Long.parseLong(text.get("step"));
    }
  }

  private static Map<String, String> withoutPrefix(Map<String, String> text, String prefix) {
    Map<String, String> own = new HashMap<>();
    text.forEach(
        (name, value) -> {
          if (name.startsWith(prefix)) {
            own.put(name.substring(prefix.length()), value);
          }
        });
    return own;
  }

  private Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < learners.size(); i++) {
      String prefix = prefix(i);
      learners.get(i).tensors().forEach((name, tensor) -> tensors.put(prefix + name, tensor));
    }
    supervision.state().forEach((name, tensor) -> tensors.put("supervision." + name, tensor));
    return tensors;
  }

  /** The first student's names are the plain ones. */
  private static String prefix(int student) {
    return student == 0 ? "" : "peer-" + (student + 1) + ".";
  }
}
