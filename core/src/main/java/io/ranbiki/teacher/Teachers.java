package io.ranbiki.teacher;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.artifact.OnnxInfo;
import io.ranbiki.model.Model;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.tensor.ScriptModule;
import io.ranbiki.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Opens teachers of every kind; what is opened owns all that it needs. */
public final class Teachers {

  private Teachers() {}

  /**
   * Opens a teacher for some data.
   *
   * @param sample shape of one sample: {@code [channels, height, width]} or {@code [features]}
   * @param classes how many classes the data has; 0 takes whatever the teacher answers
   * @param layers names of the layers whose outputs answers shall hold; those of an ensemble begin
   *     with the number of the member, as in {@code 1.features.2}
   * @throws RanbikiException if a file is missing, damaged or not trusted, or was made for other
   *     data
   */
  public static Teacher open(
      TeacherSource source, List<Integer> sample, int classes, Collection<String> layers) {
    return Memory.watch(
        RanbikiException.Kind.MODEL,
        "opening " + source.title(),
        "Use a smaller model or smaller samples",
        () -> opened(source, sample, classes, layers));
  }

  private static Teacher opened(
      TeacherSource source, List<Integer> sample, int classes, Collection<String> layers) {
    if (source instanceof TeacherSource.Onnx onnx) {
      return opened(onnx, sample, classes, layers);
    }
    if (source instanceof TeacherSource.Headed headed) {
      return prepared(headed(headed, classes, layers), prepare(source));
    }
    if (source instanceof TeacherSource.Embedding embedding) {
      return prepared(ofLengthOne(encoder(embedding.encoder(), layers)), prepare(source));
    }
    if (source instanceof TeacherSource.Encoder encoder) {
      return prepared(encoder(encoder, layers), prepare(source));
    }
    if (source instanceof TeacherSource.TorchScript script) {
      return TorchScriptTeacher.open(script.file(), script.trusted(), sample, classes, layers);
    }
    if (source instanceof TeacherSource.Ensemble ensemble) {
      return ensemble(ensemble, sample, classes, layers);
    }
    if (source instanceof TeacherSource.Probabilities probabilities) {
      return logarithmsOf(open(probabilities.of(), sample, classes, layers));
    }
    if (source instanceof TeacherSource.Given given) {
      throw RanbikiException.configuration(
          "%s holds answers to samples of one data set, and nobody who could be asked. Take the"
              + " configuration that names it (teacher.from).",
          given.file());
    }
    Model model = model(source);
    try {
      requireData(source.title(), model, sample, classes);
      return prepared(ModelTeacher.owning(model, layers), prepare(source));
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** A teacher whose answers are probabilities, answering with their logarithms; owns the other. */
  public static Teacher logarithmsOf(Teacher probabilities) {
    return new ProbabilityTeacher(probabilities);
  }

  /** A teacher that several threads may ask at the same time; it stays the caller's. */
  public static Teacher oneAtATime(Teacher teacher) {
    return new OneAtATime(teacher);
  }

  private static Model model(TeacherSource source) {
    try (TensorScope scope = TensorScope.open("open a teacher")) {
      if (source instanceof TeacherSource.Safetensors weights) {
        return ModelFolder.read(weights.file(), weights.spec());
      }
      return ((TeacherSource.Folder) source).read().model();
    }
  }

  private static void requireData(String title, Model model, List<Integer> sample, int classes) {
    if (!model.spec().input().equals(sample)) {
      throw RanbikiException.model(
          "%s takes samples of shape %s, but the data has samples of shape %s; use data of the"
              + " shape that it was trained on.",
          title, model.spec().input(), sample);
    }
    Trial.requireClasses(title, model.spec().classes(), classes);
  }

  private static Teacher opened(
      TeacherSource.Onnx source, List<Integer> sample, int classes, Collection<String> layers) {
    OnnxFile file = OnnxFile.read(source.file());
    OnnxTeacher teacher = OnnxTeacher.open(file, sample, classes, layers, source.options());
    return prepared(teacher, prepare(source));
  }

  /**
   * What the inputs of a teacher go through.
   *
   * @return null where its files do not tell
   */
  public static @Nullable Prepare prepare(TeacherSource source) {
    if (source instanceof TeacherSource.Folder folder) {
      return folder.config().prepare();
    }
    if (source instanceof TeacherSource.Headed headed) {
      return ModelFolder.readConfig(headed.head()).prepare();
    }
    if (source instanceof TeacherSource.Embedding embedding) {
      return prepare(embedding.encoder());
    }
    if (source instanceof TeacherSource.Encoder encoder) {
      return prepare(encoder.model());
    }
    if (source instanceof TeacherSource.Onnx onnx) {
      return OnnxFile.read(onnx.file()).preparation().map(Prepare::outside).orElse(null);
    }
    return source instanceof TeacherSource.Probabilities probabilities
        ? prepare(probabilities.of())
        : null;
  }

  /**
   * What a teacher was trained on, by itself or by what its file does.
   *
   * @return null where its files do not tell
   */
  public static @Nullable Prepare trainedOn(TeacherSource source) {
    return source instanceof TeacherSource.Onnx onnx
        ? OnnxFile.read(onnx.file()).preparation().map(Prepare::of).orElse(null)
        : prepare(source);
  }

  /**
   * A teacher that sees samples in its own way; owns the other.
   *
   * @param prepare null for a teacher that takes batches as they are
   */
  public static Teacher prepared(Teacher teacher, @Nullable Prepare prepare) {
    return prepare == null ? teacher : new PreparedTeacher(teacher, prepare);
  }

  /** A teacher of vectors that are laid onto their principal components; owns the other. */
  public static Teacher narrowed(Teacher teacher, PrincipalComponents components) {
    return new NarrowedTeacher(teacher, components);
  }

  /** A teacher whose answers are brought to length 1; owns the other. */
  public static Teacher ofLengthOne(Teacher encoder) {
    return new EmbeddingTeacher(encoder);
  }

  private static Teacher headed(
      TeacherSource.Headed source, int classes, Collection<String> layers) {
    TeacherSource.Encoder encoder = source.trained();
    ModelConfig config = ModelFolder.readConfig(source.head());
    Trial.requireClasses(source.encoder().title(), config.spec().classes(), classes);
    Model head;
    try (TensorScope scope = TensorScope.open("open a head")) {
      head = ModelFolder.read(source.head()).model();
    }
    try {
      return HeadedTeacher.of(own -> encoder(encoder, own), head, layers);
    } catch (RuntimeException e) {
      head.close();
      throw e;
    }
  }

  /**
   * An encoder of texts: its answers are vectors, {@code [batch, width]}, of texts that are ids
   * already.
   *
   * @param layers names of those whose outputs answers shall hold
   */
  public static Teacher encoder(TeacherSource.Encoder source, Collection<String> layers) {
    if (source.model() instanceof TeacherSource.Onnx file) {
      return OnnxTeacher.encoder(file.file(), source.pool(), layers, file.options());
    }
    Model model;
    try (TensorScope scope = TensorScope.open("open an encoder")) {
      model = source.read().orElseThrow().model();
    }
    try {
      return ModelTeacher.owning(model, layers);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /**
   * The encoder of texts whose vectors a teacher gives, or those under its head.
   *
   * @return empty if the teacher has none
   */
  public static Optional<TeacherSource.Encoder> encoder(TeacherSource source) {
    if (source instanceof TeacherSource.Embedding embedding) {
      return Optional.of(embedding.encoder());
    }
    return source instanceof TeacherSource.Headed headed
        ? Optional.of(headed.trained())
        : Optional.empty();
  }

  private static Teacher ensemble(
      TeacherSource.Ensemble source, List<Integer> sample, int classes, Collection<String> layers) {
    List<Teacher> members = new ArrayList<>();
    try {
      requireMembers(source, layers);
      for (int m = 0; m < source.members().size(); m++) {
        String prefix = m + ".";
        List<String> own =
            layers.stream()
                .filter(layer -> layer.startsWith(prefix))
                .map(layer -> layer.substring(prefix.length()))
                .toList();
        members.add(open(source.members().get(m), sample, classes, own));
      }
      return new EnsembleTeacher(members, source.normalizedWeights(), source.combine());
    } catch (RuntimeException e) {
      members.forEach(Teacher::close);
      throw e;
    }
  }

  private static void requireMembers(TeacherSource.Ensemble source, Collection<String> layers) {
    for (String layer : layers) {
      String member = layer.replaceFirst("\\..*", "");
      if (!member.matches("\\d{1,4}") || Integer.parseInt(member) >= source.members().size()) {
        throw RanbikiException.configuration(
            "The layer '%s' of an ensemble must begin with the number of a teacher, 0 to %d, and a"
                + " dot, as in 0.features.2.",
            layer, source.members().size() - 1);
      }
    }
  }

  /**
   * What a teacher's files say, without asking it.
   *
   * @throws RanbikiException if a file is missing, damaged or not trusted
   */
  public static TeacherInfo describe(TeacherSource source) {
    return Memory.watch(
        RanbikiException.Kind.MODEL,
        "reading " + source.title(),
        "Use a smaller model",
        () -> described(source));
  }

  private static TeacherInfo described(TeacherSource source) {
    if (source instanceof TeacherSource.Onnx onnx) {
      return describe(OnnxFile.read(onnx.file()).info());
    }
    if (source instanceof TeacherSource.Headed headed) {
      return described(headed.encoder());
    }
    if (source instanceof TeacherSource.Embedding embedding) {
      return described(embedding.encoder());
    }
    if (source instanceof TeacherSource.Encoder encoder) {
      return described(encoder.model());
    }
    if (source instanceof TeacherSource.TorchScript script) {
      try (ScriptModule module = TorchScriptTeacher.load(script.file(), script.trusted())) {
        return new TeacherInfo(
            "TorchScript",
            List.of(),
            List.of(),
            module.paths(),
            known(module.parameterCount()),
            script.file().toFile().length());
      }
    }
    if (source instanceof TeacherSource.Ensemble ensemble) {
      return describe(ensemble);
    }
    if (source instanceof TeacherSource.Given) {
      return new TeacherInfo("answers of a file", List.of(), List.of(), List.of(), null, 0);
    }
    if (source instanceof TeacherSource.Probabilities probabilities) {
      return describe(probabilities.of());
    }
    try (Model model = model(source)) {
      return new TeacherInfo(
          model.spec().title(),
          List.of("[batch, " + model.spec().input().toString().substring(1)),
          List.of("[batch, " + model.spec().classes() + "]"),
          model.module().modules().keySet().stream().filter(path -> !path.isEmpty()).toList(),
          model.parameterCount(),
          model.byteCount());
    }
  }

  private static TeacherInfo describe(OnnxInfo info) {
    return new TeacherInfo(
        "ONNX",
        info.inputs().stream().map(OnnxInfo.Port::toString).toList(),
        info.outputs().stream().map(OnnxInfo.Port::toString).toList(),
        info.layers().stream().map(OnnxInfo.Layer::name).toList(),
        known(info.parameters()),
        info.bytes());
  }

  private static @Nullable Long known(long parameters) {
    return parameters == 0 ? null : (Long) parameters;
  }

  private static TeacherInfo describe(TeacherSource.Ensemble ensemble) {
    List<String> layers = new ArrayList<>();
    Long parameters = 0L;
    long bytes = 0;
    TeacherInfo first = describe(ensemble.members().get(0));
    for (int m = 0; m < ensemble.members().size(); m++) {
      TeacherInfo info = m == 0 ? first : describe(ensemble.members().get(m));
      String prefix = m + ".";
      info.layers().forEach(layer -> layers.add(prefix + layer));
      Long more = info.parameters();
      parameters = parameters == null || more == null ? null : (Long) (parameters + more);
      bytes += info.bytes();
    }
    return new TeacherInfo("ensemble", first.inputs(), first.outputs(), layers, parameters, bytes);
  }
}
