package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SchemaCommandTest {

  @Test
  void schema_isJsonOnStandardOutput() {
    Typed typed = Typed.run("schema");
    assertThat(typed.exitCode()).isZero();
    assertThat(typed.err()).isEmpty();
    assertThat(typed.out())
        .startsWith("{")
        .contains("https://json-schema.org/draft/2020-12/schema", "\"soft-targets\"");
  }

  /** To write the page anew: {@code ./ranbiki schema --tables > docs/configuration.md}. */
  @Test
  void theTablesOfTheDocumentation_areWhatOurReadersTake() throws IOException {
    Typed typed = Typed.run("schema", "--tables");
    assertThat(typed.exitCode()).isZero();
    assertThat(typed.out())
        .as("docs/configuration.md; ./ranbiki schema --tables > docs/configuration.md writes it")
        .isEqualToNormalizingNewlines(Files.readString(Path.of("..", "docs", "configuration.md")));
  }
}
