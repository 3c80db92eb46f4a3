package io.ranbiki.prepare;

import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Makes the ids of pieces of a text, as networks take them: hashed n-grams, or WordPiece, as BERT's
 * have it, or byte-level BPE, as GPT-2's and RoBERTa's, from a {@code tokenizer.json} of Hugging
 * Face's libraries. Ids are those of the Python library {@code tokenizers}, but that {@code [CLS]}
 * and the like in a text are text: what a user writes must not become a sign with a meaning.
 * (There: {@code tokenizer.encode_special_tokens = True}.) Files of other kinds are read where a
 * {@link TokenizerLibrary} is.
 *
 * <p>Safe for many threads at once. Two are equal if their files are.
 */
public final class Tokenizer {

  private static final long LARGEST_FILE = 1 << 28;

  private final String json;
  private final Parts parts;

  private Tokenizer(String json, Parts parts) {
    this.json = json;
    this.parts = parts;
  }

  /**
   * What a file says.
   *
   * @param pieces of a text
   * @param before ids that stand before those of every text
   * @param after ids that stand behind
   * @param pair what stands around and between two texts; empty if that is not known
   * @param limit the most ids of a text, those before and after among them; empty if any number
   * @param size ids are below it
   * @param signs ids that no text becomes, by what they are called
   */
  record Parts(
      Pieces pieces,
      int[] before,
      int[] after,
      List<Frame.Part> pair,
      OptionalInt limit,
      int size,
      Map<String, Integer> signs) {}

  /**
   * The ids of a text or of two.
   *
   * @param ids one or more
   * @param types as many: which of two texts an id is of, as the file says; 0 for all of one text
   * @param cut how many more there were than may be; 0 if the text is whole
   */
  public record Encoding(long[] ids, long[] types, int cut) {}

  /**
   * Reads a file.
   *
   * @throws RanbikiException of kind MODEL if it is missing or damaged, or describes a tokenizer of
   *     which a part is not known here; the message names the part. Of kind IO if the disk refuses
   */
  public static Tokenizer read(Path file) {
    try {
      if (Files.isRegularFile(file) && Files.size(file) > LARGEST_FILE) {
        throw RanbikiException.model(
            "%s has %d bytes, too many for a tokenizer. Give the path of a tokenizer.json.",
            file, Files.size(file));
      }
      return parse(Files.readString(file), file.toString());
    } catch (NoSuchFileException e) {
      throw new RanbikiException(
          RanbikiException.Kind.MODEL,
          "There is no tokenizer " + file + ". Give the path of a tokenizer.json.",
          e);
    } catch (MalformedInputException e) {
      throw new RanbikiException(
          RanbikiException.Kind.MODEL,
          file + " is not a tokenizer: it is not UTF-8 text. Give the path of a tokenizer.json.",
          e);
    } catch (IOException e) {
      throw RanbikiException.io("%s cannot be read: %s.", file, e.getMessage());
    }
  }

  /**
   * Reads the text of such a file.
   *
   * @param source where the text comes from, to begin a sentence with
   * @throws RanbikiException of kind MODEL as {@link #read}
   */
  public static Tokenizer parse(String json, String source) {
    return new Tokenizer(json, TokenizerJson.read(json, source));
  }

  /**
   * Hashes the words of a text, runs of words and runs of letters within a word into rows, as
   * fastText does: no vocabulary is kept, and nothing is unknown.
   *
   * @param rows how many there are, 1 or more
   * @param words of the longest run of words, 1 or more
   * @param shortest run of letters, 1 or more
   * @param longest run of letters, no less; 0 for none
   */
  public static Tokenizer hashedNgrams(int rows, int words, int shortest, int longest) {
    return parse(new HashedNgrams(rows, words, shortest, longest).json(), "The tokenizer");
  }

