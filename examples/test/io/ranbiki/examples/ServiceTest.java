package io.ranbiki.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtEnvironment;
import com.fasterxml.jackson.core.JsonFactory;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.serve.Student;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service starts from its source, as the README says, and needs no libtorch. */
class ServiceTest {

  /** The only jars, or folders of classes, that a service has. */
  private static final String NEEDED =
      Stream.of(Student.class, Preparation.class, OrtEnvironment.class, JsonFactory.class)
          .map(ServiceTest::place)
          .collect(Collectors.joining(File.pathSeparator));

  private static String place(Class<?> type) {
    return Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString()))
        .toString();
  }

  @Test
  void theService_answersPictures_andBlamesWhoSendsOthers(@TempDir Path folder) throws Exception {
    Path source = Path.of("serve", "Service.java");
    assertThat(Files.readAllLines(source)).hasSizeLessThanOrEqualTo(40);
    Process service =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                NEEDED,
                source.toString(),
                TinyStudent.export(folder).toString(),
                "0")
            .redirectErrorStream(true)
            .start();
    try (BufferedReader lines = service.inputReader()) {
      String line = lines.readLine();
      assertThat(line).startsWith("listening on port ");
      URI address = URI.create("http://localhost:" + line.replaceAll("\\D", "") + "/");
      byte[] picture = Files.readAllBytes(TinyStudent.picture(folder));
      HttpResponse<String> answer = post(address, picture);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).matches("\\[(class \\d \\(0\\.\\d\\d\\)(, )?){3}]");
      HttpResponse<String> refusal = post(address, Arrays.copyOf(picture, 20));
      assertThat(refusal.statusCode()).isEqualTo(400);
      assertThat(refusal.body())
          .isEqualTo(
              "The image is empty, damaged, or not a PNG, JPEG, BMP, GIF or WebP image. Replace or remove it.");
    } finally {
      service.destroy();
      service.waitFor();
    }
  }

  private static HttpResponse<String> post(URI address, byte[] body)
      throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(address).POST(BodyPublishers.ofByteArray(body)).build(),
            BodyHandlers.ofString());
  }
}
