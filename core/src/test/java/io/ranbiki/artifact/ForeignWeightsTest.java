package io.ranbiki.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.teacher.TeacherSource;
import io.ranbiki.tensor.MemoryFormat;
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
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The weights and answers of a network of PyTorch (see make_pytorch_resources.py) in the forms in
 * which other programs write weights.
 */
class ForeignWeightsTest {

  private static final ModelSpec RESNET8 =
      ModelSpec.of("resnet", List.of(3, 8, 8), 5, Map.of("depth", 8, "width", 4));
  private static final String ONE = "model-00001-of-00002.safetensors";
  private static final String TWO = "model-00002-of-00002.safetensors";

  @TempDir Path folder;

  private static Path resource(String name) {
    try {
      return Path.of(ForeignWeightsTest.class.getResource("/pytorch/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, Tensor> pytorch() {
    return Weights.readTensors(resource("resnet8.safetensors"));
  }

  private Path file() {
    return folder.resolve("model.safetensors");
  }

  private Path renamed(UnaryOperator<String> name) {
    try (TensorScope scope = TensorScope.open("test")) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      pytorch().forEach((old, tensor) -> tensors.put(name.apply(old), tensor));
      Weights.writeTensors(file(), tensors, Map.of());
    }
    return file();
  }

  private static void requireAnswersOfPyTorch(Model model) {
    model.module().eval();
    Map<String, Tensor> expected = Weights.readTensors(resource("resnet8.answers.safetensors"));
    Tensor logits = model.apply(expected.get("images").copy(MemoryFormat.CHANNELS_LAST));
    assertThat(logits.toFloats()).containsExactly(expected.get("logits").toFloats(), within(1e-5f));
  }

  private static List<String> answers(Path weights) {
    try (TensorScope scope = TensorScope.open("test");
        Model model = ModelFolder.read(weights, RESNET8)) {
      requireAnswersOfPyTorch(model);
      return model.notes();
    }
  }

  private void refused(Path weights, String message) {
    assertThatThrownBy(() -> ModelFolder.read(weights, RESNET8))
        .isInstanceOfSatisfying(
            RanbikiException.class,
            e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.MODEL))
        .hasMessage(message.replace("#", folder.toString()));
  }

  // ---- names

  @ParameterizedTest
  @ValueSource(
      strings = {
        "module.",
        "_orig_mod.",
        "module._orig_mod.",
        "_orig_mod.module.",
        "module.module.",
        "model.",
        "state_dict.net."
      })
  void aPrefixOfAllNames_isTakenOff_andSaidOnce(String prefix) {
    assertThat(answers(renamed(name -> prefix + name)))
        .containsExactly(
            "The names of the tensors in "
                + file()
                + " were read without their prefix: '"
                + prefix
                + "bn1.num_batches_tracked' as 'bn1.num_batches_tracked'.");
  }

  @Test
  void aWrappedPart_isReadLikeAWrappedWhole() {
    assertThat(answers(renamed(name -> name.replaceFirst("^layer1\\.", "layer1._orig_mod."))))
        .hasSize(1);
  }

  @Test
  void theNetworksOwnNames_sayNothing() {
    assertThat(answers(renamed(name -> name))).isEmpty();
  }

  @Test
  void aNameWithAndWithoutPrefix_isRefused() {
    try (TensorScope scope = TensorScope.open("test")) {
      Map<String, Tensor> tensors = new LinkedHashMap<>(pytorch());
      tensors.put("module.fc.bias", tensors.get("fc.bias").add(1));
      Weights.writeTensors(file(), tensors, Map.of());
    }
    refused(
        file(),
        "#/model.safetensors holds 'fc.bias' twice, once behind the prefix of a wrapper. Keep one"
            + " of them.");
  }

  /** As PyTorch, whose load_state_dict(strict=True) says that all keys match. */
  @Test
  void countsOfBatches_mayBeMissing_orVectorsOfOneNumber() {
    try (TensorScope scope = TensorScope.open("test")) {
      Map<String, Tensor> without = pytorch();
      without.keySet().removeIf(name -> name.endsWith("num_batches_tracked"));
      Weights.writeTensors(file(), without, Map.of());
      assertThat(answers(file())).isEmpty();

      Map<String, Tensor> vectors = pytorch();
      vectors.replaceAll((name, tensor) -> tensor.dim() == 0 ? tensor.reshape(1) : tensor);
      Weights.writeTensors(file(), vectors, Map.of());
      assertThat(answers(file())).isEmpty();
    }
  }

  // ---- what does not fit

  private void changed(Consumer<Map<String, Tensor>> change) {
    try (TensorScope scope = TensorScope.open("test")) {
      Map<String, Tensor> tensors = new LinkedHashMap<>(pytorch());
      change.accept(tensors);
      Weights.writeTensors(file(), tensors, Map.of());
    }
  }

  @Test
  void adviceNamesTheCauseThatTheMistakesShow() {
    String begin = "#/model.safetensors does not fit this architecture: ";
    changed(tensors -> tensors.put("ema_decay", Tensors.ones(1)));
    refused(
        file(),
        begin
            + "unknown: ema_decay. All else fits: choose the options of the network that has these"
            + " tensors, too, such as its depth, or take them out of the file.");
    changed(tensors -> tensors.remove("ema_decay"));
    assertThat(answers(file())).isEmpty();

    changed(
        tensors -> {
          tensors.put("fc.weight", Tensors.ones(7, 16));
          tensors.put("fc.bias", Tensors.ones(7));
        });
    refused(
        file(),
        begin
            + "misshapen: fc.weight is [7, 16], but must be [5, 16], fc.bias is [7], but must be [5]."
            + " It answers with 7 classes, not 5: use weights and data of the same classes.");

    changed(tensors -> tensors.put("conv1.weight", Tensors.ones(4, 1, 3, 3)));
    refused(
        file(),
        begin
            + "misshapen: conv1.weight is [4, 1, 3, 3], but must be [4, 3, 3, 3]. Check the"
            + " architecture, its options, the shape of a sample and the number of classes.");

    changed(tensors -> tensors.remove("fc.bias"));
    refused(
        file(),
        begin
            + "missing: fc.bias. Check the architecture and its options, such as the depth, and"
            + " whether the file is whole.");

    changed(
        tensors -> {
          tensors.clear();
          tensors.put("embed\n.weight", Tensors.ones(2));
        });
    assertThatThrownBy(() -> ModelFolder.read(file(), RESNET8))
        .hasMessageContaining("unknown: embed?.weight")
        .hasMessageEndingWith(
            "None of its names is known: say which architecture it belongs to; a network that"
                + " cannot be built here can be used as an ONNX file.");
  }

  // ---- several files

  /** Writes two shards and an index; {@code change} may spoil the map of names to files. */
  private Path sharded(Consumer<Map<String, String>> change) {
    Map<String, String> map = new LinkedHashMap<>();
    try (TensorScope scope = TensorScope.open("test")) {
      Map<String, Tensor> all = pytorch();
      Set<String> names = all.keySet();
      for (String shard : List.of(ONE, TWO)) {
        Map<String, Tensor> part = new LinkedHashMap<>();
        for (String name :
            names.stream().filter(n -> n.startsWith("fc.") == shard.equals(TWO)).toList()) {
          part.put(name, all.get(name));
          map.put(name, shard);
        }
        Weights.writeTensors(folder.resolve(shard), part, Map.of());
      }
    }
    change.accept(map);
    List<String> entries = new ArrayList<>();
    map.forEach((name, shard) -> entries.add("\"" + name + "\": \"" + shard + "\""));
    return index("{\"metadata\": {\"total_size\": 1}, \"weight_map\": {%s}}", entries);
  }

  private Path index(String format, List<String> entries) {
    try {
      return Files.writeString(
          folder.resolve("model.safetensors.index.json"),
          format.formatted(String.join(", ", entries)));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void shards_areReadByTheirIndex_byTheNameThatTheyReplace_andByTheirFolder() throws IOException {
    Path index = sharded(map -> {});
    assertThat(answers(index)).isEmpty();
    assertThat(answers(file())).isEmpty();
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"architecture": "resnet", "options": {"depth": 8, "width": 4}, "input": [3, 8, 8],
         "classes": 5}
        """);
    try (TensorScope scope = TensorScope.open("test");
        ModelFolder.Loaded loaded = ModelFolder.read(folder)) {
      requireAnswersOfPyTorch(loaded.model());
    }
    for (Path path : List.of(folder, index, file())) {
      assertThat(TeacherSource.of(path, false, null))
          .isEqualTo(new TeacherSource.Folder(folder.toAbsolutePath()));
    }
    String before = TeacherSource.of(folder, false, null).hash();
    try (TensorScope scope = TensorScope.open("test")) {
      Map<String, Tensor> second = Weights.readTensors(folder.resolve(TWO));
      second.put("fc.bias", second.get("fc.bias").add(1));
      Weights.writeTensors(folder.resolve(TWO), second, Map.of());
    }
    assertThat(TeacherSource.of(folder, false, null).hash()).isNotEqualTo(before);

    Files.copy(resource("resnet8.safetensors"), file());
    assertThatThrownBy(() -> ModelFolder.read(folder))
        .hasMessage(
            folder
                + " holds weights twice, in model.safetensors and in the files of"
                + " model.safetensors.index.json. Move away what is not meant.");
    Files.delete(index);
    ModelFolder.read(folder).close();
  }

  @Test
  void oneShardAlone_isNotAModel() {
    Path index = sharded(map -> {});
    refused(
        folder.resolve(TWO),
        "#/model-00002-of-00002.safetensors is one of 2 files with the weights of a model. Name the"
            + " index of all, model.safetensors.index.json, or its folder.");
    assertThat(answers(index)).isEmpty();
  }

  @Test
  void aLinkToAShard_isFollowed_asInTheCacheOfTheHub() throws IOException {
    Path index = sharded(map -> {});
    Path blobs = Files.createDirectories(folder.resolve("blobs"));
    Files.move(folder.resolve(TWO), blobs.resolve("0f3a"));
    Files.createSymbolicLink(folder.resolve(TWO), blobs.resolve("0f3a"));
    assertThat(answers(index)).isEmpty();
  }

  @Test
  void aMissingShard_isNamed() throws IOException {
    Path index = sharded(map -> {});
    Files.delete(folder.resolve(TWO));
    refused(
        index,
        "#/model.safetensors.index.json lists the file \"model-00002-of-00002.safetensors\", which"
            + " is missing. Put all files of the model into one folder.");
  }

  @ParameterizedTest
  @CsvSource({
    "../x.safetensors",
    "/etc/passwd",
    "'.'",
    "'a/../../x'",
    "'x\\u0000y'",
    "''",
  })
  void aShardOutsideTheFolder_isRefused(String name) {
    Path index = sharded(map -> map.put("fc.bias", name));
    refused(
        index,
        "#/model.safetensors.index.json puts tensor \"fc.bias\" into \""
            + name.replace("\\u0000", "?")
            + "\", which is no file of its own folder. Put all files of the model into one folder,"
            + " and their plain names into the index.");
  }

  @Test
  void tensorsThatLieElsewhere_areRefused() {
    String again = ". Copy the index and its files again, all from one place.";
    refused(
        sharded(map -> map.put("fc.bias", ONE)),
        "#/" + TWO + " holds the tensor \"fc.bias\", which the index puts into " + ONE + again);
    refused(
        sharded(map -> map.remove("fc.bias")),
        "#/" + TWO + " holds the tensor \"fc.bias\", which the index does not list" + again);
    refused(
        sharded(map -> map.put("fc.scale", TWO)),
        "#/" + TWO + " does not hold the tensor \"fc.scale\", which the index puts there" + again);
    Path index = sharded(map -> {});
    try (TensorScope scope = TensorScope.open("test")) {
      Map<String, Tensor> twice = Weights.readTensors(folder.resolve(TWO));
      twice.put("conv1.weight", Tensors.ones(1));
      Weights.writeTensors(folder.resolve(TWO), twice, Map.of());
    }
    refused(
        index,
        "#/"
            + TWO
            + " holds the tensor \"conv1.weight\", which the index puts into "
            + ONE
            + again);
  }

  @Test
  void damagedIndexes_areRefused() {
    sharded(map -> {});
    String none =
        "#/model.safetensors.index.json has no 'weight_map' that names the file of every tensor."
            + " Download it again, or name a .safetensors file.";
    refused(index("{}%s", List.of()), none);
    refused(index("[1]%s", List.of()), none);
    refused(index("%s", List.of()), none);
    refused(index("{\"weight_map\": {%s}}", List.of()), none);
    refused(
        index("{\"weight_map\": {\"a\": 3}}%s", List.of()),
        "#/model.safetensors.index.json puts tensor \"a\" into NUMBER, which is no file of its own"
            + " folder. Put all files of the model into one folder, and their plain names into the"
            + " index.");
    refused(
        index("{\"weight_map\": {\"a\": \"x\", \"a\": \"y\"}}%s", List.of()),
        "#/model.safetensors.index.json is not JSON: the field 'a' is there twice, in line 1, column 30."
            + " Download it again.");
  }
}
