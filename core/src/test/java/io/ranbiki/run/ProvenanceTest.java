package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvenanceTest {

  @TempDir private Path folder;

  @Test
  void written_saysWhatTheRunKnewAndWhatTheMachineTells() throws Exception {
    Path file = folder.resolve("environment.json");

    Provenance.collect(
            2,
            7,
            List.of("distill", "basic.yaml"),
            Map.of("data", "ab12"),
            Map.of("libtorch", "2.10.0"))
        .write(file);

    JsonNode json = new ObjectMapper().readTree(file.toFile());
    assertThat(json.get("threads").intValue()).isEqualTo(2);
    assertThat(json.get("seed").intValue()).isEqualTo(7);
    assertThat(json.get("cores").intValue()).isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(json.get("command").get(1).textValue()).isEqualTo("basic.yaml");
    assertThat(json.at("/hashes/data").textValue()).isEqualTo("ab12");
    assertThat(json.at("/more/libtorch").textValue()).isEqualTo("2.10.0");
    assertThat(json.get("java").textValue()).contains(System.getProperty("java.vendor"));
    assertThat(json.get("os").textValue()).startsWith(System.getProperty("os.name"));
    assertThat(json.get("ranbiki").textValue()).matches("\\d+\\.\\d+\\.\\d+.*");
  }

  @Test
  void processor_isReadWhereTheSystemTells() throws Exception {
    Path file = folder.resolve("cpuinfo");
    Files.writeString(file, "processor\t: 0\nmodel\t\t: 1\nmodel name\t: Some CPU @ 2: GHz\n");

    assertThat(Provenance.processor(file)).isEqualTo("Some CPU @ 2: GHz");
    assertThat(Provenance.processor(folder.resolve("none"))).isNull();
  }

  @Test
  void instructionSets_areReadWhereTheSystemTells() throws Exception {
    Path x86 =
        Files.writeString(
            folder.resolve("x86"),
            "flags\t\t: fpu sse4_2 ssse3 sse fma avx512f constant_tsc avx2 amx_tile f16c\n"
                + "\nflags\t\t: none\n");
    Path arm =
        Files.writeString(folder.resolve("arm"), "Features\t: fp asimd evtstrm sve bf16 i8mm\n");

    assertThat(Provenance.instructionSets(x86))
        .containsExactly("amx_tile", "avx2", "avx512f", "f16c", "fma", "sse", "sse4_2", "ssse3");
    assertThat(Provenance.instructionSets(arm))
        .containsExactly("asimd", "bf16", "fp", "i8mm", "sve");
    assertThat(Provenance.instructionSets(folder.resolve("none"))).isEmpty();
  }

  @Test
  void noThreads_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Provenance.collect(0, 1, List.of(), Map.of(), Map.of()))
        .withMessageStartingWith("cores and threads must be 1 or more, but are ");
  }
}
