package io.ranbiki.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ranbiki.data.Task;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The files of a folder that sentence-transformers opens; that version 6.0.1 gives the student's
 * vectors was seen by {@code SentenceTransformer(folder).encode(texts)}.
 */
class SentenceFolderTest {

  private static final Path TOKENIZER =
      Path.of("../prepare/src/test/resources/tokenizers/uncased.json");

  @TempDir Path folder;

  private Path copied(String architecture, Map<String, Object> options, Task task) {
    ModelSpec spec =
        new ModelSpec(
            architecture,
            List.of(new Field("input_ids", Field.Kind.INT64, List.of(Field.ANY))),
            6,
            options);
    Prepare prepare = Prepare.of(new Step.Tokenize(Tokenizer.read(TOKENIZER), 24));
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
}
