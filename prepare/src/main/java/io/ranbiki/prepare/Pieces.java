package io.ranbiki.prepare;

import java.util.List;
import java.util.Map;

/** Cuts texts into pieces of a vocabulary. */
sealed interface Pieces permits WordPiece, BytePairs, HashedNgrams, LibraryPieces {

  /** The ids of the pieces of a text, none for an empty one. */
  int[] of(String text);

  /** The same, the pieces of each word by themselves; all in one where words are not known. */
  default List<int[]> words(String text) {
    return List.of(of(text));
  }

  /** The vocabulary: ids by the text of a piece. */
  Map<String, Integer> ids();

  /** How many ids there are: all are below it. */
  default int size() {
    return ids().values().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
  }

  /** What the method is called, such as {@code WordPiece}. */
  String name();
}
