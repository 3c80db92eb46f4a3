package io.ranbiki.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class OnnxFileTest {

  /** Values in the weights of the network of the test files, its batch normalisation folded. */
  private static final long PARAMETERS =
      (4 * 9 + 4) + (4 * 4 * 9 + 4) + (196 * 16 + 16) + (16 * 10 + 10);

  @Test
  void info_listsWhatTheFileHolds() throws Exception {
    OnnxInfo info = OnnxFile.read(file("dynamic.onnx")).info();

    assertThat(info.producer()).isEqualTo("pytorch");
    assertThat(info.opset()).isEqualTo(17);
    assertThat(info.inputs())
        .containsExactly(new OnnxInfo.Port("pixels", "float32", List.of("n", "1", "28", "28")));
    assertThat(info.outputs())
        .containsExactly(new OnnxInfo.Port("scores", "float32", List.of("n", "10")));
    assertThat(info.inputs().get(0)).hasToString("pixels [n, 1, 28, 28] float32");
    assertThat(info.layers())
        .hasSize(11)
        .startsWith(
            new OnnxInfo.Layer("/features/features.0/Conv_output_0", "Conv"),
            new OnnxInfo.Layer("/features/features.1/Relu_output_0", "Relu"))
        .endsWith(new OnnxInfo.Layer("scores", "Gemm"));
    assertThat(info.parameters()).isEqualTo(PARAMETERS);
    assertThat(info.bytes()).isEqualTo(file("dynamic.onnx").toFile().length());
  }

  @Test
  void weightsBesideTheFile_countInParametersBytesAndFiles() throws Exception {
    OnnxFile model = OnnxFile.read(file("external.onnx"));

    assertThat(model.info().parameters()).isEqualTo(PARAMETERS);
    assertThat(model.info().bytes())
        .isEqualTo(
            file("external.onnx").toFile().length() + file("external.bin").toFile().length());
    assertThat(model.files())
        .extracting(path -> path.getFileName().toString())
        .containsExactly("external.onnx", "external.bin");
  }

  @Test
  void severalOutputs_areListedInOrder() throws Exception {
    assertThat(OnnxFile.read(file("two-outputs.onnx")).info().outputs())
        .extracting(OnnxInfo.Port::name)
        .containsExactly("fine", "coarse");
  }

  private static Path file(String name) throws Exception {
    return Path.of(OnnxFileTest.class.getResource("/foreign/" + name).toURI());
  }
}
