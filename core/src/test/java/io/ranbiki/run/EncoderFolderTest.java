package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.HubFolderTest;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.OnnxExport;
import io.ranbiki.artifact.Weights;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Epoch;
import io.ranbiki.model.Model;
import io.ranbiki.prepare.Values;
import io.ranbiki.result.Result;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Wherever an encoder's ONNX file goes, its folder goes, too, and answers the same: the file is
 * what PyTorch exported of the folder's network (see core/src/test/python/make_hub_resources.py).
 */
class EncoderFolderTest {

  private static final String DATA =
      "data: {format: csv, folder: \"${FOLDER}\", text: question, label: topic, validation: 0}\n";

  private static final String REST =
      """
      train: {epochs: 1, batch: 8, threads: 1}
      latency: false
      """;

  private static final String HEAD =
      "name: head\nmodel: {architecture: mlp, layers: 0, encoder: \"${ENCODER}\"}\n" + DATA + REST;

  private static final String HEADED =
      """
      name: student
      teacher: {model: "${ENCODER}", head: "${FOLDER}/runs/head/model"}
      student: {from: {layers: [0, 2]}}
      objective: [soft-targets: {}, minilm: {}, hidden-cosine: {pairs: [{student: hidden.2, teacher: hidden.3}]}]
      compare: {scratch: false, decisions: false}
      doctor: false
      """
          + DATA
          + REST;

  private static final String VECTORS =
      """
      name: vectors
      teacher: {model: "${ENCODER}", kind: embedding}
      student: {architecture: static-embedding, width: 6, dropout: 0, vectors: teacher, prepare: {tokenizer: "${TOKENIZER}"}}
      objective: [embedding: {}]
      compare: {scratch: false}
      doctor: false
      """
          + DATA
          + REST;

  private static final String TOKENIZED = "prepare={tokenizer: \"${TOKENIZER}\", at-most: 12}";

  @TempDir Path folder;
  private Path encoder;
  private Path file;

  @BeforeEach
  void writeTexts() throws IOException {
    List<String> topics = List.of("ask", "go", "pay");
    for (String part : List.of("train", "test")) {
      StringBuilder rows = new StringBuilder("question,topic\n");
      for (int i = 0; i < 24; i++) {
        rows.append("where is my card").append(" how do i".repeat(i % 3)).append(" w1");
        rows.append(i % 8).append(',').append(topics.get(i % 3)).append('\n');
      }
      Files.writeString(folder.resolve(part + ".csv"), rows);
    }
    encoder = HubFolderTest.copy("sentence", folder.resolve("encoder"));
    Files.delete(encoder.resolve("modules.json")); // the file's vectors have their own lengths
    file = encoder.resolve("model.onnx");
  }

  private RunConfig config(String text, Path model, String... overrides) {
    String tokenizer = encoder.resolve("tokenizer.json").toString();
    List<String> changes =
        List.of(overrides).stream().map(each -> each.replace("${TOKENIZER}", tokenizer)).toList();
    return RunConfigReader.any(
        ConfigDocument.parse(
            "run.yaml",
            text,
            changes,
            Map.of(
                "FOLDER", folder.toString(),
                "ENCODER", model.toString(),
                "TOKENIZER", tokenizer)));
  }

  private Result run(RunConfig config) {
    RunFolder run = RunFolder.create(folder.resolve("runs").resolve(config.name()));
    return new Experiment(config, run, List.of(), new RunListener() {}, () -> false).run();
  }

  private AskedTeacher asked(RunConfig config, RunData data) {
    return AskedTeacher.open(
        config.teacher().orElseThrow(), data, folder, new RunListener() {}, () -> false);
  }

  /** What a teacher answers to the test. */
  private float[] answers(RunConfig config) {
    try (TensorScope scope = TensorScope.open("test");
        RunData data = RunData.open(config);
        AskedTeacher asked = asked(config, data);
        Teacher live = asked.live(List.of());
        Epoch batches = data.evaluationLoader(data.test(), asked.prepare()).epoch(0)) {
      return live.signal(Batch.of(batches.next())).logits().toFloats();
    }
  }

