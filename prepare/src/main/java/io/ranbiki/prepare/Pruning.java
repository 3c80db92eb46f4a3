package io.ranbiki.prepare;

import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes the file of a tokenizer again with fewer pieces. Ids are given anew in the old order;
 * signs with a meaning stay, and so do the 256 bytes of byte-level BPE, of which a piece stays only
 * with the pieces that it is merged of.
 */
final class Pruning {

  private final Map<String, Object> root;
  private final Map<String, Object> model;
  private final Pieces pieces;

  /** The text of every piece by its id. */
  private final Map<Integer, String> names = new HashMap<>();

  /** Of BPE: what a piece is first merged of. */
  private final Map<String, String[]> parts = new HashMap<>();

  private final Set<String> kept = new HashSet<>();

  private Pruning(String json, Pieces pieces) {
    this.pieces = pieces;
    root = Json.fields(tree(json), "the whole");
    model = Json.fields(Json.required(root, "model"), "model");
    pieces.ids().forEach((piece, id) -> names.put(id, piece));
  }

  private static Object tree(String json) {
    try {
      return Json.tree(json, TokenizerJson.DEEPEST);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // it was read before
    }
  }

  /**
   * The file with the pieces that texts use most.
   *
   * @param size pieces that are kept at most
   * @throws RanbikiException of kind CONFIGURATION if the size leaves no place for any, or it has
   *     no vocabulary
   */
  static String prune(String json, Pieces pieces, Iterable<String> texts, int size) {
    if (!(pieces instanceof WordPiece || pieces instanceof BytePairs)) {
      throw RanbikiException.configuration(
          "A tokenizer of %s has no vocabulary that could be made smaller, as WordPiece and"
              + " byte-level BPE have. Leave prepare.vocabulary out.",
          pieces.name());
    }
    Pruning pruning = new Pruning(json, pieces);
    pruning.keepSigns();
    if (pruning.kept.size() >= size) {
      throw RanbikiException.configuration(
          "A vocabulary of %d pieces has no place for one of a text, beside the %d that must stay."
              + " Take more (prepare.vocabulary).",
          size, pruning.kept.size());
    }
    pruning.keep(pruning.byUse(texts), size);
    return pruning.written();
  }

  /** What no use counts for. */
  private void keepSigns() {
    if (pieces instanceof WordPiece words) {
      kept.add(Objects.requireNonNull(names.get(words.unknown())));
    } else {
      for (int i = 0; i < BytePairs.BYTES; i++) {
        kept.add(String.valueOf(BytePairs.letter(i)));
      }
      for (Object merge : merges()) {
        String[] pair = TokenizerJson.merge(merge);
        parts.putIfAbsent(pair[0] + pair[1], pair);
      }
    }
    for (Object added : added()) {
      String content =
          Json.text(Json.required(Json.fields(added, "added_tokens"), "content"), "content");
      if (pieces.ids().containsKey(content)) {
        kept.add(content);
      }
    }
    if (Json.has(root, "post_processor")) {
      Frame frame =
          Frame.read(Json.fields(Json.required(root, "post_processor"), "post_processor"));
      frame.before().forEach(this::keepId);
      frame.after().forEach(this::keepId);
    }
  }

  private void keepId(int id) {
    if (names.containsKey(id)) {
      kept.add(names.get(id));
    }
  }

  /** The pieces that texts use, those of most use first; of equals the lower id. */
  private List<Integer> byUse(Iterable<String> texts) {
    Map<Integer, Integer> counts = new TreeMap<>();
    for (String text : texts) {
      for (int id : pieces.of(text)) {
        counts.merge(id, 1, Integer::sum);
      }
    }
    List<Integer> ids = new ArrayList<>(counts.keySet());
    ids.sort(
        Comparator.comparing((Integer id) -> counts.getOrDefault(id, 0))
            .reversed()
            .thenComparing(Comparator.naturalOrder()));
    return ids;
  }

  private void keep(List<Integer> ids, int size) {
    for (int id : ids) {
      Set<String> more = new HashSet<>();
      addWithParts(Objects.requireNonNull(names.get(id)), more);
      if (kept.size() + more.size() <= size) {
        kept.addAll(more);
      }
    }
  }

  private void addWithParts(String piece, Set<String> more) {
    if (!kept.contains(piece) && more.add(piece) && parts.containsKey(piece)) {
      for (String part : Objects.requireNonNull(parts.get(piece))) {
        addWithParts(part, more);
      }
    }
  }

  private List<?> merges() {
    return Json.list(Json.required(model, "merges"), "merges");
  }

  private List<?> added() {
    return Json.has(root, "added_tokens")
        ? Json.list(Json.required(root, "added_tokens"), "added_tokens")
        : List.of();
  }

  private String written() {
    Map<Integer, Integer> renumbered = new HashMap<>();
    Map<String, Object> vocabulary = new LinkedHashMap<>();
    for (int id : new TreeMap<>(names).keySet()) {
      String piece = Objects.requireNonNull(names.get(id));
      if (kept.contains(piece)) {
        renumbered.put(id, vocabulary.size());
        vocabulary.put(piece, Json.whole(vocabulary.size()));
      }
    }
    model.put("vocab", vocabulary);
    if (model.containsKey("merges")) {
      model.put("merges", merges().stream().filter(this::isKept).toList());
    }
    for (Object each : added()) {
      Map<String, Object> token = Json.fields(each, "added_tokens");
      int id = TokenizerJson.integer(token, "id");
      token.put("id", Json.whole(renumbered.computeIfAbsent(id, any -> renumbered.size())));
    }
    if (Json.has(root, "post_processor")) {
      Frame.renumber(
          Json.fields(Json.required(root, "post_processor"), "post_processor"), renumbered);
    }
    if (Json.has(root, "padding")) {
      Map<String, Object> padding = Json.fields(Json.required(root, "padding"), "padding");
      int id = TokenizerJson.integer(padding, "pad_id");
      padding.put("pad_id", Json.whole(renumbered.getOrDefault(id, 0)));
    }
    return Json.text(root);
  }

  private boolean isKept(Object merge) {
    String[] pair = TokenizerJson.merge(merge);
    return kept.contains(pair[0]) && kept.contains(pair[1]) && kept.contains(pair[0] + pair[1]);
  }
}
