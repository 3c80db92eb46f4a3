package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked of the version of ONNX Runtime that this library brings along. */
class OnnxRuntimeTest {

  /**
   * Versions that report to their makers (microsoft/onnxruntime#27379) name the collector. While
   * they start they take a command line apart, which overflows the stack where it is long.
   */
  @ParameterizedTest
  @ValueSource(strings = {"linux-x64/libonnxruntime.so", "osx-aarch64/libonnxruntime.dylib"})
  void nativeLibrary_reportsToNobody(String library) throws IOException {
    try (InputStream in =
        OrtEnvironment.class.getResourceAsStream("/ai/onnxruntime/native/" + library)) {
      assertThat(in).isNotNull();
      String content = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
      assertThat(content).contains("onnxruntime").doesNotContain("events.data.microsoft.com");
    }
  }
}
