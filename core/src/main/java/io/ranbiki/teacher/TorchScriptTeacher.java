package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.TorchZip;
import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.ScriptModule;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorException;
import io.ranbiki.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A network in a TorchScript file, run by libtorch: traced or scripted, in evaluation mode. Layers
 * are submodules by path, as in PyTorch; those that {@code forward} calls under a condition or in a
 * loop cannot be read, nor those of a file that was frozen.
 */
public final class TorchScriptTeacher implements Teacher {

  private final Path file;
  private final ScriptModule module;
  private final List<Integer> sample;
  private final List<String> layers;
  private int classes;

  private TorchScriptTeacher(
      Path file, ScriptModule module, List<Integer> sample, List<String> layers) {
    this.file = file;
    this.module = module;
    this.sample = List.copyOf(sample);
    this.layers = layers;
  }

  /**
   * Opens a file and asks it once, so that what does not fit shows now.
   *
   * @param trusted whether the user says that the file may run as a program
   * @param sample shape of one sample: {@code [channels, height, width]} or {@code [features]}
   * @param classes how many classes the data has; 0 takes whatever the network answers
   * @param layers paths of the submodules whose outputs answers shall hold as features
   * @throws RanbikiException if the file is not trusted, damaged, pickled, or made for other data
   */
  public static TorchScriptTeacher open(
      Path file, boolean trusted, List<Integer> sample, int classes, Collection<String> layers) {
    ScriptModule module = load(file, trusted);
    try {
      List<String> named = tap(file.getFileName().toString(), module, layers);
      TorchScriptTeacher teacher = new TorchScriptTeacher(file, module, sample, named);
      teacher.classes = Trial.classes(teacher, sample, classes);
      return teacher;
    } catch (RuntimeException e) {
      module.close();
      throw e;
    }
  }

  /**
   * Loads a file that may run as a program; the caller closes it.
   *
   * @throws RanbikiException if it is not trusted, damaged, or no TorchScript file
   */
  static ScriptModule load(Path file, boolean trusted) {
    TorchZip.requireScript(file);
    if (!trusted) {
      throw RanbikiException.model(
          "%s is a TorchScript file, which is a program that runs with your rights. If you know who"
              + " made it, allow it: teacher.trusted: true in the configuration, or --trusted for"
              + " inspect.",
          file);
    }
    try {
      return ScriptModule.load(file);
    } catch (TensorException e) {
      throw RanbikiException.model(
          "%s cannot be loaded as TorchScript: %s. Save it again with torch.jit.save.",
          file, e.getMessage());
    }
  }

  private static List<String> tap(String title, ScriptModule module, Collection<String> wanted) {
    List<String> layers = Layers.named(title, module.paths(), wanted);
    List<String> missing = module.tap(layers);
    if (!missing.isEmpty()) {
      throw RanbikiException.configuration(
          "%s has a layer '%s', but its output cannot be read, since forward does not call it, or"
              + " calls it under a condition or in a loop; choose another.",
          title, missing.get(0));
    }
    return layers;
  }

  @Override
  public Signal signal(Batch batch) {
    Trial.requireSample(title(), sample, batch.inputs());
    try (TensorScope scope = TensorScope.open("TorchScript teacher");
        NoGrad noGrad = new NoGrad()) {
      List<@Nullable Tensor> outputs = run(batch);
      Tensor answer =
          Trial.logits(title(), tensor("forward", outputs.get(0)), batch.size(), classes);
      Map<String, Tensor> features = new LinkedHashMap<>();
      for (int i = 0; i < layers.size(); i++) {
        String layer = layers.get(i);
        features.put(layer, scope.passOut(tensor("layer '" + layer + "'", outputs.get(i + 1))));
      }
      return new Signal(scope.passOut(answer), features);
    }
  }

  private List<@Nullable Tensor> run(Batch batch) {
    try {
      return module.run(batch.inputs());
    } catch (TensorException e) {
      throw RanbikiException.model(
          "%s does not take %d samples of shape %s in float32: %s. Use data of the shape that it"
              + " was trained on; if this is it, save the network again for float32 and batches of"
              + " any size.",
          title(), batch.size(), sample, e.getMessage());
    }
  }

  private Tensor tensor(String what, @Nullable Tensor output) {
    if (output == null) {
      throw RanbikiException.model(
          "%s of %s gives no single tensor, but a tuple, list or dictionary; wrap the network so"
              + " that it gives one tensor, and save it again.",
          what, title());
    }
    return output;
  }

  @Override
  public int classes() {
    return classes;
  }

  @Override
  public String title() {
    return file.getFileName().toString();
  }

  @Override
  public void close() {
    module.close();
  }
}
