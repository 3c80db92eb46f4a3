package io.ranbiki.prepare;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What stands around every text, and around and between two.
 *
 * @param before ids
 * @param after ids
 * @param pair both texts and the ids around them, in order; empty if it is not known here
 */
record Frame(List<Integer> before, List<Integer> after, List<Part> pair) {

  /** Of {@link Part#text}: an id instead of a text. */
  private static final int NO_TEXT = -1;

  /**
   * A text of a pair, or an id that stands beside them.
   *
   * @param text 0 or 1; {@link #NO_TEXT} for an id
   * @param id of no account for a text
   * @param type id of the type of all ids of this part
   */
  record Part(int text, int id, int type) {

    static Part text(int text, int type) {
      return new Part(text, 0, type);
    }

    static Part id(int id, int type) {
      return new Part(NO_TEXT, id, type);
    }

    boolean isText() {
      return text != NO_TEXT;
    }
  }

  private static final String SPECIAL = "special_tokens";

  static final Frame NONE =
      new Frame(List.of(), List.of(), List.of(Part.text(0, 0), Part.text(1, 1)));

  static Frame read(Map<String, Object> processor) {
    String type = Json.text(Json.required(processor, TokenizerJson.TYPE), TokenizerJson.TYPE);
    return switch (type) {
      case "BertProcessing" -> {
        TokenizerJson.requireKnown(
            processor, "in BertProcessing the part", Set.of(TokenizerJson.TYPE, "sep", "cls"));
        yield framed(pair(processor, "cls"), pair(processor, "sep"), false);
      }
      case "RobertaProcessing" -> {
        // Its other two switches are about places in the text, of which there are none here.
        TokenizerJson.requireKnown(
            processor,
            "in RobertaProcessing the part",
            Set.of(TokenizerJson.TYPE, "sep", "cls", "trim_offsets", "add_prefix_space"));
        yield framed(pair(processor, "cls"), pair(processor, "sep"), true);
      }
      case "TemplateProcessing" -> template(processor);
      case "ByteLevel" -> NONE; // about places in the text as well
      default -> throw new TokenizerJson.Unknown("the post_processor \"" + type + "\"");
    };
  }

  /** RoBERTa's sign stands twice between two texts, and all of its types are 0. */
  private static Frame framed(int cls, int sep, boolean roberta) {
    int second = roberta ? 0 : 1;
    List<Part> parts = new ArrayList<>(List.of(Part.id(cls, 0), Part.text(0, 0), Part.id(sep, 0)));
    if (roberta) {
      parts.add(Part.id(sep, 0));
    }
    parts.add(Part.text(1, second));
    parts.add(Part.id(sep, second));
    return new Frame(List.of(cls), List.of(sep), List.copyOf(parts));
  }

  /** Gives the ids of a part of a file anew. */
  static void renumber(Map<String, Object> processor, Map<Integer, Integer> ids) {
    for (String name : List.of("cls", "sep")) {
      if (processor.containsKey(name)) {
        Object text = Json.list(Json.required(processor, name), name).get(0);
        processor.put(name, List.of(text, Json.whole(ids.getOrDefault(pair(processor, name), 0))));
      }
    }
    if (processor.containsKey(SPECIAL)) {
      for (Object each : Json.fields(Json.required(processor, SPECIAL), SPECIAL).values()) {
        Map<String, Object> token = Json.fields(each, SPECIAL);
        token.put(
            "ids",
            Json.list(Json.required(token, "ids"), "ids").stream()
                .map(id -> Json.number(id, "ids", Integer::valueOf))
                .map(id -> Json.whole(ids.getOrDefault(id, 0)))
                .toList());
      }
    }
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
    TokenizerJson.requireKnown(
        processor,
        "in TemplateProcessing the part",
        Set.of(TokenizerJson.TYPE, "single", "pair", "special_tokens"));
    Map<String, Object> tokens = Json.fields(Json.required(processor, SPECIAL), SPECIAL);
    List<Integer> before = new ArrayList<>();
    List<Integer> after = new ArrayList<>();
    int texts = 0;
    for (Object each : Json.list(Json.required(processor, "single"), "single")) {
      Map<String, Object> piece = Json.fields(each, "each of single");
      String name = name(piece, "single");
      Map<String, Object> options = Json.fields(Json.required(piece, name), name);
      if (TokenizerJson.integer(options, "type_id") != 0) {
        throw new TokenizerJson.Unknown(
            "a text of the type_id " + TokenizerJson.integer(options, "type_id"));
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
        default ->
            throw new TokenizerJson.Unknown("in TemplateProcessing the part \"" + name + "\"");
      }
    }
    if (texts != 1) {
      throw new TokenizerJson.Unknown(
          "in TemplateProcessing a text that stands there " + texts + " times");
    }
    return new Frame(before, after, pair(processor, tokens));
  }

  /** A file whose pairs have another form is still good for single texts. */
  private static List<Part> pair(Map<String, Object> processor, Map<String, Object> tokens) {
    if (!Json.has(processor, "pair")) {
      return List.of();
    }
    List<Part> parts = new ArrayList<>();
    for (Object each : Json.list(Json.required(processor, "pair"), "pair")) {
      Map<String, Object> piece = Json.fields(each, "each of pair");
      String name = name(piece, "pair");
      Map<String, Object> options = Json.fields(Json.required(piece, name), name);
      int type = TokenizerJson.integer(options, "type_id");
      String id = Json.text(Json.required(options, "id"), "id");
      if (name.equals("Sequence")) {
        parts.add(Part.text(id.equals("A") ? 0 : 1, type));
      } else {
        Map<String, Object> token = Json.fields(Json.required(tokens, id), id);
        Json.list(Json.required(token, "ids"), "ids")
            .forEach(
                number -> parts.add(Part.id(Json.number(number, "ids", Integer::valueOf), type)));
      }
    }
    boolean once = IntStream.of(0, 1).allMatch(t -> count(parts, t) == 1);
    boolean twoTypes = parts.stream().allMatch(part -> part.type() == 0 || part.type() == 1);
    return once && twoTypes ? List.copyOf(parts) : List.of();
  }

  private static String name(Map<String, Object> piece, String list) {
    if (piece.size() != 1) {
      throw new IllegalArgumentException("each of " + list + " must have one name");
    }
    return piece.keySet().iterator().next();
  }

  private static long count(List<Part> parts, int text) {
    return parts.stream().filter(part -> part.text() == text).count();
  }
}
