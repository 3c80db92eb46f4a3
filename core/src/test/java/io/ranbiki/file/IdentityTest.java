package io.ranbiki.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityTest {

  @TempDir Path folder;

  @Test
  void hash_dependsOnContentAndOnWhereFilesEnd() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty"), "");
    Path ab = Files.writeString(folder.resolve("ab"), "ab");
    Path same = Files.writeString(folder.resolve("same"), "ab");
    Path a = Files.writeString(folder.resolve("a"), "a");
    Path b = Files.writeString(folder.resolve("b"), "b");
    assertThat(Identity.of("", List.of(ab))).isEqualTo(Identity.of("", List.of(same)));
    assertThat(
            Stream.of(List.of(ab), List.of(a, b), List.of(ab, empty), List.of(b, a))
                .map(files -> Identity.of("", files)))
        .doesNotHaveDuplicates()
        .doesNotContain(Identity.of("ab", List.of()))
        .allMatch(hash -> hash.matches("[0-9a-f]{64}"));
    Path missing = folder.resolve("missing");
    assertThatThrownBy(() -> Identity.of("", List.of(missing)))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("Cannot read %s: no such file or folder.", missing);
  }
}
