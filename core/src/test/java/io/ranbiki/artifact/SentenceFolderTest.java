package io.ranbiki.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ranbiki.data.Task;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.nn.Taps;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The files of a folder that sentence-transformers opens. Version 6.0.1 gave the student's vectors,
 * no number more than 6e-7 away, for 51 texts of every length and each of the four families with
 * each pooling and head, with and without a prefix and windows, and the static student:
 *
 * <pre>{@code
 * model = SentenceTransformer(folder, device="cpu")
 * numpy.abs(model.encode(texts, batch_size=4) - vectors_of_the_library).max()
 * }</pre>
 */
class SentenceFolderTest {

  private static final Path TOKENIZER =
      Path.of("../prepare/src/test/resources/tokenizers/uncased.json");

  @TempDir Path folder;

  private Path copied(String architecture, Map<String, Object> options, Task task) {
    return copied(architecture, options, task, Tokenizer.read(TOKENIZER), "");
  }

  private Path copied(
      String architecture,
      Map<String, Object> options,
      Task task,
      Tokenizer tokenizer,
      String prefix) {
    ModelSpec spec =
        new ModelSpec(
            architecture,
            List.of(new Field("input_ids", Field.Kind.INT64, List.of(Field.ANY))),
            6,
            options);
    Prepare prepare = Prepare.of(new Step.Tokenize(tokenizer, 24, prefix));
    try (Model model = Model.create(spec, 1)) {
      ModelFolder.write(folder.resolve("a"), model, new ModelConfig(spec, prepare, task), "card");
    }
    ModelFolder.copy(folder.resolve("a"), folder.resolve("b"));
    return folder.resolve("b");
  }

