package io.ranbiki.prepare;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads a {@code tokenizer.json}. What is not known in every part is refused: ids that are almost
 * right make a network that is almost right, and nobody finds out why.
 */
final class TokenizerJson {

  static final int DEEPEST = 12;

  /** What networks of these families have a meaning for. */
  static final List<String> OF_BERT = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");

  static final List<String> OF_ROBERTA = List.of("<s>", "<pad>", "</s>", "<unk>", "<mask>");

  /** From so many ids on, more than half must be those of pieces. */
  private static final int MANY = 1_000_000;

  static final String TYPE = "type";
  private static final String POST_PROCESSOR = "post_processor";
  private static final Set<String> KEYS =
      Set.of(
          "version",
          "truncation",
          "padding",
          "added_tokens",
          "normalizer",
          "pre_tokenizer",
          POST_PROCESSOR,
          "decoder",
          "model");

  private TokenizerJson() {}

  /** A part that may be right, but not for this reader. */
  static final class Unknown extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unknown(String part) {
      super(part);
    }
  }

  static Tokenizer.Parts read(String json, String source) {
    try {
      return parts(Json.tree(json, DEEPEST));
    } catch (JsonProcessingException e) {
      throw damaged(source, "it is not JSON (" + e.getOriginalMessage() + ")", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a string does not refuse
    } catch (Unknown e) {
      Optional<TokenizerLibrary> library = library();
      if (library.isPresent()) {
        return parts(library.get(), json, source);
      }
      throw unknown(
          source,
          e,
          " Use a tokenizer as BERT's (BertNormalizer, BertPreTokenizer, WordPiece) or as GPT-2's"
              + " (ByteLevel, BPE), or take the module that knows all kinds: start the command with"
              + " RANBIKI_MODULES=tokenizers, or add io.ranbiki:ranbiki-tokenizers to your"
              + " dependencies.");
    } catch (IllegalArgumentException e) {
      throw damaged(source, Objects.requireNonNull(e.getMessage()), e);
    }
  }

  private static Optional<TokenizerLibrary> library() {
    try {
      return ServiceLoader.load(TokenizerLibrary.class).findFirst();
    } catch (ServiceConfigurationError e) {
      throw new RanbikiException(
          RanbikiException.Kind.MODEL,
          "The module ranbiki-tokenizers cannot be loaded ("
              + e.getMessage()
              + "). Take the one of this version of Ranbiki.",
          e);
    }
  }

  /** What a library makes of a file; where texts are cut is said here all the same. */
  private static Tokenizer.Parts parts(TokenizerLibrary library, String json, String source) {
    try {
      Map<String, Object> root = Json.fields(Json.tree(json, DEEPEST), "the whole");
      OptionalInt limit = limit(root);
      TokenizerLibrary.Opened opened = library.open(json);
      requirePlace(limit, opened.before().length + opened.after().length);
      return new Tokenizer.Parts(
          new LibraryPieces(opened),
          opened.before(),
          opened.after(),
          pair(root, opened.size()),
          limit,
          opened.size(),
          signs(root, Map.of()));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // it was read before
    } catch (Unknown e) {
      throw unknown(source, e, " Pad and cut texts on the right.");
    } catch (IllegalArgumentException e) {
      throw damaged(source, Objects.requireNonNull(e.getMessage()), e);
    }
  }

  /** What stands around two texts, if this reader knows it, although it does not know the rest. */
  private static List<Frame.Part> pair(Map<String, Object> root, int size) {
    if (!Json.has(root, POST_PROCESSOR)) {
      return Frame.NONE.pair();
    }
    try {
      List<Frame.Part> pair = Frame.read(part(root, POST_PROCESSOR)).pair();
      requireIds(pair.stream().map(Frame.Part::id), size);
      return pair;
    } catch (Unknown e) {
      return List.of();
    }
  }

  private static void requireIds(Stream<Integer> ids, int size) {
    ids.filter(id -> id < 0 || id >= size)
        .findFirst()
        .ifPresent(
            id -> {
              throw new IllegalArgumentException(
                  "its post_processor has the id " + id + " of no piece");
            });
  }

  private static RanbikiException unknown(String source, Unknown e, String advice) {
    return new RanbikiException(
        RanbikiException.Kind.MODEL,
        source + " has " + e.getMessage() + ", which is not known here." + advice,
        e);
  }

  private static RanbikiException damaged(String source, String reason, Exception e) {
    return new RanbikiException(
        RanbikiException.Kind.MODEL,
        source + " is not a tokenizer: " + reason + ". Give the path of a tokenizer.json.",
        e);
  }

  private static Tokenizer.Parts parts(Object tree) {
    Map<String, Object> root = Json.fields(tree, "the whole");
    requireKnown(root, "the part", KEYS);
    Pieces pieces = pieces(root);
    List<Object> added = new ArrayList<>();
    if (Json.has(root, "added_tokens")) {
      added.addAll(Json.list(Objects.requireNonNull(root.get("added_tokens")), "added_tokens"));
    }
    requireOwnIds(pieces.ids(), added);
    int size =
        Math.max(pieces.size(), added.stream().mapToInt(TokenizerJson::id).max().orElse(-1) + 1);
    OptionalInt limit = limit(root);
    if (limit.isEmpty() && pieces instanceof HashedNgrams) {
      limit = OptionalInt.of(HashedNgrams.MOST);
    }
    Frame frame =
        Json.has(root, POST_PROCESSOR) ? Frame.read(part(root, POST_PROCESSOR)) : Frame.NONE;
    requirePlace(limit, frame.before().size() + frame.after().size());
    requireIds(Stream.concat(frame.before().stream(), frame.after().stream()), size);
    requireIds(frame.pair().stream().map(Frame.Part::id), size);
    return new Tokenizer.Parts(
        pieces,
        array(frame.before()),
        array(frame.after()),
        frame.pair(),
        limit,
        size,
        signs(root, pieces.ids()));
  }

  /**
   * Refuses an id of two pieces, and one far beyond all others: a network has a vector for every id
   * up to the largest.
   */
  private static void requireOwnIds(Map<String, Integer> pieces, List<Object> added) {
    Map<String, Integer> all = new HashMap<>(pieces);
    for (Object token : added) {
      Map<String, Object> fields = Json.fields(token, "each of added_tokens");
      int id = id(token);
      all.putIfAbsent(Json.text(Json.required(fields, "content"), "content"), id);
    }
    Map<Integer, String> names = new HashMap<>();
    all.forEach(
        (piece, id) -> {
          String other = names.put(id, piece);
          if (other != null) {
            List<String> both = Stream.of(piece, other).sorted().toList();
            throw new IllegalArgumentException(
                "its pieces " + both.get(0) + " and " + both.get(1) + " both have the id " + id);
          }
          if (id >= MANY && id / 2 >= all.size()) {
            throw new IllegalArgumentException(
                "the id of " + piece + " is " + id + ", but there are " + all.size() + " pieces");
          }
        });
  }

  /** Added tokens that are special, and the names of BERT's and RoBERTa's among the pieces. */
  private static Map<String, Integer> signs(Map<String, Object> root, Map<String, Integer> pieces) {
    Map<String, Integer> signs = new HashMap<>();
    Stream.concat(OF_BERT.stream(), OF_ROBERTA.stream())
        .filter(pieces::containsKey)
        .forEach(name -> signs.put(name, pieces.get(name)));
    if (Json.has(root, "added_tokens")) {
      for (Object added :
          Json.list(Objects.requireNonNull(root.get("added_tokens")), "added_tokens")) {
        Map<String, Object> fields = Json.fields(added, "each of added_tokens");
        if (Json.bool(Json.required(fields, "special"), "special")) {
          signs.put(Json.text(Json.required(fields, "content"), "content"), integer(fields, "id"));
        }
      }
    }
    return signs;
  }

  /** The most ids of a text that a file allows; empty if any number. */
  private static OptionalInt limit(Map<String, Object> root) {
    if (Json.has(root, "padding")) {
      requireEnd(part(root, "padding"), "padding");
    }
    if (!Json.has(root, "truncation")) {
      return OptionalInt.empty();
    }
    Map<String, Object> truncation = part(root, "truncation");
    requireEnd(truncation, "truncation");
    return OptionalInt.of(integer(truncation, "max_length"));
  }

  private static void requirePlace(OptionalInt limit, int around) {
    if (limit.isPresent() && limit.getAsInt() <= around) {
      throw new IllegalArgumentException(
          "max_length is " + limit.getAsInt() + ", which leaves no place for a text");
    }
  }

  private static int[] array(List<Integer> ids) {
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Of a sign with a meaning, which no text becomes; others would have to be looked for first. */
  private static int id(Object added) {
    Map<String, Object> fields = Json.fields(added, "each of added_tokens");
    String content = Json.text(Json.required(fields, "content"), "content");
    if (!Json.bool(Json.required(fields, "special"), "special")) {
      throw new Unknown("the added token \"" + content + "\" that is not special");
    }
    return integer(fields, "id");
  }

  private static Pieces pieces(Map<String, Object> root) {
    Map<String, Object> model = part(root, "model");
    String type = Json.text(Json.required(model, TYPE), TYPE);
    return switch (type) {
      case "WordPiece" -> wordPiece(root, model);
      case "BPE" -> bytePairs(root, model);
      case HashedNgrams.TYPE -> ngrams(model);
      default -> throw new Unknown("the model \"" + type + "\"");
    };
  }

  private static WordPiece wordPiece(Map<String, Object> root, Map<String, Object> model) {
    requireKnown(
        model,
        "in WordPiece the part",
        Set.of(
            TYPE, "vocab", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word"));
    Map<String, Integer> ids = vocabulary(model);
    String unknown = Json.text(Json.required(model, "unk_token"), "unk_token");
    Integer id = ids.get(unknown);
    if (id == null) {
      throw new IllegalArgumentException("its unk_token " + unknown + " is no piece");
    }
    BertText text =
        Json.has(root, "normalizer")
            ? normalizer(part(root, "normalizer"))
            : new BertText(false, false, false, false);
    Map<String, Object> split = part(root, "pre_tokenizer");
    requireType(split, "pre_tokenizer", "BertPreTokenizer");
    requireKnown(split, "in BertPreTokenizer the part", Set.of(TYPE));
    return new WordPiece(
        text,
        ids,
        id,
        Json.text(Json.required(model, "continuing_subword_prefix"), "continuing_subword_prefix"),
        integer(model, "max_input_chars_per_word"));
  }

  private static HashedNgrams ngrams(Map<String, Object> model) {
    requireKnown(
        model,
        "in HashedNgrams the part",
        Set.of(
            TYPE,
            HashedNgrams.ROWS,
            HashedNgrams.WORDS,
            HashedNgrams.SHORTEST,
            HashedNgrams.LONGEST));
    return new HashedNgrams(
        integer(model, HashedNgrams.ROWS),
        integer(model, HashedNgrams.WORDS),
        integer(model, HashedNgrams.SHORTEST),
        integer(model, HashedNgrams.LONGEST));
  }

  /** {@code unk_token} and {@code fuse_unk} say nothing, since every byte is a piece. */
  private static BytePairs bytePairs(Map<String, Object> root, Map<String, Object> model) {
    requireKnown(
        model,
        "in BPE the part",
        Set.of(
            TYPE,
            "vocab",
            "merges",
            "unk_token",
            "fuse_unk",
            "dropout",
            "continuing_subword_prefix",
            "end_of_word_suffix",
            "byte_fallback",
            "ignore_merges"));
    for (String name : List.of("dropout", "continuing_subword_prefix", "end_of_word_suffix")) {
      if (Json.has(model, name) && !"".equals(model.get(name))) {
        throw new Unknown("in BPE the part \"" + name + "\"");
      }
    }
    for (String name : List.of("byte_fallback", "ignore_merges")) {
      if (Json.has(model, name) && bool(model, name)) {
        throw new Unknown("in BPE the part \"" + name + "\"");
      }
    }
    if (Json.has(root, "normalizer")) {
      throw new Unknown(
          "the normalizer \""
              + Json.text(Json.required(part(root, "normalizer"), TYPE), TYPE)
              + "\"");
    }
    Map<String, Object> split = part(root, "pre_tokenizer");
    requireType(split, "pre_tokenizer", "ByteLevel");
    requireKnown(
        split,
        "in ByteLevel the part",
        Set.of(TYPE, "add_prefix_space", "trim_offsets", "use_regex"));
    if (Json.has(split, "use_regex") && !bool(split, "use_regex")) {
      throw new Unknown("ByteLevel without \"use_regex\"");
    }
    List<String[]> merges = new ArrayList<>();
    for (Object merge : Json.list(Json.required(model, "merges"), "merges")) {
      merges.add(merge(merge));
    }
    return new BytePairs(vocabulary(model), merges, bool(split, "add_prefix_space"));
  }

  /** Two pieces, as a list or, in older files, with a space between them. */
  static String[] merge(Object merge) {
    String[] pair =
        merge instanceof String text
            ? text.split(" ", -1)
            : Json.list(merge, "each of merges").stream()
                .map(piece -> Json.text(piece, "each of merges"))
                .toArray(String[]::new);
    if (pair.length != 2) {
      throw new IllegalArgumentException(
          "each of merges must have two pieces, but has " + pair.length);
    }
    return pair;
  }

  private static Map<String, Integer> vocabulary(Map<String, Object> model) {
    Map<String, Integer> ids = new HashMap<>();
    Json.fields(Json.required(model, "vocab"), "vocab")
        .forEach(
            (piece, id) -> {
              int number = Json.number(id, "the id of " + piece, Integer::valueOf);
              if (number < 0 || number == Integer.MAX_VALUE) {
                throw new IllegalArgumentException("the id of " + piece + " is " + number);
              }
              ids.put(piece, number);
            });
    return ids;
  }

  private static BertText normalizer(Map<String, Object> normalizer) {
    requireType(normalizer, "normalizer", "BertNormalizer");
    requireKnown(
        normalizer,
        "in BertNormalizer the part",
        Set.of(TYPE, "clean_text", "handle_chinese_chars", "strip_accents", "lowercase"));
    boolean lowercase = bool(normalizer, "lowercase");
    return new BertText(
        bool(normalizer, "clean_text"),
        bool(normalizer, "handle_chinese_chars"),
        Json.has(normalizer, "strip_accents") ? bool(normalizer, "strip_accents") : lowercase,
        lowercase);
  }

  private static Map<String, Object> part(Map<String, Object> root, String name) {
    return Json.fields(Json.required(root, name), name);
  }

  private static boolean bool(Map<String, Object> fields, String name) {
    return Json.bool(Json.required(fields, name), name);
  }

  static int integer(Map<String, Object> fields, String name) {
    return Json.number(Json.required(fields, name), name, Integer::valueOf);
  }

  private static void requireType(Map<String, Object> fields, String part, String known) {
    String type = Json.text(Json.required(fields, TYPE), TYPE);
    if (!type.equals(known)) {
      throw new Unknown("the " + part + " \"" + type + "\"");
    }
  }

  /** Texts are padded and cut at their end here. */
  private static void requireEnd(Map<String, Object> fields, String part) {
    String direction = Json.text(Json.required(fields, "direction"), "direction");
    if (!direction.equals("Right")) {
      throw new Unknown("the " + part + " on the side \"" + direction + "\"");
    }
  }

  static void requireKnown(Map<String, Object> fields, String what, Set<String> known) {
    fields.keySet().stream()
        .filter(name -> !known.contains(name))
        .findFirst()
        .ifPresent(
            name -> {
              throw new Unknown(what + " \"" + name + "\"");
            });
  }
}
