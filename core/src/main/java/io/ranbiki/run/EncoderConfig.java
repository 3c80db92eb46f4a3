package io.ranbiki.run;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.config.Options;
import io.ranbiki.teacher.Pool;
import io.ranbiki.teacher.TeacherSource;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An encoder whose vectors a network is trained on. It is looked for when a run begins, not when
 * its file is read.
 *
 * @param path of a file in the ONNX format or of a model folder
 * @param pool how the vectors of a text's pieces become one; empty for the way of the encoder
 */
public record EncoderConfig(Path path, Optional<Pool> pool) {

  /** Reads the keys {@code encoder} and {@code pool} of a network; empty if it has none. */
  static Optional<EncoderConfig> read(Options options) {
    Optional<Path> path =
        options.optionalPath(
            "encoder",
            "An ONNX file or a folder that makes vectors of texts, on which the network is trained");
    Optional<Pool> pool = pool(options);
    return path.map(any -> new EncoderConfig(any, pool));
  }

  /** Reads the key {@code pool}. */
  static Optional<Pool> pool(Options options) {
    return options.optionalWord(
        "pool",
        Pool.class,
        "How an encoder's vector of a text is made of those of its ids; as the encoder says, or the"
            + " mean, if left out");
  }

  /** Where its vectors come from. */
  TeacherSource.Encoder source() {
    return new TeacherSource.Encoder(TeacherSource.of(path, false, null), pool);
  }

  /** The encoder as a model that stands on it remembers it. */
  ModelConfig.Encoder reference() {
    return new ModelConfig.Encoder(source().files(), pool.map(Pool::toString).orElse(null));
  }
}
