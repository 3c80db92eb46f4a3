package io.ranbiki.prepare;

import com.fasterxml.jackson.core.JsonGenerator;
import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Makes a tokenizer of texts: its pieces are the parts of words that stand there most often. The
 * same texts in any order give the same tokenizer.
 *
 * <p>Byte-level BPE has the pieces and merges of Hugging Face's {@code BpeTrainer} on the whole
 * alphabet of bytes. Of WordPiece, whose trainer there is the same with {@code ##} before what
 * begins no word, the ids differ, as their order there is left to chance.
 */
public final class TokenizerTrainer {

  private static final int BYTES = 256;
  private static final int LETTERS = 1000;
  private static final int LONGEST_WORD = 100;
  private static final String CONTINUED = "##";

  private final Method method;
  private final int size;
  private final boolean lowercase;
  private final Map<String, Long> words = new HashMap<>();

  /** How words become pieces. */
  public enum Method {
    /** As BERT's: words of letters, the longest piece first; a letter never seen is unknown. */
    WORDPIECE,
    /** As GPT-2's and RoBERTa's: every text can be written, since every byte is a piece. */
    BPE
  }

  /**
   * Without texts as yet.
   *
   * @param size how many pieces are wanted at most; more than signs with a meaning and bytes
   * @param lowercase whether capitals become small letters and marks on letters go; WordPiece alone
   */
  public TokenizerTrainer(Method method, int size, boolean lowercase) {
    int least =
        method == Method.BPE
            ? TokenizerJson.OF_ROBERTA.size() + BYTES
            : TokenizerJson.OF_BERT.size() + 1;
    if (size < least) {
      throw RanbikiException.configuration(
          "A vocabulary of %d pieces is too small: it needs %d at least. Try 4000.", size, least);
    }
    if (lowercase && method == Method.BPE) {
      throw RanbikiException.configuration(
          "Byte-level BPE keeps capitals. Take WordPiece for small letters alone.");
    }
    this.method = method;
    this.size = size;
    this.lowercase = lowercase;
  }

  /** Counts the words of a text. */
  public void add(String text) {
    Stream<String> parts =
        method == Method.BPE
            ? BytePairs.parts(text, false).stream().map(BytePairs::letters)
            : bertText().words(text).stream();
    parts.forEach(word -> words.merge(word, 1L, Long::sum));
  }

  private BertText bertText() {
    return new BertText(true, true, lowercase, lowercase);
  }

  /**
   * Makes the tokenizer.
   *
   * @param fewest how often two neighbours must stand in the texts to become a piece, 1 or more
   */
  public Tokenizer train(int fewest) {
    List<String> first =
        new ArrayList<>(method == Method.BPE ? TokenizerJson.OF_ROBERTA : TokenizerJson.OF_BERT);
    first.addAll(method == Method.BPE ? bytes() : letters());
    PairTrainer trainer = new PairTrainer(first, method == Method.BPE ? "" : CONTINUED);
    trainer.train(words, size, fewest);
    return Tokenizer.parse(json(trainer), "The trained tokenizer");
  }

  private static List<String> bytes() {
    return IntStream.range(0, BYTES)
        .mapToObj(number -> String.valueOf(BytePairs.letter(number)))
        .sorted()
        .toList();
  }

  /** The most frequent ones, in the order of Unicode. */
  private List<String> letters() {
    Map<String, Long> counts = new HashMap<>();
    words.forEach(
        (word, count) ->
            word.codePoints()
                .mapToObj(Character::toString)
                .forEach(letter -> counts.merge(letter, count, Long::sum)));
    return counts.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue()
                .reversed()
                .thenComparing(entry -> entry.getKey().codePointAt(0)))
        .limit(Math.min(LETTERS, size - TokenizerJson.OF_BERT.size()))
        .map(Map.Entry::getKey)
        .sorted(Comparator.comparingInt(letter -> letter.codePointAt(0)))
        .toList();
  }

  private String json(PairTrainer trainer) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = Json.writer(text)) {
      List<String> signs = method == Method.BPE ? TokenizerJson.OF_ROBERTA : TokenizerJson.OF_BERT;
      out.writeStartObject();
      out.writeStringField("version", "1.0");
      out.writeNullField("truncation");
      out.writeNullField("padding");
      out.writeArrayFieldStart("added_tokens");
      for (int id = 0; id < signs.size(); id++) {
        out.writeStartObject();
        out.writeNumberField("id", id);
        out.writeStringField("content", signs.get(id));
        for (String off : List.of("single_word", "lstrip", "rstrip", "normalized")) {
          out.writeBooleanField(off, false);
        }
        out.writeBooleanField("special", true);
        out.writeEndObject();
      }
      out.writeEndArray();
      if (method == Method.BPE) {
        writeBytePairs(out, trainer);
      } else {
        writeWordPiece(out, trainer);
      }
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a string does not refuse
    }
    return text.toString();
  }

  private static void writeBytePairs(JsonGenerator out, PairTrainer trainer) throws IOException {
    out.writeNullField("normalizer");
    writeByteLevel(out, "pre_tokenizer");
    out.writeObjectFieldStart("post_processor");
    out.writeStringField("type", "RobertaProcessing");
    writePair(out, "sep", "</s>", TokenizerJson.OF_ROBERTA.indexOf("</s>"));
    writePair(out, "cls", "<s>", TokenizerJson.OF_ROBERTA.indexOf("<s>"));
    out.writeBooleanField("trim_offsets", true);
    out.writeBooleanField("add_prefix_space", false);
    out.writeEndObject();
    writeByteLevel(out, "decoder");
    out.writeObjectFieldStart("model");
    out.writeStringField("type", "BPE");
    for (String none :
        List.of("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix")) {
      out.writeNullField(none);
    }
    for (String off : List.of("fuse_unk", "byte_fallback", "ignore_merges")) {
      out.writeBooleanField(off, false);
    }
    writeVocabulary(out, trainer);
    out.writeArrayFieldStart("merges");
    for (String[] merge : trainer.merges()) {
      out.writeArray(merge, 0, 2);
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void writeByteLevel(JsonGenerator out, String part) throws IOException {
    out.writeObjectFieldStart(part);
    out.writeStringField("type", "ByteLevel");
    out.writeBooleanField("add_prefix_space", false);
    out.writeBooleanField("trim_offsets", true);
    out.writeBooleanField("use_regex", true);
    out.writeEndObject();
  }

  private static void writePair(JsonGenerator out, String name, String sign, int id)
      throws IOException {
    out.writeArrayFieldStart(name);
    out.writeString(sign);
    out.writeNumber(id);
    out.writeEndArray();
  }

  private void writeWordPiece(JsonGenerator out, PairTrainer trainer) throws IOException {
    out.writeObjectFieldStart("normalizer");
    out.writeStringField("type", "BertNormalizer");
    out.writeBooleanField("clean_text", true);
    out.writeBooleanField("handle_chinese_chars", true);
    out.writeBooleanField("strip_accents", lowercase);
    out.writeBooleanField("lowercase", lowercase);
    out.writeEndObject();
    out.writeObjectFieldStart("pre_tokenizer");
    out.writeStringField("type", "BertPreTokenizer");
    out.writeEndObject();
    out.writeObjectFieldStart("post_processor");
    out.writeStringField("type", "BertProcessing");
    writePair(out, "sep", "[SEP]", TokenizerJson.OF_BERT.indexOf("[SEP]"));
    writePair(out, "cls", "[CLS]", TokenizerJson.OF_BERT.indexOf("[CLS]"));
    out.writeEndObject();
    out.writeObjectFieldStart("decoder");
    out.writeStringField("type", "WordPiece");
    out.writeStringField("prefix", CONTINUED);
    out.writeBooleanField("cleanup", true);
    out.writeEndObject();
    out.writeObjectFieldStart("model");
    out.writeStringField("type", "WordPiece");
    out.writeStringField("unk_token", "[UNK]");
    out.writeStringField("continuing_subword_prefix", CONTINUED);
    out.writeNumberField("max_input_chars_per_word", LONGEST_WORD);
    writeVocabulary(out, trainer);
    out.writeEndObject();
  }

  private static void writeVocabulary(JsonGenerator out, PairTrainer trainer) throws IOException {
    List<String> pieces = trainer.pieces();
    out.writeObjectFieldStart("vocab");
    for (int id = 0; id < pieces.size(); id++) {
      out.writeNumberField(pieces.get(id), id);
    }
    out.writeEndObject();
  }
}
