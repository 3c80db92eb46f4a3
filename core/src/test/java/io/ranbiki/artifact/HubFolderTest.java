package io.ranbiki.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Task;
import io.ranbiki.model.Exported;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.nn.Taps;
import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What transformers computed: see core/src/test/python/make_hub_resources.py. */
public class HubFolderTest {

  private static final double RELATIVE = 1e-5;

  /** A folder as transformers left it. */
  public static Path folder(String family) {
    try {
      return Path.of(HubFolderTest.class.getResource("/hub/" + family).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A copy of such a folder that may be changed. */
  public static Path copy(String family, Path to) throws IOException {
    Path from = folder(family);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
    return to;
  }

  private static double largest(Tensor tensor) {
    double largest = 0;
    for (float value : tensor.abs().toFloats()) {
      largest = Math.max(largest, value);
    }
    return largest;
  }

  private static void requireClose(Tensor actual, Tensor expected, String what) {
    assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
    assertThat(largest(actual.sub(expected)) / largest(expected)).as(what).isLessThan(RELATIVE);
  }

  /** Of the sentence encoder, what its {@code 2_Normalize} makes of it, as PyTorch does. */
  private static Tensor answer(Map<String, Tensor> golden) {
    return golden.containsKey("logits")
        ? golden.get("logits")
        : Functional.normalize(golden.get("mean"), 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "distilbert", "roberta", "modernbert", "sentence"})
  void everyFamily_answersPaddedTextsAsTransformers_inEveryLayer(String family) {
    try (TensorScope scope = TensorScope.open("test");
        NoGrad noGrad = new NoGrad();
        ModelFolder.Loaded loaded = ModelFolder.read(folder(family))) {
      Map<String, Tensor> golden =
          Weights.readTensors(folder(family).resolve("golden.safetensors"));
      List<String> paths = new ArrayList<>(List.of("pooled"));
      golden.keySet().stream().filter(path -> path.matches(".*\\.\\d")).forEach(paths::add);
      assertThat(paths).hasSize(1 + 4 + 3);
      assertThat(loaded.model().spec().parameters()).isEqualTo(loaded.model().parameterCount());
      loaded.model().module().eval();
      try (Taps taps = Taps.open(loaded.model().module(), paths)) {
        Tensor mask = golden.get("mask");
        Map<String, Tensor> inputs = Map.of("input_ids", golden.get("ids"), "attention_mask", mask);
        Tensor answer = loaded.model().module().answer(inputs).logits();
        Map<String, Tensor> seen = taps.take();

        Tensor real = mask.to(answer.dtype());
        for (int i = 0; i <= 3; i++) {
          String path = "hidden." + i;
          Tensor tokens = real.unsqueeze(2);
          requireClose(seen.get(path).mul(tokens), golden.get(path).mul(tokens), path);
        }
        for (int i = 0; i < 3; i++) {
          String path = "attention." + i;
          Tensor rows = real.unsqueeze(1).unsqueeze(3);
          requireClose(seen.get(path).mul(rows), golden.get(path).mul(rows), path);
        }
        boolean classifies = golden.containsKey("logits");
        requireClose(answer, answer(golden), "answer");
        if (!classifies) {
          requireClose(seen.get("pooled"), golden.get("mean"), "pooled");
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "distilbert", "roberta", "modernbert", "sentence"})
  void everyFamily_answersInOnnxRuntimeAsItself(String family) {
    try (TensorScope scope = TensorScope.open("test");
        NoGrad noGrad = new NoGrad();
        ModelFolder.Loaded loaded = ModelFolder.read(folder(family))) {
      Map<String, Tensor> golden =
          Weights.readTensors(folder(family).resolve("golden.safetensors"));
      requireClose(
          Exported.answers(loaded.model(), golden.get("ids"), golden.get("mask")),
          answer(golden),
          "answer");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mean", "cls", "max"})
  void everyPooling_isExported(String pooling) {
    try (TensorScope scope = TensorScope.open("test");
        NoGrad noGrad = new NoGrad();
        Model model =
            Model.create(
                new ModelSpec(
                    "bert",
                    List.of(new Field("input_ids", Field.Kind.INT64, List.of(Field.ANY))),
                    8,
                    Map.of("width", 8, "vocabulary", 9, "pooling", pooling, "head", "none")),
                1)) {
      model.module().eval();
      Tensor ids = Tensors.of(new long[] {1, 2, 3, 4, 5, 0}, 2, 3);
      Tensor mask = Tensors.of(new long[] {1, 1, 1, 1, 1, 0}, 2, 3);
      requireClose(
          Exported.answers(model, ids, mask),
          model.module().answer(Map.of("input_ids", ids, "attention_mask", mask)).logits(),
          pooling);
    }
  }

  @Test
  void aClassifier_knowsItsClassesAndItsTokenizer() {
    ModelConfig config = ModelFolder.readConfig(folder("bert"));
    assertThat(config.task()).isEqualTo(new Task.Classes(List.of("ask", "go", "pay")));
    assertThat(config.spec().classes()).isEqualTo(3);
    assertThat(config.spec().options())
        .containsEntry("layers", 3)
        .containsEntry("pooling", "cls")
        .containsEntry("positions", 14);
    assertThat(config.prepare().tokenize().orElseThrow().atMost()).isEqualTo(14);
    assertThat(ModelFolder.readConfig(folder("roberta")).spec().options())
        .containsEntry("positions", 14);
    assertThat(ModelFolder.readConfig(folder("modernbert")).spec().options())
        .containsEntry("pooling", "mean")
        .containsEntry("window", 2)
        .containsEntry("global-every", 3);
    assertThat(ModelFolder.files(folder("bert")))
        .extracting(file -> file.getFileName().toString())
        .contains("tokenizer.json", "model-00004-of-00004.safetensors");
  }

  @Test
  void aSentenceEncoder_answersWithVectors_pooledAndCutAsItsFolderSays(@TempDir Path temp)
      throws IOException {
    Path folder = copy("sentence", temp.resolve("e"));
    ModelConfig config = ModelFolder.readConfig(folder);
    assertThat(config.task()).isEqualTo(new Task.Embedding(16));
    assertThat(config.prepare().tokenize().orElseThrow().atMost()).isEqualTo(12);
    Path pooling = folder.resolve("1_Pooling/config.json");
    for (String mode : List.of("cls", "max")) {
      String key = mode.equals("cls") ? "pooling_mode_cls_token" : "pooling_mode_max_tokens";
      Files.writeString(pooling, "{\"" + key + "\": true}");
      try (TensorScope scope = TensorScope.open("test");
          NoGrad noGrad = new NoGrad();
          ModelFolder.Loaded loaded = ModelFolder.read(folder)) {
        Map<String, Tensor> golden = Weights.readTensors(folder.resolve("golden.safetensors"));
        loaded.model().module().eval();
        Map<String, Tensor> inputs =
            Map.of("input_ids", golden.get("ids"), "attention_mask", golden.get("mask"));
        requireClose(
            loaded.model().module().answer(inputs).logits(),
            Functional.normalize(golden.get(mode), 1),
            "pooled by " + mode);
      }
    }
    Files.writeString(pooling, "{\"pooling_mode_lasttoken\": true}");
    assertThatThrownBy(() -> ModelFolder.readConfig(folder))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            pooling
                + " pools by lasttoken, but here texts are pooled by one of mean, cls, max. Export"
                + " the network to ONNX and use that file.");
  }

  /** Early checkpoints, and names that later ones have in another way. */
  @Test
  void olderNames_areReadToo(@TempDir Path temp) throws IOException {
    Path folder = copy("roberta", temp.resolve("r"));
    Path config = folder.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("\"roberta\"", "\"xlm-roberta\""));
    try (TensorScope scope = TensorScope.open("test");
        ModelFolder.Loaded first = ModelFolder.read(folder)) {
      Path weights = folder.resolve("model.safetensors");
      Map<String, Tensor> renamed = new LinkedHashMap<>();
      Weights.readTensors(weights)
          .forEach(
              (name, tensor) ->
                  renamed.put(
                      name.replace("LayerNorm.weight", "LayerNorm.gamma")
                          .replace("LayerNorm.bias", "LayerNorm.beta"),
                      tensor));
      renamed.put("roberta.embeddings.position_ids", Tensors.arange(16).unsqueeze(0).contiguous());
      renamed.put("lm_head.bias", renamed.get("classifier.dense.bias"));
      Weights.writeTensors(weights, renamed, Map.of());
      try (ModelFolder.Loaded second = ModelFolder.read(folder)) {
        second
            .model()
            .module()
            .state()
            .forEach(
                (name, tensor) ->
                    assertThat(tensor.detach().toFloats())
                        .as(name)
                        .containsExactly(
                            first.model().module().state().get(name).detach().toFloats()));
      }
    }
  }

  /**
   * Which layers read all tokens may be listed. Against transformers:
   *
   * <pre>
   * c = ModernBertConfig.from_pretrained("modernbert")
   * c.layer_types = ["full_attention", "full_attention", "sliding_attention"]
   * hidden = ModernBertModel(c)(ids, attention_mask=mask).last_hidden_state  # with the weights
   * print(((hidden * real).sum(1) / real.sum(1))[0])
   * </pre>
   */
  @Test
  void layersThatReadAllTokens_mayComeAtAnyDistance(@TempDir Path temp) throws IOException {
    Path folder = copy("modernbert", temp.resolve("m"));
    setTypes(folder, "full", "full", "sliding");
    float[] expected = {
      -0.080990f, -0.172744f, 0.106452f, -0.319889f, 0.440391f, 0.025144f, -0.178083f, -0.046306f
    };
    try (TensorScope scope = TensorScope.open("test");
        NoGrad noGrad = new NoGrad();
        ModelFolder.Loaded loaded = ModelFolder.read(folder)) {
      Map<String, Tensor> golden = Weights.readTensors(folder.resolve("golden.safetensors"));
      loaded.model().module().eval();
      try (Taps taps = Taps.open(loaded.model().module(), List.of("pooled"))) {
        loaded
            .model()
            .module()
            .answer(Map.of("input_ids", golden.get("ids"), "attention_mask", golden.get("mask")));
        float[] pooled = taps.take().get("pooled").toFloats();
        for (int i = 0; i < expected.length; i++) {
          assertThat(pooled[i]).isCloseTo(expected[i], within(1e-5f));
        }
      }
      assertThat(loaded.model().spec().options()).containsEntry("global-layers", List.of(0, 1));
    }
  }

  /** Writes which layers of a folder of ModernBERT read all tokens. */
  public static void setTypes(Path folder, String... types) throws IOException {
    Path config = folder.resolve("config.json");
    String list =
        Stream.of(types).map(t -> '"' + t + "_attention\"").collect(Collectors.joining(","));
    String text = Files.readString(config);
    Files.writeString(
        config,
        text.replaceAll("(?s)\"layer_types\": \\[[^\\]]*]", "\"layer_types\": [" + list + "]"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"x\": \"a\", \"1\": \"b\"}",
        "{\"0\": \"a\", \"5\": \"b\"}",
        "{\"0\": \"a\", \"1\": \"a\"}"
      })
  void classesThatAreNotNumberedOrNamedAlike_areRefused(String names, @TempDir Path temp)
      throws IOException {
    Path folder = copy("bert", temp.resolve("b"));
    Path config = folder.resolve("config.json");
    Files.writeString(
        config,
        "{\"architectures\": [\"BertForSequenceClassification\"], \"id2label\": "
            + names
            + ","
            + Files.readString(config)
                .strip()
                .substring(1)
                .replaceAll("\"architectures\": \\[[^]]*],", "")
                .replaceAll("\"id2label\": \\{[^}]*},", ""));
    assertThatThrownBy(() -> ModelFolder.read(folder))
        .hasMessageStartingWith(
            config
                + " must give each class a name of its own in 'id2label', numbered from 0 on, but"
                + " has ")
        .hasMessageEndingWith(". Number them as the outputs of the network are.");
  }

  @Test
  void whatCannotBeRead_isSaidInASentence(@TempDir Path temp) throws IOException {
    Path folder = copy("bert", temp.resolve("b"));
    Path config = folder.resolve("config.json");
    String text = Files.readString(config);

    Files.writeString(config, text.replace("\"bert\"", "\"gpt2\""));
    assertThatThrownBy(() -> ModelFolder.read(folder))
        .isInstanceOf(RanbikiException.class)
        .hasMessageStartingWith(
            config
                + " describes a network of type \"gpt2\". Of networks of other libraries, those of"
                + " type bert, camembert, distilbert, modernbert, roberta, xlm-roberta can be"
                + " read;");

    Files.writeString(config, text.replace("\"gelu\"", "\"relu\""));
    assertThatThrownBy(() -> ModelFolder.read(folder))
        .hasMessage(
            config
                + " says hidden_act: \"relu\", but the networks that can be built here have gelu."
                + " Export it to ONNX and use that file.");

    Files.writeString(config, text.replace("\"hidden_size\": 16,", ""));
    assertThatThrownBy(() -> ModelFolder.read(folder))
        .hasMessage(config + " has no 'hidden_size' or 'dim'.");

    Files.writeString(config, text.replace("\"vocab_size\": 30", "\"vocab_size\": 29"));
    assertThatThrownBy(() -> ModelFolder.read(folder))
        .hasMessage(
            folder.resolve("tokenizer.json")
                + " has 30 pieces, but the network in "
                + folder
                + " has vectors for 29. Take the tokenizer that belongs to it.");

    Files.writeString(
        config, text.replaceAll("\"num_attention_heads\": \\d+", "\"num_attention_heads\": 3"));
    assertThatThrownBy(() -> ModelFolder.read(folder))
        .hasMessage(
            config
                + " describes no network. The architecture 'bert': 'heads' is 3, but must divide the"
                + " width, 16.");

    Files.writeString(config, text);
    Path limit =
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"model_max_length\": 0}");
    assertThatThrownBy(() -> ModelFolder.read(folder))
        .hasMessage(
            folder
                + " says that a text has at most 0 ids, but its tokenizer takes a limit of 3 or"
                + " more. Correct max_seq_length, model_max_length or max_position_embeddings.");
    Files.delete(limit);

    Files.delete(folder.resolve("tokenizer.json"));
    assertThatThrownBy(() -> ModelFolder.read(folder))
        .hasMessage(
            folder
                + " holds an encoder of texts, but no tokenizer.json, and without it nobody knows"
                + " which ids a text has. Save the fast tokenizer of the model into it.");
  }
}
