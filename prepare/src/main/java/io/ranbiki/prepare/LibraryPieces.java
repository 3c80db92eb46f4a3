package io.ranbiki.prepare;

import java.util.Map;

/** Pieces as a library cuts them. */
record LibraryPieces(TokenizerLibrary.Opened opened) implements Pieces {

  @Override
  public int[] of(String text) {
    return opened.pieces(text);
  }

  /** None that anybody asks for. */
  @Override
  public Map<String, Integer> ids() {
    return Map.of();
  }

  @Override
  public int size() {
    return opened.size();
  }

  @Override
  public String name() {
    return opened.name();
  }
}
