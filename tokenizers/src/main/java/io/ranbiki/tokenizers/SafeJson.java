package io.ranbiki.tokenizers;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.util.HashSet;
import java.util.Set;

/**
 * A {@code tokenizer.json} in which no text becomes a sign with a meaning. The library looks for
 * such signs in every text before it cuts it, and Unigram finds them among its pieces; so they are
 * no added tokens here, and their pieces have names that no text has. What stands around a text is
 * known by its ids. Texts are neither padded nor cut.
 *
 * @param json the text
 * @param size ids are below it
 * @param name of the model, such as {@code Unigram}
 */
record SafeJson(String json, int size, String name) {

  /** Two of the code points that stand for no character ever. */
  private static final String MARK = "\uFDD0";

  private static final String OTHER_MARK = "\uFDD1";

  /**
   * Changes a file.
   *
   * @throws IllegalArgumentException that says what is wrong with it
   */
  static SafeJson of(String json) {
    try {
      JsonObject root = JsonParser.parseString(json).getAsJsonObject();
      JsonObject model = root.getAsJsonObject("model");
      Set<String> signs = new HashSet<>();
      int largest = -1;
      JsonArray kept = new JsonArray();
      for (JsonElement each : list(root, "added_tokens")) {
        JsonObject token = each.getAsJsonObject();
        largest = Math.max(largest, token.get("id").getAsInt());
        if (token.get("special").getAsBoolean()) {
          signs.add(token.get("content").getAsString());
        } else {
          kept.add(token);
        }
      }
      root.add("added_tokens", kept);
      root.add("padding", JsonNull.INSTANCE);
      root.add("truncation", JsonNull.INSTANCE);
      JsonElement pieces = model.get("vocab");
      largest =
          Math.max(
              largest,
              pieces.isJsonArray()
                  ? pieces.getAsJsonArray().size() - 1
                  : pieces.getAsJsonObject().entrySet().stream()
                      .mapToInt(piece -> piece.getValue().getAsInt())
                      .max()
                      .orElse(-1));
      model.add("vocab", renamed(pieces, signs, unknown(model)));
      return new SafeJson(new Gson().toJson(root), largest + 1, name(model));
    } catch (JsonParseException
        | IllegalStateException
        | NullPointerException
        | UnsupportedOperationException e) {
      throw new IllegalArgumentException("a part of it is missing or of another kind", e);
    }
  }

  /** A text without what the names of signs are marked by. */
  static String plain(String text) {
    return text.replace(MARK, OTHER_MARK);
  }

  private static JsonArray list(JsonObject fields, String name) {
    JsonElement list = fields.get(name);
    return list == null || list.isJsonNull() ? new JsonArray() : list.getAsJsonArray();
  }

  private static String name(JsonObject model) {
    JsonElement type = model.get("type");
    return type == null ? "a model" : type.getAsString();
  }

  /** The piece for what is unknown, which models but Unigram find by its name. */
  private static String unknown(JsonObject model) {
    JsonElement unknown = model.get("unk_token");
    return unknown == null || unknown.isJsonNull() ? "" : unknown.getAsString();
  }

  private static JsonElement renamed(JsonElement pieces, Set<String> signs, String unknown) {
    if (pieces.isJsonArray()) {
      for (JsonElement piece : pieces.getAsJsonArray()) {
        JsonArray pair = piece.getAsJsonArray();
        if (signs.contains(pair.get(0).getAsString())) {
          pair.set(0, new JsonPrimitive(MARK + pair.get(0).getAsString()));
        }
      }
      return pieces;
    }
    JsonObject renamed = new JsonObject();
    pieces
        .getAsJsonObject()
        .entrySet()
        .forEach(
            piece -> {
              boolean sign = signs.contains(piece.getKey()) && !piece.getKey().equals(unknown);
              renamed.add(sign ? MARK + piece.getKey() : piece.getKey(), piece.getValue());
            });
    return renamed;
  }
}
