import io.ranbiki.serve.Student;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.ai.transformers.TransformersEmbeddingModel;

/** The vectors that Spring AI gives of a student's file, beside those of a service. */
class SpringAi {

  public static void main(String[] arguments) throws Exception {
    Path file = Path.of(arguments[0]);
    List<String> texts = Files.readAllLines(Path.of(arguments[2]));
    TransformersEmbeddingModel other = new TransformersEmbeddingModel();
    other.setModelResource(file.toUri().toString());
    other.setTokenizerResource(Path.of(arguments[1]).toUri().toString());
    other.setTokenizerOptions(Map.of("padding", "true"));
    other.setDisableCaching(true);
    other.afterPropertiesSet();
    try (Student student = Student.load(file)) {
      List<float[]> together = other.embed(texts);
      double least = 1;
      double leastTogether = 1;
      for (int i = 0; i < texts.size(); i++) {
        float[] ours = student.embed(texts.get(i));
        least = Math.min(least, cosine(ours, other.embed(texts.get(i))));
        leastTogether = Math.min(leastTogether, cosine(ours, together.get(i)));
      }
      System.out.printf(
          Locale.ROOT,
          "%d texts, least cosine to the student's vectors: %.6f one by one, %.6f together%n",
          texts.size(),
          least,
          leastTogether);
    }
  }

  private static double cosine(float[] one, float[] other) {
    double product = 0;
    double first = 0;
    double second = 0;
    for (int i = 0; i < one.length; i++) {
      product += (double) one[i] * other[i];
      first += (double) one[i] * one[i];
      second += (double) other[i] * other[i];
    }
    return product / Math.sqrt(first * second);
  }
}
