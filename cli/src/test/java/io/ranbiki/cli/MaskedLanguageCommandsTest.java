package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.ModelFolder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks that guess hidden pieces, as commands meet them. */
class MaskedLanguageCommandsTest {

  @TempDir Path folder;

  /** A model folder as a run writes it. */
  private Path model(String family) {
    Path own = folder.resolve(family);
    Path resources = Path.of("../core/src/test/resources/masked");
    try (ModelFolder.Loaded loaded = ModelFolder.readMaskedLanguage(resources.resolve(family))) {
      ModelFolder.write(own, loaded.model(), loaded.config(), "a card");
    }
    return own;
  }

  @Test
  void predict_namesTheFolderThatIsOfUse() {
    Path own = model("bert");
    Typed typed = Typed.run("predict", own.toString(), "--text", "hello");
    assertThat(typed.exitCode()).isEqualTo(4);
    assertThat(typed.err())
        .startsWith("error: The model in " + own + " guesses pieces that are hidden of a text")
        .contains("ranbiki export " + own + " --to folder --output FOLDER");
  }

  @Test
  void export_saysWhereTransformersDoesNotOpenAFolder() {
    for (String family : new String[] {"bert", "roberta"}) {
      Path to = folder.resolve("exported-" + family);
      Typed typed =
          Typed.run(
              "export", model(family).toString(), "--to", "folder", "--output", to.toString());
      assertThat(typed.exitCode()).as(typed.err()).isZero();
      assertThat(typed.err().contains("which transformers does not open"))
          .as(typed.err())
          .isEqualTo(family.equals("roberta"));
    }
  }
}
