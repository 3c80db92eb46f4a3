package io.ranbiki.prepare;

/**
 * Knows tokenizers that {@link Tokenizer} does not. The module {@code ranbiki-tokenizers} offers
 * one; {@code ServiceLoader} finds it where its jar is, and it is asked when a file has a part that
 * is not known here.
 */
public interface TokenizerLibrary {

  /**
   * Opens a tokenizer.
   *
   * @param json the text of a {@code tokenizer.json}
   * @throws IllegalArgumentException that says, without a full stop, what is wrong with the text
   * @throws io.ranbiki.RanbikiException if the library cannot work here
   */
  Opened open(String json);

  /** A tokenizer, safe for many threads at once. */
  interface Opened {

    /**
     * The ids of the pieces of a text, none for an empty one. Signs with a meaning in it, such as
     * {@code <s>}, are text.
     */
    int[] pieces(String text);

    /** The ids that stand before those of every text. */
    int[] before();

    /** The ids that stand behind. */
    int[] after();

    /** How many ids there are: all are below it. */
    int size();

    /** What the method is called, such as {@code Unigram}. */
    String name();
  }
}
