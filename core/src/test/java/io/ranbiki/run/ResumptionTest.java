package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.artifact.LabelsSeen;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.YamlWriter;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.result.Result;
import io.ranbiki.train.Interrupted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run may go on with, and what it may not. */
class ResumptionTest {

  private static final String CONFIG =
      """
      name: resumed
      latency: false
      seed: 3
      doctor: false
      data: {format: csv, folder: %s, validation: 0}
      teacher: {model: %s, answers: live}
      student: {architecture: mlp, hidden: 4}
      objective: [{hard-labels: {weight: 0.5}}, {soft-targets: {weight: 0.5, temperature: 2}}]
      train:
        epochs: 3
        batch: 4
        threads: 1
        optimizer: {adam: {learning-rate: 0.01}}
        schedule: cosine
      compare: {scratch: false}
      """;

  private static final String MIXED =
      "The run in '%s' would go on as another than it began, and its result would belong to"
          + " neither: %s. Undo what changed, or begin a new run in another folder.";
  private static final String ROUNDED =
      "The run in '%s' would end with other bits than without the interruption: %s. Go on where it"
          + " began, or say --other-bits to go on all the same.";

  @TempDir Path folder;
  private RunFolder run = new RunFolder(Path.of(""));
  private final List<String> notes = new ArrayList<>();

  @BeforeEach
  void begin() throws IOException {
    rows("data");
    teacher("teacher", 1);
    run = begin("run");
  }

  private void rows(String name) throws IOException {
    Path data = Files.createDirectories(folder.resolve(name));
    Files.writeString(data.resolve("train.csv"), "0.1,0.9,a\n0.8,0.3,b\n".repeat(6));
    Files.writeString(data.resolve("test.csv"), "0.2,0.7,a\n0.9,0.1,b\n");
  }

  private void teacher(String name, long seed) {
    ModelSpec spec = ModelSpec.of("mlp", List.of(2), 2, Map.of("hidden", 3));
    try (Model untrained = Model.create(spec, seed)) {
      ModelConfig config = new ModelConfig(spec, Normalization.none(), List.of("a", "b"));
      ModelFolder.write(folder.resolve(name), untrained, config, LabelsSeen.NONE, "");
    }
  }

  private RunFolder begin(String name, String... overrides) {
    Path path = folder.resolve("runs").resolve(name);
    assertThatThrownBy(() -> start(path, overrides)).isInstanceOf(Interrupted.class);
    return new RunFolder(path);
  }

  private void start(Path path, String... overrides) {
    RunFolder begun = RunFolder.create(path);
    String text = CONFIG.formatted(folder.resolve("data"), folder.resolve("teacher"));
    RunConfig config =
        RunConfigReader.any(ConfigDocument.parse("a.yaml", text, List.of(overrides), Map.of()));
    AtomicLong done = new AtomicLong();
    RunListener listener =
        new RunListener() {
          @Override
          public void stepDone(long step, int samples) {
            done.set(step);
          }
        };
    new Experiment(config, begun, List.of("begin"), listener, () -> done.get() == 4).run();
  }

  private Result resume(boolean otherBits, String... overrides) {
    Resumption resumption = new Resumption(List.of(overrides), otherBits);
    RunConfig config = resumption.read(run, Map.of());
    RunListener listener =
        new RunListener() {
          @Override
          public void note(String note) {
            if (!note.startsWith("asking the teacher")) {
              notes.add(note);
            }
          }
        };
    return new Experiment(config, run, List.of("resume"), listener, () -> false).run(resumption);
  }

