package io.ranbiki.tokenizers;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.TokenizerLibrary;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** Hugging Face's library of tokenizers. */
public final class HuggingFaceLibrary implements TokenizerLibrary {

  /** Its name for what it would tell its makers about the machine, unless this is true. */
  static final String NO_TELEMETRY = "OPT_OUT_TRACKING";

  /** Where a graphics card is found, it would fetch another native library than that in its jar. */
  static final String NATIVE_LIBRARY = "RUST_FLAVOR";

  /** What it must not do itself: texts are padded and cut here, and get their signs around them. */
  private static final Map<String, String> OPTIONS =
      Map.of("padding", "false", "truncation", "false", "addSpecialTokens", "false");

  /** Any text of one piece or more. */
  private static final String SOME = "a";

  @Override
  public Opened open(String json) {
    SafeJson safe = SafeJson.of(json);
    System.setProperty(NO_TELEMETRY, "true");
    if (System.getProperty(NATIVE_LIBRARY) == null) {
      System.setProperty(NATIVE_LIBRARY, "cpu");
    }
    try {
      HuggingFaceTokenizer tokenizer =
          HuggingFaceTokenizer.newInstance(
              new ByteArrayInputStream(safe.json().getBytes(StandardCharsets.UTF_8)), OPTIONS);
      return opened(tokenizer, safe);
    } catch (EngineException | LinkageError e) {
      throw new RanbikiException(
          RanbikiException.Kind.MODEL,
          "Hugging Face's library of tokenizers cannot be loaded ("
              + e.getMessage()
              + "). It needs Linux with glibc 2.34, macOS on ARM, or Windows, and a home folder"
              + " that may be written to; DJL_CACHE_DIR names another folder.",
          e);
    } catch (IOException | RuntimeException e) {
      throw new IllegalArgumentException("the library says: " + e.getMessage(), e);
    }
  }

  private static Opened opened(HuggingFaceTokenizer tokenizer, SafeJson safe) {
    Encoding framed = tokenizer.encode(SOME, true, false);
    long[] ids = framed.getIds();
    long[] special = framed.getSpecialTokenMask();
    if (Arrays.stream(framed.getTypeIds()).anyMatch(type -> type != 0)) {
      throw new IllegalArgumentException("it gives pieces of one text several type_ids");
    }
    int from = 0;
    while (from < ids.length && special[from] == 1) {
      from++;
    }
    int to = ids.length;
    while (to > from && special[to - 1] == 1) {
      to--;
    }
    return new HuggingFaceOpened(
        tokenizer,
        Arrays.stream(ids, 0, from).mapToInt(Math::toIntExact).toArray(),
        Arrays.stream(ids, to, ids.length).mapToInt(Math::toIntExact).toArray(),
        safe.size(),
        safe.name());
  }

  /**
   * A tokenizer of the library.
   *
   * @param tokenizer freed with this
   */
  private record HuggingFaceOpened(
      HuggingFaceTokenizer tokenizer, int[] before, int[] after, int size, String name)
      implements Opened {

    @Override
    public int[] pieces(String text) {
      if (text.isEmpty()) {
        return new int[0];
      }
      long[] ids = tokenizer.encode(SafeJson.plain(text), false, false).getIds();
      return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
    }
  }
}