  /**
   * The ids of a text, with those that stand before and after every text. Those that are too many
   * are left out at the end of the text.
   *
   * @param atMost ids, {@link #fewest} or more
   */
  public Encoding encode(String text, int atMost) {
    if (atMost < fewest()) {
      throw new IllegalArgumentException(atMost + " ids are fewer than " + fewest());
    }
    int[] pieces = parts.pieces().of(text);
    int before = parts.before().length;
    int kept = Math.min(pieces.length, atMost - before - parts.after().length);
    long[] ids = new long[before + kept + parts.after().length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] =
          i < before
              ? parts.before()[i]
              : i < before + kept ? pieces[i - before] : parts.after()[i - before - kept];
    }
    return new Encoding(ids, new long[ids.length], pieces.length - kept);
  }

  /**
   * The ids of two texts, with those that the file puts around and between them. Those that are too
   * many are left out at the end of the longer text, as {@code longest_first} of Hugging Face's
   * libraries does it.
   *
   * @param atMost ids, {@link #fewestOfPair} or more
   * @throws RanbikiException of kind MODEL if the file does not say how two texts are put together
   */
  public Encoding encode(String first, String second, int atMost) {
    int places = atMost - (fewestOfPair() - 2);
    if (places < 2) {
      throw new IllegalArgumentException(atMost + " ids are fewer than " + fewestOfPair());
    }
    List<List<int[]>> words = List.of(parts.pieces().words(first), parts.pieces().words(second));
    int[][] texts =
        words.stream()
            .map(each -> each.stream().flatMapToInt(Arrays::stream).toArray())
            .toArray(int[][]::new);
    int[] kept = {texts[0].length, texts[1].length};
    if (kept[0] + kept[1] > places) {
      kept = kept(seen(words.get(0), atMost), seen(words.get(1), atMost), places);
    }
    int length = kept[0] + kept[1] + fewestOfPair() - 2;
    long[] ids = new long[length];
    long[] types = new long[length];
    int at = 0;
    for (Frame.Part part : parts.pair()) {
      int count = part.isText() ? kept[part.text()] : 1;
      for (int i = 0; i < count; i++) {
        ids[at] = part.isText() ? texts[part.text()][i] : part.id();
        types[at++] = part.type();
      }
    }
    return new Encoding(ids, types, texts[0].length + texts[1].length - kept[0] - kept[1]);
  }

  /**
   * How many pieces of a text there are up to the word that makes them {@code atMost}. Which of two
   * long texts keeps the odd piece depends on it there, since what is behind is not looked at.
   */
  private static int seen(List<int[]> words, int atMost) {
    int seen = 0;
    for (int i = 0; i < words.size() && seen < atMost; i++) {
      seen += words.get(i).length;
    }
    return seen;
  }

  /** How many pieces of two texts are kept: the longer is cut first, then both to one length. */
  private static int[] kept(int first, int second, int places) {
    int shorter = Math.min(first, second);
    int longer = Math.max(shorter, places - shorter);
    if (shorter + longer > places) {
      shorter = places / 2;
      longer = places - shorter;
    }
    return first > second ? new int[] {longer, shorter} : new int[] {shorter, longer};
  }

  /**
   * This tokenizer with the pieces alone that texts use most, and those that every text needs. What
   * cannot be made of them is cut into smaller pieces or unknown, as ever.
   *
   * @param size pieces at most
   * @throws RanbikiException of kind CONFIGURATION if the size leaves no place for any, or there is
   *     no vocabulary
   */
  public Tokenizer pruned(Iterable<String> texts, int size) {
    return parse(Pruning.prune(json, parts.pieces(), texts, size), "The smaller tokenizer");
  }

  /** The id of what cannot be cut into pieces; empty if there is nothing that cannot. */
  public OptionalInt unknown() {
    return parts.pieces() instanceof WordPiece words
        ? OptionalInt.of(words.unknown())
        : OptionalInt.empty();
  }

  /**
   * The ids that have a meaning and that no text becomes, by their names, such as {@code [CLS]}.
   */
  public Map<String, Integer> signs() {
    return Collections.unmodifiableMap(parts.signs());
  }

  /** The id that hides a piece from a network that is to guess it; empty if there is none. */
  public OptionalInt mask() {
    return Stream.of("[MASK]", "<mask>")
        .map(parts.signs()::get)
        .filter(Objects::nonNull)
        .mapToInt(Integer::intValue)
        .findFirst();
  }

  /** The most ids of a text that the file allows; empty if it allows any number. */
  public OptionalInt limit() {
    return parts.limit();
  }

  /** The least number of ids that a limit must allow: those before and after a text, and one. */
  public int fewest() {
    return parts.before().length + parts.after().length + 1;
  }

  /**
   * The same of two texts: those around and between them, and one of each.
   *
   * @throws RanbikiException of kind MODEL if the file does not say how two texts are put together
   */
  public int fewestOfPair() {
    if (parts.pair().isEmpty()) {
      throw RanbikiException.model(
          "The tokenizer (%s) does not say how two texts are put together. Name a tokenizer.json"
              + " whose post_processor has a template of pairs.",
          this);
    }
    return (int) parts.pair().stream().filter(part -> !part.isText()).count() + 2;
  }

  /** How many ids there are: they are 0 to {@code size() - 1}. */
  public int size() {
    return parts.size();
  }

  /** The ids of its pieces by their text. */
  public Map<String, Integer> pieces() {
    return Collections.unmodifiableMap(parts.pieces().ids());
  }

  /** The ids of a text that is one piece: those before, the piece, those after. */
  public long[] alone(int piece) {
    return IntStream.concat(
            IntStream.concat(IntStream.of(parts.before()), IntStream.of(piece)),
            IntStream.of(parts.after()))
        .asLongStream()
        .toArray();
  }

  /** The text of its file. */
  public String json() {
    return json;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tokenizer tokenizer && tokenizer.json.equals(json);
  }

  @Override
  public int hashCode() {
    return json.hashCode();
  }

  /** Such as {@code WordPiece of 30522 pieces}. */
  @Override
  public String toString() {
    String unit = parts.pieces() instanceof HashedNgrams ? " rows" : " pieces";
    return parts.pieces().name() + " of " + size() + unit;
  }
}
