package io.ranbiki.benchmark;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.ranbiki.data.Batch;
import io.ranbiki.data.CsvRows;
import io.ranbiki.data.Dataset;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.prepare.Values;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What ONNX Runtime alone needs for the texts of a CSV file, called from Java with nothing of
 * Ranbiki between: ids, batches of like length out of blocks of 1,024, the session, the mean of the
 * vectors. Prints seconds; {@code benchmark/label-texts} sets them beside those of labelling.
 */
@Command(name = "encode-texts")
final class EncodeTexts implements Callable<Integer> {

  private static final int BLOCK = 1024;
  private static final int BATCH = 64;

  @Option(names = "--model", required = true)
  private Path model = Path.of("");

  @Option(names = "--tokenizer", required = true)
  private Path tokenizer = Path.of("");

  @Option(names = "--csv", required = true)
  private Path csv = Path.of("");

  @Option(names = "--at-most", defaultValue = "64")
  private int atMost;

  @Option(names = "--threads", defaultValue = "2")
  private int threads;

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new EncodeTexts()).execute(arguments));
  }

  @Override
  public Integer call() throws OrtException {
    List<String> texts = texts();
    Tokenizer ids = Tokenizer.read(tokenizer);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      try (OrtSession session = environment.createSession(model.toString(), options)) {
        long start = System.nanoTime();
        double sum = 0;
        for (int from = 0; from < texts.size(); from += BLOCK) {
          List<long[]> block =
              texts.subList(from, Math.min(texts.size(), from + BLOCK)).stream()
                  .map(text -> ids.encode(text, atMost).ids())
                  .sorted(Comparator.comparingInt(row -> row.length))
                  .toList();
          for (int at = 0; at < block.size(); at += BATCH) {
            sum +=
                encode(environment, session, block.subList(at, Math.min(block.size(), at + BATCH)));
          }
        }
        System.out.printf(
            "%.3f s for %d texts, sum of the vectors %.3f%n",
            (System.nanoTime() - start) / 1e9, texts.size(), sum);
      }
    }
    return 0;
  }

  private List<String> texts() {
    CsvRows.Options options =
        new CsvRows.Options("category", true, ',', List.of()).withText("text");
    try (Dataset rows = CsvRows.read(csv, options)) {
      return IntStream.range(0, rows.size())
          .mapToObj(index -> ((Values.Text) rows.read(index).get(Batch.TEXT)).value())
          .toList();
    }
  }

  private static double encode(OrtEnvironment environment, OrtSession session, List<long[]> rows)
      throws OrtException {
    int length = rows.get(rows.size() - 1).length;
    LongBuffer ids = LongBuffer.allocate(rows.size() * length);
    LongBuffer mask = LongBuffer.allocate(rows.size() * length);
    for (int row = 0; row < rows.size(); row++) {
      for (int at = 0; at < rows.get(row).length; at++) {
        ids.put(row * length + at, rows.get(row)[at]);
        mask.put(row * length + at, 1);
      }
    }
    long[] shape = {rows.size(), length};
    Map<String, OnnxTensorLike> feeds = new LinkedHashMap<>();
    feeds.put("input_ids", OnnxTensor.createTensor(environment, ids, shape));
    feeds.put("attention_mask", OnnxTensor.createTensor(environment, mask, shape));
    feeds.put(
        "token_type_ids",
        OnnxTensor.createTensor(environment, LongBuffer.allocate(rows.size() * length), shape));
    try (OrtSession.Result result = session.run(feeds)) {
      float[][][] vectors = (float[][][]) result.get(0).getValue();
      double sum = 0;
      for (int row = 0; row < rows.size(); row++) {
        int own = rows.get(row).length;
        for (int at = 0; at < own; at++) {
          for (float value : vectors[row][at]) {
            sum += value / own;
          }
        }
      }
      return sum;
    } finally {
      feeds.values().forEach(OnnxTensorLike::close);
    }
  }
}
