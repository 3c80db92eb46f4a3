package io.ranbiki.examples;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.OnnxExport;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.InMemory;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Views;
import io.ranbiki.evaluate.Evaluation;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.objective.HardLabels;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.SoftTargets;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.strategy.OfflineDistillation;
import io.ranbiki.teacher.StoredTeacher;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.teacher.TeacherSource;
import io.ranbiki.train.Optimizer;
import io.ranbiki.train.Schedule;
import io.ranbiki.train.TrainOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Distils a static student from an encoder and a head that {@code ranbiki train} wrote, with texts
 * of which few have a topic.
 */
public final class DistilTexts {

  private DistilTexts() {}

  /** Takes an encoder in ONNX, the folder of its head, a file of texts, and a folder to write. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[3]);
    TeacherSource source = TeacherSource.headed(Path.of(arguments[0]), Path.of(arguments[1]));
    ModelConfig head = ModelFolder.readConfig(Path.of(arguments[1]));
    // In each line a topic, a tab and a text; no topic where nobody knows it.
    List<String[]> lines =
        Files.readAllLines(Path.of(arguments[2])).stream().map(l -> l.split("\t", 2)).toList();
    List<String> texts = lines.stream().map(line -> line[1]).toList();
    int[] topics = lines.stream().mapToInt(line -> head.names().indexOf(line[0])).toArray();
    Dataset all = InMemory.texts(texts, topics, head.names());
    int known = (int) IntStream.of(topics).filter(topic -> topic >= 0).count();
    Splits.Split split = Splits.holdOutByClass(all, known / 5, 1);

    Prepare heads = Objects.requireNonNull(head.prepare());
    Tokenizer pieces = heads.tokenize().orElseThrow().tokenizer().pruned(texts, 4000);
    Prepare prepare = Prepare.of(new Step.Tokenize(pieces, 48));
    Loader train = new Loader(split.train(), Loader.Options.shuffled(64, 1), prepare, Views.none());
    Loader test = train.over(split.validation());
    Map<String, Object> sizes = Map.of("width", 128, "vocabulary", pieces.size());
    ModelSpec spec = new ModelSpec("static-embedding", train.fields(), head.names().size(), sizes);
    Objective objective = Objective.of(new HardLabels(0.1), new SoftTargets(0.9, 1, 0.5));
    TrainOptions options = new TrainOptions(8, new Optimizer.Adam(0.01), Schedule.constant());
    try (Teacher teacher = StoredTeacher.asked(source, all, folder.resolve("answers"));
        Model student = Model.create(spec, 1)) {
      new OfflineDistillation(objective, options, 1).fit(student, teacher, train);
      System.out.println("accuracy: " + Evaluation.of(student, test).accuracy());
      ModelConfig config = new ModelConfig(spec, prepare, head.names());
      ModelFolder.write(folder.resolve("model"), student, config, "# A distilled student\n");
      OnnxExport.write(
          folder.resolve("student.onnx"), student.module(), config, OnnxExport.Options.STANDARD);
    }
  }
}