  private static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(Files.readString(file));
  }

  @Test
  void aStudentOfVectors_hasTheModulesOfItsEncoder() throws IOException {
    Path copy =
        copied(
            "bert",
            Map.of("width", 8, "vocabulary", 610, "positions", 32, "pooling", "cls"),
            new Task.Embedding(6));

    assertThat(json(copy.resolve("modules.json")).findValuesAsText("path"))
        .containsExactly("", "1_Pooling", "2_Dense", "3_Dense", "4_Normalize");
    JsonNode config = json(copy.resolve("config.json"));
    assertThat(config.path("model_type").asText()).isEqualTo("bert");
    assertThat(config.path("hidden_size").asInt()).isEqualTo(8);
    assertThat(config.path("intermediate_size").asInt()).isEqualTo(32);
    assertThat(config.path("max_position_embeddings").asInt()).isEqualTo(32);
    JsonNode pooling = json(copy.resolve("1_Pooling/config.json"));
    assertThat(pooling.path("pooling_mode_cls_token").asBoolean()).isTrue();
    assertThat(pooling.path("pooling_mode_mean_tokens").asBoolean()).isFalse();
    assertThat(json(copy.resolve("2_Dense/config.json")).path("activation_function").asText())
        .endsWith("Tanh");
    assertThat(json(copy.resolve("3_Dense/config.json")).path("out_features").asInt()).isEqualTo(6);
    assertThat(json(copy.resolve("sentence_bert_config.json")).path("max_seq_length").asInt())
        .isEqualTo(24);
    assertThat(json(copy.resolve("tokenizer_config.json")).path("pad_token").asText())
        .isEqualTo("[PAD]");
    Map<String, SafetensorsFile.Entry> whole =
        Safetensors.read(copy.resolve("model.safetensors")).entries();
    Map<String, SafetensorsFile.Entry> dense =
        Safetensors.read(copy.resolve("3_Dense/model.safetensors")).entries();
    assertThat(dense.get("linear.weight").data()).isEqualTo(whole.get("classifier.weight").data());
    // It stays a folder of ours.
    assertThat(ModelFolder.readConfig(copy)).isEqualTo(ModelFolder.readConfig(folder.resolve("a")));
  }

  @Test
  void otherStudents_areCopiedAsTheyAre() {
    Task classes = new Task.Classes(List.of("a", "b", "c", "d", "e", "f"));
    Path copy = copied("bert", Map.of("width", 8, "vocabulary", 610), classes);
    assertThat(copy.resolve("modules.json")).doesNotExist();
    assertThat(copy.resolve("1_Pooling")).doesNotExist();
  }

  private static Map<String, Object> small(String architecture, String pooling) {
    Map<String, Object> options =
        new HashMap<>(
            Map.of("layers", 3, "width", 8, "heads", 2, "vocabulary", 610, "positions", 32));
    options.put("pooling", pooling);
    if (architecture.equals("modernbert")) {
      options.putAll(Map.of("window", 4, "global-every", 2, "local-rotary-base", 100.0));
    }
    return options;
  }

  private static Tokenizer tokenizer(String architecture) {
    String file = architecture.equals("roberta") ? "bpe.json" : "uncased.json";
    return Tokenizer.read(TOKENIZER.resolveSibling(file));
  }

  /**
   * Without what makes it a folder of ours, it is one of transformers, and the encoder is the same.
   */
  @ParameterizedTest
  @CsvSource({
    "bert, mean",
    "bert, cls",
    "distilbert, cls",
    "distilbert, max",
    "roberta, cls",
    "roberta, mean",
    "modernbert, mean",
    "modernbert, cls"
  })
  void theEncoderOfAnyFamily_isOneOfTransformers(String architecture, String pooling)
      throws IOException {
    Path copy =
        copied(
            architecture,
            small(architecture, pooling),
            new Task.Embedding(6),
            tokenizer(architecture),
            "");
    List<String> behind = json(copy.resolve("modules.json")).findValuesAsText("path");
    assertThat(behind).startsWith("", "1_Pooling").endsWith(behind.size() - 1 + "_Normalize");
    Tensor ids = Tensors.of(new long[] {2, 30, 31, 32, 3, 2, 40, 3, 0, 0}, 2, 5);
    Tensor mask = Tensors.of(new long[] {1, 1, 1, 1, 1, 1, 1, 1, 0, 0}, 2, 5);
    Map<String, Tensor> texts = Map.of("input_ids", ids, "attention_mask", mask);
    float[] pooled;
    try (ModelFolder.Loaded ours = ModelFolder.read(copy);
        Taps taps = Taps.open(ours.model().module(), List.of("pooled"))) {
      ours.model().module().eval();
      ours.model().module().answer(texts);
      pooled = taps.take().get("pooled").toFloats();
    }
    Path file = copy.resolve("config.json");
    ObjectNode config = (ObjectNode) json(file);
    config.remove(List.of("architecture", "options", "prepare", "task"));
    Files.writeString(file, config.toString());
    Files.delete(copy.resolve("modules.json")); // what stands behind the encoder is not asked for
    try (ModelFolder.Loaded theirs = ModelFolder.read(copy)) {
      assertThat(theirs.config().spec().architecture()).isEqualTo(architecture);
      assertThat(theirs.config().prepare().tokenize().orElseThrow().atMost()).isEqualTo(24);
      theirs.model().module().eval();
      float[] again = theirs.model().module().answer(texts).logits().toFloats();
      assertThat(again).containsExactly(pooled);
    } finally {
      ids.close();
      mask.close();
    }
  }

  /** The head of a modernbert has no bias, and a normalisation that the library knows with one. */
  @Test
  void theHeadOfAModernbert_isThreeModules() throws IOException {
    Path copy = copied("modernbert", small("modernbert", "mean"), new Task.Embedding(6));
    assertThat(json(copy.resolve("modules.json")).findValuesAsText("path"))
        .containsExactly("", "1_Pooling", "2_Dense", "3_LayerNorm", "4_Dense", "5_Normalize");
    assertThat(json(copy.resolve("2_Dense/config.json")).path("bias").asBoolean()).isFalse();
    assertThat(Safetensors.read(copy.resolve("2_Dense/model.safetensors")).entries())
        .containsOnlyKeys("linear.weight");
    assertThat(Safetensors.read(copy.resolve("3_LayerNorm/model.safetensors")).entries())
        .containsOnlyKeys("norm.weight", "norm.bias");
  }

  @Test
  void aPrefix_isTheDefaultPrompt() throws IOException {
    Path copy =
        copied("bert", small("bert", "mean"), new Task.Embedding(6), tokenizer("bert"), "query: ");
    JsonNode config = json(copy.resolve("config_sentence_transformers.json"));
    assertThat(config.path("prompts").path(config.path("default_prompt_name").asText()).asText())
        .isEqualTo("query: ");
  }

  /** Its tokenizer puts nothing around a text, as sentence-transformers' module for it does not. */
  @Test
  void aStaticStudentWhoseTokenizerAddsNothing_isATableOfVectors() throws IOException {
    ObjectNode plain = (ObjectNode) json(TOKENIZER);
    plain.putNull("post_processor");
    Path copy =
        copied(
            "static-embedding",
            Map.of("width", 8, "vocabulary", 610),
            new Task.Embedding(6),
            Tokenizer.parse(plain.toString(), "The tokenizer"),
            "");
    assertThat(json(copy.resolve("modules.json")).findValuesAsText("path"))
        .containsExactly("0_StaticEmbedding", "1_Dense", "2_Normalize");
    assertThat(
            json(copy.resolve("0_StaticEmbedding/tokenizer.json"))
                .at("/truncation/max_length")
                .asInt())
        .isEqualTo(24);
    Map<String, SafetensorsFile.Entry> whole =
        Safetensors.read(copy.resolve("model.safetensors")).entries();
    Map<String, SafetensorsFile.Entry> table =
        Safetensors.read(copy.resolve("0_StaticEmbedding/model.safetensors")).entries();
    assertThat(table).containsOnlyKeys("embedding.weight");
    assertThat(table.get("embedding.weight").data())
        .isEqualTo(whole.get("word_embeddings.weight").data());
  }

  /** Signs around a text, hashed n-grams, RoBERTa's positions by another id of padding. */
  @Test
  void whatTheLibraryWouldComputeOtherwise_isCopiedAsItIs() {
    Map<String, Object> table = Map.of("width", 8, "vocabulary", 610);
    assertThat(copied("static-embedding", table, new Task.Embedding(6)).resolve("modules.json"))
        .doesNotExist();
    Map<String, Object> hashed = Map.of("width", 8, "vocabulary", 100);
    Tokenizer ngrams = Tokenizer.hashedNgrams(100, 2, 3, 5);
    assertThat(
            copied("static-embedding", hashed, new Task.Embedding(6), ngrams, "")
                .resolve("modules.json"))
        .doesNotExist();
    assertThat(
            copied(
                    "roberta",
                    small("roberta", "mean"),
                    new Task.Embedding(6),
                    tokenizer("bert"),
                    "")
                .resolve("modules.json"))
        .doesNotExist();
  }
}
