package io.ranbiki.run;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.config.Options;
import io.ranbiki.file.Identity;
import io.ranbiki.teacher.OnnxEncoder;
import io.ranbiki.teacher.OnnxOptions;
import io.ranbiki.teacher.Pool;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An encoder whose vectors a network is trained on.
 *
 * @param file in the ONNX format
 * @param pool how the vectors of a text's pieces become one
 * @param options how the file is used
 */
public record EncoderConfig(Path file, Pool pool, OnnxOptions options) {

  /** Reads the keys {@code encoder} and {@code pool} of a network; empty if it has none. */
  static Optional<EncoderConfig> read(Options options) {
    Optional<Path> file =
        options.optionalPath(
            "encoder", "An ONNX file that makes vectors of texts, on which the network is trained");
    Pool pool = options.word("pool", Pool.MEAN, "How one vector is made of those of a text's ids");
    return file.map(path -> new EncoderConfig(path, pool, OnnxOptions.STANDARD));
  }

  /** The encoder as a model that stands on it remembers it. */
  ModelConfig.Encoder reference() {
    return new ModelConfig.Encoder(
        Identity.of("onnx", OnnxFile.read(file).files()), pool.toString());
  }

  /** Opens the file; the caller closes it. */
  OnnxEncoder open() {
    return OnnxEncoder.open(file, pool, options);
  }
}
