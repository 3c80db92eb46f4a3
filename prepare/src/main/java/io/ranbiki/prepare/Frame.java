package io.ranbiki.prepare;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What stands around every text.
 *
 * @param before ids
 * @param after ids
 */
record Frame(List<Integer> before, List<Integer> after) {

  private static final String SPECIAL = "special_tokens";

  static final Frame NONE = new Frame(List.of(), List.of());

  static Frame read(Map<String, Object> processor) {
    String type = Json.text(Json.required(processor, TokenizerJson.TYPE), TokenizerJson.TYPE);
    return switch (type) {
      case "BertProcessing" -> {
        TokenizerJson.requireKnown(
            processor, "in BertProcessing the part", Set.of(TokenizerJson.TYPE, "sep", "cls"));
        yield new Frame(List.of(pair(processor, "cls")), List.of(pair(processor, "sep")));
      }
      case "RobertaProcessing" -> {
        // Its other two switches are about places in the text, of which there are none here.
        TokenizerJson.requireKnown(
            processor,
            "in RobertaProcessing the part",
            Set.of(TokenizerJson.TYPE, "sep", "cls", "trim_offsets", "add_prefix_space"));
        yield new Frame(List.of(pair(processor, "cls")), List.of(pair(processor, "sep")));
      }
      case "TemplateProcessing" -> template(processor);
      case "ByteLevel" -> NONE; // about places in the text as well
      default -> throw new TokenizerJson.Unknown("the post_processor \"" + type + "\"");
    };
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
      if (piece.size() != 1) {
        throw new IllegalArgumentException("each of single must have one name");
      }
      String name = piece.keySet().iterator().next();
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
    return new Frame(before, after);
  }
}
