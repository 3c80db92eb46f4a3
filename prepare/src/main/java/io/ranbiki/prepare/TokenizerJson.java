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
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads a {@code tokenizer.json}. What is not known in every part is refused: ids that are almost
 * right make a network that is almost right, and nobody finds out why.
 */
final class TokenizerJson {

  private static final int DEEPEST = 12;
  private static final String TYPE = "type";
  private static final Set<String> KEYS =
      Set.of(
          "version",
          "truncation",
          "padding",
          "added_tokens",
          "normalizer",
          "pre_tokenizer",
          "post_processor",
          "decoder",
          "model");

  private TokenizerJson() {}

  /** A part that may be right, but not for this reader. */
  private static final class Unknown extends RuntimeException {
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
      throw new RanbikiException(
          RanbikiException.Kind.MODEL,
          source
              + " has "
              + e.getMessage()
              + ", which is not known here. Use a tokenizer as BERT's: BertNormalizer,"
              + " BertPreTokenizer, WordPiece.",
          e);
    } catch (IllegalArgumentException e) {
      throw damaged(source, Objects.requireNonNull(e.getMessage()), e);
    }
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
    WordPiece pieces = pieces(part(root, "model"));
    List<Object> added = new ArrayList<>();
    if (Json.has(root, "added_tokens")) {
      added.addAll(Json.list(Objects.requireNonNull(root.get("added_tokens")), "added_tokens"));
    }
    int size =
        Stream.concat(pieces.ids().values().stream(), added.stream().map(TokenizerJson::id))
                .mapToInt(Integer::intValue)
                .max()
                .orElse(-1)
            + 1;
    BertText text =
        Json.has(root, "normalizer")
            ? normalizer(part(root, "normalizer"))
            : new BertText(false, false, false, false);
    Map<String, Object> split = part(root, "pre_tokenizer");
    requireType(split, "pre_tokenizer", "BertPreTokenizer");
    requireKnown(split, "in BertPreTokenizer the part", Set.of(TYPE));
    if (Json.has(root, "padding")) {
      requireEnd(part(root, "padding"), "padding");
    }
    OptionalInt limit = OptionalInt.empty();
    if (Json.has(root, "truncation")) {
      Map<String, Object> truncation = part(root, "truncation");
      requireEnd(truncation, "truncation");
      limit = OptionalInt.of(integer(truncation, "max_length"));
    }
    Frame frame =
        Json.has(root, "post_processor")
            ? Frame.read(part(root, "post_processor"))
            : new Frame(List.of(), List.of());
    int fewest = frame.before().size() + frame.after().size() + 1;
    if (limit.isPresent() && limit.getAsInt() < fewest) {
      throw new IllegalArgumentException(
          "max_length is " + limit.getAsInt() + ", which leaves no place for a text");
    }
    for (int id : Stream.concat(frame.before().stream(), frame.after().stream()).toList()) {
      if (id < 0 || id >= size) {
        throw new IllegalArgumentException("its post_processor has the id " + id + " of no piece");
      }
    }
    return new Tokenizer.Parts(
        text, pieces, array(frame.before()), array(frame.after()), limit, size);
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

  private static WordPiece pieces(Map<String, Object> model) {
    requireType(model, "model", "WordPiece");
    requireKnown(
        model,
        "in WordPiece the part",
        Set.of(
            TYPE, "vocab", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word"));
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
    String unknown = Json.text(Json.required(model, "unk_token"), "unk_token");
    Integer id = ids.get(unknown);
    if (id == null) {
      throw new IllegalArgumentException("its unk_token " + unknown + " is no piece");
    }
    return new WordPiece(
        ids,
        id,
        Json.text(Json.required(model, "continuing_subword_prefix"), "continuing_subword_prefix"),
        integer(model, "max_input_chars_per_word"));
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

  /**
   * What stands around every text.
   *
   * @param before ids
   * @param after ids
   */
  private record Frame(List<Integer> before, List<Integer> after) {

    static Frame read(Map<String, Object> processor) {
      String type = Json.text(Json.required(processor, TYPE), TYPE);
      return switch (type) {
        case "BertProcessing" -> {
          requireKnown(processor, "in BertProcessing the part", Set.of(TYPE, "sep", "cls"));
          yield new Frame(List.of(pair(processor, "cls")), List.of(pair(processor, "sep")));
        }
        case "TemplateProcessing" -> template(processor);
        default -> throw new Unknown("the post_processor \"" + type + "\"");
      };
    }

    /** Such as {@code ["[CLS]", 101]}. */
    private static int pair(Map<String, Object> processor, String name) {
      List<?> pair = Json.list(Json.required(processor, name), name);
      if (pair.size() != 2) {
        throw new IllegalArgumentException(name + " must have two parts");
      }
      return Json.number(pair.get(1), name, Integer::valueOf);
    }

    private static Frame template(Map<String, Object> processor) {
      requireKnown(
          processor,
          "in TemplateProcessing the part",
          Set.of(TYPE, "single", "pair", "special_tokens"));
      Map<String, Object> tokens =
          Json.fields(Json.required(processor, "special_tokens"), "special_tokens");
      List<Integer> before = new ArrayList<>();
      List<Integer> after = new ArrayList<>();
      int texts = 0;
      for (Object each : Json.list(Json.required(processor, "single"), "single")) {
        Map<String, Object> piece = Json.fields(each, "each of single");
        if (piece.size() != 1) {
          throw new IllegalArgumentException("each of single must have one name");
        }
        String name = piece.keySet().iterator().next();
        Map<String, Object> options = Json.fields(Json.required(piece, name), name);
        if (integer(options, "type_id") != 0) {
          throw new Unknown("a text of the type_id " + integer(options, "type_id"));
        }
        String id = Json.text(Json.required(options, "id"), "id");
        switch (name) {
          case "Sequence" -> texts++;
          case "SpecialToken" -> {
            Map<String, Object> token = Json.fields(Json.required(tokens, id), id);
            List<Integer> side = texts == 0 ? before : after;
            Json.list(Json.required(token, "ids"), "ids")
                .forEach(number -> side.add(Json.number(number, "ids", Integer::valueOf)));
          }
          default -> throw new Unknown("in TemplateProcessing the part \"" + name + "\"");
        }
      }
      if (texts != 1) {
        throw new Unknown("in TemplateProcessing a text that stands there " + texts + " times");
      }
      return new Frame(before, after);
    }
  }

  private static Map<String, Object> part(Map<String, Object> root, String name) {
    return Json.fields(Json.required(root, name), name);
  }

  private static boolean bool(Map<String, Object> fields, String name) {
    return Json.bool(Json.required(fields, name), name);
  }

  private static int integer(Map<String, Object> fields, String name) {
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

  private static void requireKnown(Map<String, Object> fields, String what, Set<String> known) {
    fields.keySet().stream()
        .filter(name -> !known.contains(name))
        .findFirst()
        .ifPresent(
            name -> {
              throw new Unknown(what + " \"" + name + "\"");
            });
  }
}