  /** Every file of the run by its content, so that nothing can change unseen. */
  private Map<String, String> files() throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(run.path())) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(
            run.path().relativize(file).toString(),
            new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1));
      }
    }
    return files;
  }

  private void refused(String message, boolean otherBits, String... overrides) throws IOException {
    Map<String, String> before = files();
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> resume(otherBits, overrides))
        .withMessage(message)
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.CONFIGURATION));
    assertThat(files()).isEqualTo(before);
  }

  private void refusedAsMixed(String changes, String... overrides) throws IOException {
    refused(MIXED.formatted(run.path(), changes), true, overrides);
  }

  private void edit(Path file, String from, String to) throws IOException {
    String text = Files.readString(file);
    assertThat(text).contains(from);
    Files.writeString(file, text.replace(from, to));
  }

  private byte[] weights() throws IOException {
    return Files.readAllBytes(run.model().resolve(ModelFolder.WEIGHTS));
  }

  /** Writes other values into the run's own config.yaml, as somebody with an editor would. */
  private void editConfig(String... overrides) throws IOException {
    RunConfig edited =
        RunConfigReader.any(ConfigDocument.read(run.config(), List.of(overrides), Map.of()));
    Files.writeString(run.config(), YamlWriter.write(edited.resolved()));
  }

  private JsonNode environment() throws IOException {
    return Json.MAPPER.readTree(Files.readString(run.environment()));
  }

  private interface Change {
    void make(ObjectNode environment);
  }

  private void editEnvironment(Change change) throws IOException {
    ObjectNode json = (ObjectNode) environment();
    change.make(json);
    Files.writeString(run.environment(), json.toPrettyString());
  }

  private static final Map<String, String> RECIPES =
      Map.ofEntries(
          Map.entry("train.batch=3", "train.batch is 3 and was 4"),
          Map.entry(
              "train.optimizer.adam.learning-rate=0.1",
              "train.optimizer.adam.learning-rate is 0.1 and was 0.01"),
          Map.entry("train.schedule=linear", "train.schedule is linear and was cosine"),
          Map.entry("train.optimizer=sgd", "train.optimizer is sgd and was adam"),
          Map.entry("seed=4", "seed is 4 and was 3"),
          Map.entry("seed=[3, 4]", "seed is 3, 4 and was 3"),
          Map.entry(
              "objective.soft-targets.temperature=4",
              "objective.soft-targets.temperature is 4.0 and was 2.0"),
          Map.entry(
              "objective=[soft-targets: {weight: 0.5, temperature: 2}, hard-labels: {weight: 0.5}]",
              "objective is soft-targets, hard-labels and was hard-labels, soft-targets"),
          Map.entry("student.hidden=5", "student.hidden is 5 and was 4"),
          Map.entry("teacher.encoding=float16", "teacher.encoding is float16 and was float32"),
          Map.entry("data.validation=0.5", "data.validation is 0.5 and was 0.0"),
          Map.entry("data.limit=6", "data.limit is 6 and was not given"),
          Map.entry("data.augment=[noise]", "data.augment is noise and was not given"),
          Map.entry("train.clip-norm=1", "train.clip-norm is 1.0 and was not given"),
          Map.entry("train.warm-up=1", "train.warm-up is 1.0 and was 0.0"));

  @Test
  void anotherRecipe_isRefused_namingTheKey() throws IOException {
    String config = Files.readString(run.config());
    for (Map.Entry<String, String> recipe : RECIPES.entrySet()) {
      refusedAsMixed(recipe.getValue(), recipe.getKey());
      editConfig(recipe.getKey());
      refusedAsMixed(recipe.getValue());
      Files.writeString(run.config(), config);
    }
  }

  @Test
  void everythingThatDiffers_isNamedAtOnce() throws IOException {
    Files.writeString(folder.resolve("data/train.csv"), "0.1,0.9,a\n0.8,0.3,c\n".repeat(6));
    Files.writeString(folder.resolve("data/test.csv"), "0.2,0.7,a\n0.9,0.1,c\n");
    teacher("teacher", 2);
    refusedAsMixed(
        "the training samples are others; the samples of the test are others; the class names are"
            + " others; the teacher is another; train.epochs is 4 and was 3; train.batch is 3 and"
            + " was 4",
        "train.batch=3",
        "train.epochs=4");
  }

  @Test
  void changedLabelPixelTestSampleOrTeacher_isRefused() throws IOException {
    Path train = folder.resolve("data/train.csv");
    String samples = Files.readString(train);
    Files.writeString(train, samples.replaceFirst(",a", ",b"));
    refusedAsMixed("the training samples are others");
    Files.writeString(train, samples.replaceFirst("0\\.9", "0.8"));
    refusedAsMixed("the training samples are others");
    Files.writeString(train, samples + "0.5,0.5,a\n");
    refusedAsMixed("the training samples are others");
    Files.writeString(train, samples);
    Path test = folder.resolve("data/test.csv");
    String tested = Files.readString(test);
    Files.writeString(test, tested.replaceFirst(",a", ",b"));
    refusedAsMixed("the samples of the test are others");
    Files.writeString(test, tested);
    teacher("teacher", 2);
    refusedAsMixed("the teacher is another");
    teacher("teacher", 1);
    resume(false);
    assertThat(run.result()).exists();
  }

  @Test
  void unchangedRun_goesOnAndLeavesItsEnvironmentAlone() throws IOException {
    String before = Files.readString(run.environment());
    resume(false);
    assertThat(run.environment()).hasContent(before);
    assertThat(notes).isEmpty();
    assertThat(environment().get("instruction-sets").isArray()).isTrue();
    assertThat(environment().at("/config/train/batch").asInt()).isEqualTo(4);
  }

  @Test
  void keysThatTrainNothing_areFree() throws IOException {
    RunFolder first = run;
    resume(false, "name=renamed", "train.log-gradients=1", "doctor=false", "teacher.trusted=true");
    byte[] weights = weights();
    assertThat(Files.readString(run.config())).contains("name: renamed");
    assertThat(environment().get("resumed")).hasSize(1);
    run = begin("straight");
    resume(false);
    assertThat(weights()).isEqualTo(weights);
    assertThat(first.result()).exists();
  }

  private String missing(String what, String name, String key) {
    return "The %s of the run in '%s' is not at '%s'. If it has moved, say where it is now: ranbiki"
            .formatted(what, run.path(), folder.resolve(name))
        + " resume %s %s=PATH".formatted(run.path(), key);
  }

  @Test
  void movedDataAndTeacher_areAcceptedIfTheirContentIsTheSame() throws IOException {
    Files.move(folder.resolve("data"), folder.resolve("moved"));
    Files.move(folder.resolve("teacher"), folder.resolve("gone"));
    String data = "data.folder=" + folder.resolve("moved");
    String teacher = "teacher.model=" + folder.resolve("gone");
    refused(missing("data", "data", "data.folder"), false);
    refused(missing("teacher", "teacher", "teacher.model"), false, data);
    edit(folder.resolve("moved/train.csv"), "0.1", "0.2");
    refusedAsMixed("the training samples are others", data, teacher);
    edit(folder.resolve("moved/train.csv"), "0.2", "0.1");
    resume(false, data, teacher);
    assertThat(Files.readString(run.config()))
        .contains(folder.resolve("moved").toString(), folder.resolve("gone").toString());
    assertThat(environment().at("/config/data/folder").asText())
        .isEqualTo(folder.resolve("data").toString());
    resume(false); // finds both where they are now
  }

  @Test
  void otherThreads_needThatSaid_andAreRecorded() throws IOException {
    refused(
        ROUNDED.formatted(run.path(), "train.threads is 2 and was 1"), false, "train.threads=2");
    String before = environment().toString();
    resume(true, "train.threads=2");
    ObjectNode after = (ObjectNode) environment();
    assertThat(after.at("/resumed/0/threads").asInt()).isEqualTo(2);
    assertThat(after.at("/resumed/0/command/0").asText()).isEqualTo("resume");
    after.remove("resumed");
    assertThat(after).hasToString(before);
    resume(false); // it goes on as it went on last
    assertThat(environment().get("resumed")).hasSize(1);
  }

  @Test
  void anotherProcessorOrVersion_needsThatSaid() throws IOException {
    editEnvironment(
        json -> {
          json.put("ranbiki", "0.0.1").put("processor", "Another CPU");
          ((ObjectNode) json.get("more")).put("libtorch", "2.0");
          json.putArray("instruction-sets").add("avx9");
        });
    assertThatThrownBy(() -> resume(false))
        .hasMessageStartingWith(
            "The run in '%s' would end with other bits than without the interruption: Ranbiki is"
                .formatted(run.path()))
        .hasMessageContaining(" and was 0.0.1; libtorch is ")
        .hasMessageContaining(" and was 2.0; the processor is ")
        .hasMessageContaining(" and was Another CPU; the processor lacks the instruction sets avx9")
        .hasMessageEndingWith("Go on where it began, or say --other-bits to go on all the same.");
    resume(true);
    assertThat(environment().get("processor").asText()).isEqualTo("Another CPU");
    assertThat(environment().at("/resumed/0/processor").asText()).isNotEqualTo("Another CPU");
  }

  @Test
  void moreEpochs_areTrainedIfAskedFor() throws IOException {
    String start = "The run in '" + run.path() + "' was begun with train.epochs 3";
    editConfig("train.epochs=5");
    refused(
        start
            + ", but would go on to 5. If it is to be longer, say so: ranbiki resume "
            + run.path()
            + " train.epochs=5",
        false);
    refused(
        start + " and cannot be made shorter, to 2; begin a new run in another folder.",
        false,
        "train.epochs=2");
    Result longer = resume(false, "train.epochs=5");
    assertThat(longer.history()).hasSize(5);
    assertThat(notes)
        .containsExactly(
            "The run is made longer, from 3 epochs to 5; from here on the learning rate follows the"
                + " schedule of 5 epochs, so that the result is not that of a run begun with these.");
    assertThat(Files.readString(run.config())).contains("epochs: 5");
    assertThat(environment().at("/config/train/epochs").asInt()).isEqualTo(3);
    assertThat(environment().at("/resumed/0/config/train/epochs").asInt()).isEqualTo(5);
    notes.clear();
    assertThat(resume(false).history()).hasSize(5);
    assertThat(resume(false, "train.epochs=6").history()).hasSize(6); // of a finished run
  }

  @Test
  void moreEpochsWithoutAScheduleOverAll_giveTheBitsOfALongRun() throws IOException {
    run = begin("short", "train.schedule=constant");
    resume(false);
    resume(false, "train.epochs=4");
    assertThat(notes).containsExactly("The run is made longer, from 3 epochs to 4.");
    byte[] weights = weights();
    run = begin("long", "train.schedule=constant", "train.epochs=4");
    resume(false);
    assertThat(weights()).isEqualTo(weights);
  }

  @Test
  void modelsThatTeachOthers_areNotTrainedLonger() throws IOException {
    run = begin("chain", "strategy={progressive: {assistants: [{architecture: mlp, hidden: 3}]}}");
    refused(
        "The run in '"
            + run.path()
            + "' was begun with train.epochs 3, and models that were trained for so long teach"
            + " others in it, so that it cannot be made longer, to 4; begin a new run in another"
            + " folder.",
        false,
        "train.epochs=4");
  }

  @Test
  void runThatWasKilledBetweenItsTwoFiles_goesOnAsItWasTold() throws IOException {
    String config = Files.readString(run.config());
    resume(false, "train.epochs=5");
    Files.writeString(run.config(), config);
    assertThat(resume(false).history()).hasSize(5);
  }

  @Test
  void folderOfAnEarlierVersion_goesOnWithOneNote() throws IOException {
    editEnvironment(
        json -> {
          json.remove(List.of("config", "instruction-sets"));
          ((ObjectNode) json.get("hashes")).remove(List.of("test", "class-names"));
          json.put("ranbiki", "0.0.1");
        });
    String note =
        run.path()
            + " was made by an earlier version and does not say with which configuration, test"
            + " samples, class names, processor and versions the run began; these are not compared.";
    Path train = folder.resolve("data/train.csv");
    edit(train, "0.1", "0.2");
    refusedAsMixed("the training samples are others");
    edit(train, "0.2", "0.1");
    resume(false);
    assertThat(notes).containsExactly(note);
    resume(false);
    assertThat(notes).containsExactly(note);
    refusedAsMixed("train.batch is 3 and was 4", "train.batch=3");
  }

  @Test
  void folderOfAnEarlierVersion_goesOnWithoutWhatItHadNoKeyFor() throws IOException {
    run = begin("older", "data.validation=0.34", "train.keep=last", "compare.decisions=false");
    String config = Files.readString(run.config());
    Files.writeString(
        run.config(), config.replaceAll("(?m)^ +(keep|patience|decisions): .*\n", ""));
    assertThat(Files.readString(run.config())).isNotEqualTo(config);
    editEnvironment(json -> json.remove("config"));

    Result result = resume(false);

    assertThat(result.models()).containsOnlyKeys("teacher", "student");
    assertThat(result.evidence().equalSteps()).as("the last epoch was kept").isEmpty();
    assertThat(Files.readString(run.config())).contains("keep: last", "decisions: false");
  }

  @Test
  void limitOfAnEarlierVersion_isSaidToHaveTakenOtherSamples() throws IOException {
    run = begin("limited", "data.limit=10");
    resume(false);
    assertThat(notes).isEmpty();
    editEnvironment(
        json -> {
          json.remove(List.of("config", "instruction-sets"));
          ((ObjectNode) json.get("hashes")).remove(List.of("test", "class-names"));
        });
    resume(false);
    assertThat(notes)
        .hasSize(2)
        .last()
        .isEqualTo(
            "Earlier versions took the first samples for 'limit', and this one takes samples of"
                + " each class by turns, so that the run goes on with others; for figures of one"
                + " kind begin a new run.");
  }

  @Test
  void folderWithoutARun_isNamed() throws IOException {
    run = RunFolder.open(Files.createDirectory(folder.resolve("runs/empty")));
    refused(
        "No run was begun in '"
            + run.path()
            + "': config.yaml is missing. Begin one with train or distill.",
        false);
  }

  @Test
  void damagedEnvironment_isNamed() throws IOException {
    Files.writeString(run.environment(), "{");
    refused(
        "'"
            + run.environment()
            + "' is not what a run wrote there: not valid JSON (line 1). Bring back the file, or"
            + " begin a new run in another folder.",
        false);
  }

  /** What cannot be compared must not pass for equal. */
  @Test
  void environmentOfAnotherForm_isNamed() throws IOException {
    String whole = Files.readString(run.environment());
    Files.write(run.environment(), new byte[] {'{', (byte) 0xff});
    refused(damaged("not text in UTF-8"), false);
    Map<String, Change> changes = new TreeMap<>();
    changes.put("resumed", json -> json.putObject("resumed"));
    changes.put("config", json -> json.putArray("config"));
    changes.put("hashes", json -> json.remove("hashes"));
    changes.put("instruction-sets", json -> json.put("instruction-sets", "avx"));
    for (Map.Entry<String, Change> change : changes.entrySet()) {
      Files.writeString(run.environment(), whole);
      editEnvironment(change.getValue());
      refused(damaged("'" + change.getKey() + "' is missing or has another form"), false);
    }
  }

  private String damaged(String reason) {
    return "'"
        + run.environment()
        + "' is not what a run wrote there: "
        + reason
        + ". Bring back the file, or begin a new run in another folder.";
  }

  /** It is written out, so that a later version with another one would notice. */
  @Test
  void defaultsOfChoices_areAlike_saidOrLeftOut() {
    String text = CONFIG.replaceAll(" *(optimizer|schedule): .*\n", "");
    String said = text.replace("threads: 1", "threads: 1\n  optimizer: adam\n  schedule: constant");
    assertThat(said).isNotEqualTo(text);
    assertThat(keys(text)).containsEntry("train.optimizer.adam.learning-rate", "0.001");
    assertThat(keys(text)).isEqualTo(keys(said));
  }

  private static Map<String, String> keys(String text) {
    return Recipe.keys(
        RunConfigReader.any(
                ConfigDocument.parse("a.yaml", text.formatted("d", "t"), List.of(), Map.of()))
            .resolved());
  }

  @Test
  void initialWeightsThatAreNotFinite_areRefusedByName() throws IOException {
    ModelSpec spec = ModelSpec.of("mlp", List.of(2), 2, Map.of("hidden", 4));
    Path weights = folder.resolve("broken/model.safetensors");
    try (Model model = Model.create(spec, 1)) {
      model.module().parameters().get("layers.2.bias").fill(Double.NaN);
      ModelConfig config = new ModelConfig(spec, Normalization.none(), List.of("a", "b"));
      ModelFolder.write(weights.getParent(), model, config, LabelsSeen.NONE, "");
    }
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> start(folder.resolve("x"), "student.weights=" + weights))
        .withMessage(
            weights
                + " holds numbers in layers.2.bias that are not finite, and from those nothing"
                + " learns. Take the weights of a training that went well.");
  }
}
