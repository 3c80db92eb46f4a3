package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportCommandTest {

  @TempDir Path temp;

  @Test
  void anOnnxFile_becomesAFolder() {
    Path file = Path.of("../core/src/test/resources/hub/sentence/model.onnx");
    Typed typed = Typed.run("import", file.toString(), "--to", temp.resolve("f").toString());
    assertThat(typed.exitCode()).isZero();
    assertThat(typed.out())
        .contains("bert(", "heads=2", "parameters. Its vectors differ from those of the file by ");
    typed = Typed.run("import", file.toString(), "--to", temp.resolve("f").toString());
    assertThat(typed.exitCode()).isEqualTo(3);
    assertThat(typed.err()).contains("is there already, and nothing is written over.");
  }
}
