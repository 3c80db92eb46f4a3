import com.sun.net.httpserver.HttpServer;
import io.ranbiki.RanbikiException;
import io.ranbiki.serve.Student;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Executors;

/** Answers pictures, sounds or texts over HTTP; an exported student and a port are arguments. */
public class Service {
  public static void main(String[] arguments) throws IOException {
    Student student = Student.load(Path.of(arguments[0]));
    InetSocketAddress address = new InetSocketAddress(Integer.parseInt(arguments[1]));
    HttpServer server = HttpServer.create(address, 0);
    server.setExecutor(Executors.newFixedThreadPool(8)); // all of them ask the one student
    server.createContext(
        "/",
        exchange -> {
          int status = 200;
          String text;
          try {
            text = student.predict(exchange.getRequestBody()).top(3).toString();
          } catch (RanbikiException e) {
            status = e.kind() == RanbikiException.Kind.CONFIGURATION ? 400 : 500;
            text = e.getMessage();
          }
          byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    System.out.println("listening on port " + server.getAddress().getPort());
  }
}
