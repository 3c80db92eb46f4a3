package io.ranbiki.model;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Catalogue;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The networks that can be built by name: ours, and those that jars offer. */
public final class Architectures implements Catalogue {

  @Override
  public List<Provider<?>> providers() {
    return List.of(
        encoder(EncoderFamily.BERT, "An encoder of texts that classifies them."),
        encoder(EncoderFamily.DISTILBERT, "An encoder as bert, with the names of DistilBERT."),
        encoder(EncoderFamily.ROBERTA, "An encoder as bert, with the names of RoBERTa and XLM-R."),
        encoder(
            EncoderFamily.MODERNBERT,
            "An encoder of texts with rotary positions and gated units, without biases."),
        architecture(
            "teacher-cnn",
            "A convolutional teacher for small images.",
            options -> new Cnns.Teacher()),
        architecture(
            "student-cnn",
            "A convolutional student for small images.",
            options -> new Cnns.Small("student-cnn", 64)),
        architecture(
            "intermediate-cnn",
            "A convolutional network between these two in size.",
            Cnns.Small::read),
        architecture("mlp", "Linear layers with ReLU between them, for rows.", Mlp::read),
        architecture(
            "static-embedding",
            "The mean of a vector for each token of a text, classified.",
            StaticEmbedding::read),
        architecture(
            "text-cnn",
            "Convolutions over the tokens of a text, the largest of each.",
            TextCnn::read),
        architecture("resnet", "A residual network for small images.", ResNet::read),
        architecture(
            "resnet-18", "A residual network for photographs, of 18 layers.", ResNet18::read),
        architecture(
            "mobilenet-v2", "A network for photographs on small machines.", MobileNetV2::read),
        architecture(
            "sound-cnn",
            "Convolutions over the frames of sounds, and their mean.",
            SoundCnn::read));
  }

  private static Provider<Architecture> encoder(EncoderFamily family, String sentence) {
    return architecture(
        family.word(), sentence, options -> new Encoder(EncoderOptions.read(family, options)));
  }

  private static Provider<Architecture> architecture(
      String name, String sentence, Function<Options, Architecture> reader) {
    return Provider.of(Architecture.class, name, sentence, reader);
  }

  /** Whether a name can be built. */
  public static boolean isKnown(String architecture) {
    return names().contains(architecture);
  }

  /** The names that can be built, sorted. */
  public static List<String> names() {
    return Provider.all(Architecture.class).stream().map(Provider::name).toList();
  }

  /** The options of an architecture that have defaults, with these. */
  static Map<String, Object> defaults(String architecture) {
    return find(architecture).defaults();
  }

  /**
   * An architecture with all of its options.
   *
   * @param options what is read of it; all of them, by name
   */
  record Made(Architecture architecture, Map<String, Object> options) {}

  /**
   * Makes an architecture of its options; those that are left out have their defaults.
   *
   * @throws RanbikiException naming the unknown architecture, the unknown option or the value that
   *     is out of range
   */
  static Made make(String architecture, Map<String, ?> options) {
    Provider<Architecture> provider = find(architecture);
    ConfigDocument document = ConfigDocument.of("The architecture '" + architecture + "'", options);
    return new Made(document.bind(provider::create), Map.copyOf(document.resolved()));
  }

  private static Provider<Architecture> find(String name) {
    return Provider.all(Architecture.class).stream()
        .filter(provider -> provider.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                RanbikiException.configuration(
                    "The architecture '%s' is not known; use one of %s, or name the jar that holds"
                        + " it in RANBIKI_CLASSPATH.",
                    name, String.join(", ", names())));
  }
}
