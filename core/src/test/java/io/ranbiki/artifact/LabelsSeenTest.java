package io.ranbiki.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a model folder says of the labels that its network was trained on. */
class LabelsSeenTest {

  private static final ModelSpec SPEC = ModelSpec.of("mlp", List.of(4), 2, Map.of());

  @TempDir Path folder;

  private Path written(LabelsSeen seen) {
    try (Model model = Model.create(SPEC, 5)) {
      ModelConfig config = new ModelConfig(SPEC, Normalization.none(), List.of());
      ModelFolder.write(folder, model, config, seen, "");
    }
    return folder;
  }

  private static BitSet positions(int... seen) {
    BitSet positions = new BitSet();
    for (int position : seen) {
      positions.set(position);
    }
    return positions;
  }

  @Test
  void whatIsWritten_isReadBack_andTheModelIsAsBefore() {
    LabelsSeen seen =
        new LabelsSeen(
            Map.of("one", positions(0, 7, 300), "other", positions(2)),
            new long[] {5, Long.MIN_VALUE, -1, 5},
            false);
    written(seen);
    assertThat(ModelFolder.readLabelsSeen(folder)).isEqualTo(seen);
    assertThat(seen.contents()).containsExactly(Long.MIN_VALUE, -1, 5);
    assertThat(ModelFolder.readConfig(folder).spec()).isEqualTo(SPEC);
    assertThat(ModelFolder.files(folder))
        .containsExactly(folder.resolve("config.json"), folder.resolve("model.safetensors"));
  }

  @Test
  void noLabelAtAll_isAnotherThingThanNotKnown() throws IOException {
    assertThat(ModelFolder.readLabelsSeen(written(LabelsSeen.NONE))).isEqualTo(LabelsSeen.NONE);
    assertThat(ModelFolder.readLabelsSeen(written(LabelsSeen.UNKNOWN)))
        .isEqualTo(LabelsSeen.UNKNOWN);
    assertThat(Files.readString(folder.resolve("config.json"))).doesNotContain("labels-seen");
    assertThat(folder.resolve("labels-seen.safetensors")).doesNotExist();
  }

  /** Whoever reads config.json opens it in an editor. */
  @Test
  void positionsOfManySamples_takeLittleRoom() throws IOException {
    BitSet all = new BitSet();
    all.set(0, 1_000_000);
    BitSet some = new BitSet();
    new Random(1).ints(6_000, 0, 60_000).forEach(some::set);
    written(new LabelsSeen(Map.of("all", all), null, true));
    assertThat(Files.size(folder.resolve("config.json"))).isLessThan(1_000);
    written(new LabelsSeen(Map.of("some", some), null, true));
    assertThat(Files.size(folder.resolve("config.json"))).isLessThan(8_000);
    assertThat(ModelFolder.readLabelsSeen(folder).positions()).containsEntry("some", some);
  }

  @Test
  void withoutTheFileBesideIt_thePositionsAreLeft() throws IOException {
    written(new LabelsSeen(Map.of("one", positions(3)), new long[] {4}, true));
    Files.delete(folder.resolve("labels-seen.safetensors"));
    LabelsSeen left = ModelFolder.readLabelsSeen(folder);
    assertThat(left).isEqualTo(new LabelsSeen(Map.of("one", positions(3)), null, true));
    assertThat(left.contains(4)).isFalse();
  }

  @Test
  void twoTogether_haveSeenWhatEitherHas() {
    LabelsSeen one = new LabelsSeen(Map.of("a", positions(1, 2)), new long[] {10, 20}, true);
    LabelsSeen other =
        new LabelsSeen(Map.of("a", positions(2, 3), "b", positions(0)), new long[] {20, 30}, true);
    assertThat(one.and(other))
        .isEqualTo(
            new LabelsSeen(
                Map.of("a", positions(1, 2, 3), "b", positions(0)), new long[] {10, 20, 30}, true));
    assertThat(one.and(LabelsSeen.NONE)).isEqualTo(one);
    assertThat(one.and(LabelsSeen.UNKNOWN))
        .isEqualTo(new LabelsSeen(one.positions(), one.contents(), false));
  }

  private void damaged(String positions) throws IOException {
    Files.writeString(
        folder.resolve("config.json"),
        "{\"architecture\": \"mlp\", \"labels-seen\": {\"complete\": true, \"contents\": true,"
            + " \"sets\": [{\"data\": \"a\", \"labels\": 2, \"positions\": \""
            + positions
            + "\"}]}}");
    assertThatThrownBy(() -> ModelFolder.readLabelsSeen(folder))
        .isInstanceOfSatisfying(
            RanbikiException.class,
            e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.MODEL))
        .hasMessage(
            "'labels-seen' of %s is damaged: its positions are not those of as many labels as it"
                + " says. Take the file anew, or remove the key: it only tells which samples the"
                + " network has seen the labels of.",
            folder.resolve("config.json"));
  }

  @Test
  void damage_isNamed() throws IOException {
    damaged("");
    damaged("%%%");
    damaged("AAAA");
    damaged("eJxjBAAAAgAC"); // one label: the deflated byte 1
  }

  @Test
  void fileOfAnotherContent_isNamed() throws IOException {
    written(new LabelsSeen(Map.of("one", positions(3)), new long[] {4}, true));
    Path beside = folder.resolve("labels-seen.safetensors");
    Files.copy(
        folder.resolve("model.safetensors"),
        beside,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> ModelFolder.readLabelsSeen(folder))
        .hasMessage(
            "%s has no I64 tensor 'contents' with one length. Remove the file: it only tells which"
                + " samples the network has seen the labels of.",
            beside);
    Files.delete(beside);
    assertThat(ModelFolder.readLabelsSeen(folder).contents()).isNull();
  }
}