  private static void requireClose(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(2e-5f));
    }
  }

  private float[] firstVector(RunConfig config) {
    try (RunData data = RunData.open(config)) {
      return ((Values.Floats) data.test().read(0).get(Batch.FEATURES)).data();
    }
  }

  @Test
  void aHead_isTrainedOnTheSameVectors() {
    RunConfig ofFile = config(HEAD, file, "model." + TOKENIZED);
    requireClose(firstVector(config(HEAD, encoder)), firstVector(ofFile));
    requireClose(
        firstVector(config(HEAD, encoder, "model.pool=first")),
        firstVector(config(HEAD, file, "model." + TOKENIZED, "model.pool=first")));
  }

  /** Another head, and one with other labels, find what is stored; another pooling does not. */
  @Test
  void everyHead_findsTheVectorsThatAreStored() {
    List<String> asked = new ArrayList<>();
    long before = Tensor.live();
    for (String[] changes :
        new String[][] {
          {"name=first", "data.labelled=6", "data.drop-unlabelled=true"},
          {"name=second"},
          {"name=third", "train.epochs=2"},
          {"name=fourth", "model.pool=max"}
        }) {
      RunConfig config = config(HEAD, encoder, changes);
      RunFolder run = RunFolder.create(folder.resolve("runs").resolve(config.name()));
      RunListener listener =
          new RunListener() {
            @Override
            public void note(String sentence) {
              if (sentence.startsWith("Asking the encoder")) {
                asked.add(sentence.replaceAll("; they.*", ""));
              }
            }
          };
      new Experiment(config, run, List.of(), listener, () -> false).run();
    }
    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(asked)
        .containsExactly(
            "Asking the encoder for 6 vectors (0 are stored)",
            "Asking the encoder for 18 vectors (6 are stored)", // the test has the same texts here
            "Asking the encoder for 24 vectors (0 are stored)");
  }

  @Test
  void aTeacherOfVectors_givesTheSame() {
    String[] own = {"teacher." + TOKENIZED};
    requireClose(answers(config(VECTORS, encoder)), answers(config(VECTORS, file, own)));
    float[] narrowed = answers(config(VECTORS, encoder, "teacher.pca=4"));
    requireClose(narrowed, answers(config(VECTORS, file, "teacher.pca=4", own[0])));
    double length = 0;
    for (int i = 0; i < 4; i++) {
      length += narrowed[i] * narrowed[i];
    }
    assertThat(length).isCloseTo(1, within(1e-5));
  }

  @Test
  void aStaticStudent_beginsWithTheSameVectors() {
    requireClose(
        words(config(VECTORS, encoder)), words(config(VECTORS, file, "teacher." + TOKENIZED)));
  }

  private float[] words(RunConfig config) {
    try (RunData data = RunData.open(config);
        Model model = Networks.initial(config.student(), data, 1)) {
      return model.module().state().get("word_embeddings.weight").detach().toFloats();
    }
  }

  /** What is worth most, in one run: a few layers of the teacher, and terms on its others. */
  @Test
  void aStudentOfAHeadedFolder_beginsWithItsLayers_andLearnsFromThem() throws IOException {
    long before = Tensor.live();
    run(config(HEAD, encoder));
    Result result = run(config(HEADED, encoder));
    run(
        config(
            HEADED,
            encoder,
            "name=stored",
            "teacher.answers=stored",
            "teacher.precision=bfloat16"));

    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(result.models()).containsKeys(Result.TEACHER, Result.STUDENT);
    RunConfig headed = config(HEADED, encoder);
    String hash = headed.teacher().orElseThrow().source().hash();
    Path weights = encoder.resolve("model.safetensors");
    Map<String, Tensor> changed = new LinkedHashMap<>();
    try (TensorScope scope = TensorScope.open("test")) {
      changed.putAll(Weights.readTensors(weights));
      changed.computeIfPresent("embeddings.LayerNorm.bias", (name, bias) -> bias.add(1));
      Weights.writeTensors(weights, changed, Map.of());
    }
    assertThat(headed.teacher().orElseThrow().source().hash()).isNotEqualTo(hash);
    assertThatThrownBy(() -> run(config(HEADED, encoder, "name=other")))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "The head "
                + folder.resolve("runs/head/model")
                + " was trained on the vectors of another encoder than "
                + encoder
                + ". Give that one, or train the head again.");
    for (String part : List.of("train.csv", "test.csv")) {
      Path rows = folder.resolve(part);
      Files.writeString(rows, Files.readString(rows).replace("pay", "buy"));
    }
    assertThatThrownBy(() -> run(config(HEADED, encoder, "name=names")))
        .hasMessage(
            "The teacher "
                + encoder
                + " with the head "
                + folder.resolve("runs/head/model")
                + " knows 'pay', which the data does not have, and does not know 'buy' of the data;"
                + " both must have the same classes in the same order.");
  }

  /**
   * Folders as {@code AutoModel.from_pretrained(...).save_pretrained} leaves them, without a head.
   */
  @ParameterizedTest
  @CsvSource({
    "distilbert, distilbert., DistilBertModel",
    "roberta, roberta., RobertaModel",
    "modernbert, model., ModernBertModel"
  })
  void anyFamily_isAnEncoderUnderAHead_andGivesLayers(String family, String prefix, String type)
      throws IOException {
    Path bare = bare(family, prefix, type);
    try (TensorScope scope = TensorScope.open("test");
        NoGrad noGrad = new NoGrad();
        ModelFolder.Loaded loaded = ModelFolder.read(bare)) {
      Map<String, Tensor> golden =
          Weights.readTensors(HubFolderTest.folder(family).resolve("golden.safetensors"));
      loaded.model().module().eval();
      Tensor mask = golden.get("mask");
      Tensor vectors =
          loaded
              .model()
              .module()
              .answer(Map.of("input_ids", golden.get("ids"), "attention_mask", mask))
              .logits();
      Tensor real = mask.to(vectors.dtype()).unsqueeze(2);
      Tensor mean = golden.get("hidden.3").mul(real).sum(1).div(real.sum(1));
      assertThat(vectors.toFloats()).containsExactly(mean.toFloats(), within(2e-5f));
    }
    run(config(HEAD, bare));
    Result result =
        run(config(HEADED, bare, "objective=[{soft-targets: {}}, {tinybert: {layers: [0, 2]}}]"));
    assertThat(result.models()).containsKeys(Result.TEACHER, Result.STUDENT);
  }

  private Path bare(String family, String prefix, String type) throws IOException {
    Path to = Files.createDirectory(folder.resolve("bare"));
    Path from = HubFolderTest.folder(family);
    Files.copy(from.resolve("tokenizer.json"), to.resolve("tokenizer.json"));
    Files.writeString(
        to.resolve("config.json"),
        Files.readString(from.resolve("config.json"))
            .replaceFirst("\"[A-Za-z]+ForSequenceClassification\"", '"' + type + '"'));
    try (TensorScope scope = TensorScope.open("test")) {
      Map<String, Tensor> encoder = new LinkedHashMap<>();
      Weights.readTensors(from.resolve("model.safetensors"))
          .forEach(
              (name, tensor) -> {
                if (name.startsWith(prefix)) {
                  encoder.put(name.substring(prefix.length()), tensor);
                }
              });
      Weights.writeTensors(to.resolve("model.safetensors"), encoder, Map.of());
    }
    return to;
  }

  /** Embedding distillation, then a head: the rival of a student that is distilled from one. */
  @Test
  void aStudentOfVectors_isAnEncoderUnderAHead() {
    long before = Tensor.live();
    run(config(VECTORS, encoder));
    Path student = folder.resolve("runs/vectors");
    Result head = run(config(HEAD, student));
    assertThat(head.models()).isNotEmpty();
    Result result =
        run(
            config(
                HEADED,
                student,
                "objective=[{soft-targets: {}}]",
                "student={architecture: static-embedding, width: 4, prepare: {tokenizer:"
                    + " ${TOKENIZER}}}"));
    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(result.models()).containsKeys(Result.TEACHER, Result.STUDENT);
    assertThatThrownBy(() -> run(config(HEAD, student, "name=pooled", "model.pool=max")))
        .hasMessage(
            "'pool' is max, but "
                + student.resolve("model")
                + " makes its vectors in a way of its own, as it was trained to. Leave 'pool'"
                + " out.");
  }

  /** The file knows its tokenizer, and its vectors have length 1, as they have in a service. */
  @Test
  void theExportedFileOfAStudentOfVectors_isAnEncoderToo() throws IOException {
    run(config(VECTORS, encoder));
    Path exported = folder.resolve("student.onnx");
    float[] inFolder = firstVector(config(HEAD, folder.resolve("runs/vectors")));
    try (TensorScope scope = TensorScope.open("test");
        ModelFolder.Loaded student = ModelFolder.read(folder.resolve("runs/vectors/model"))) {
      Files.write(
          exported,
          OnnxExport.bytes(
              student.model().module(), student.config(), OnnxExport.Options.STANDARD));
    }
    RunConfig head = config(HEAD, exported, "name=exported");
    float[] vector = firstVector(head);
    double length = 0;
    for (float number : inFolder) {
      length += number * number;
    }
    for (int i = 0; i < vector.length; i++) {
      inFolder[i] /= (float) Math.sqrt(length);
    }
    requireClose(vector, inFolder);
    assertThat(run(head).models()).isNotEmpty();
  }

  @Test
  void textsMayBeShorterThanTheFolderTakesThem_andBeginWithAPrefix() {
    RunConfig config =
        config(
            VECTORS,
            encoder,
            "teacher.prepare={tokenizer: ${TOKENIZER}, at-most: 5, prefix: 'my '}");
    try (RunData data = RunData.open(config);
        AskedTeacher teacher = asked(config, data)) {
      assertThat(teacher.prepare().tokenize().orElseThrow().atMost()).isEqualTo(5);
      assertThat(teacher.prepare().tokenize().orElseThrow().prefix()).isEqualTo("my ");
    }
  }

  @Test
  void whatIsNoEncoder_isSaidInASentence() throws IOException {
    Path classifier = HubFolderTest.folder("bert");
    assertThatThrownBy(() -> run(config(HEAD, classifier)))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            classifier
                + " answers with classes and not with the vectors of texts, so it is no encoder."
                + " Name the folder of one, or leave the head out and take it as the teacher.");
    RunConfig exact = config(HEADED, file, "teacher.precision=bfloat16");
    assertThatThrownBy(() -> exact.teacher().orElseThrow().source())
        .hasMessage(
            "'teacher' gives precision 'bfloat16', but an ONNX file computes as it was exported;"
                + " take float32, or export the network in the other precision.");
    Path script = Files.createFile(folder.resolve("model.pt"));
    assertThatThrownBy(() -> run(config(HEAD, script)))
        .hasMessage(
            script
                + " is no encoder of texts: an ONNX file, or the folder of a network that answers"
                + " with vectors. Name one of these.");
  }
}
