package io.ranbiki.config;

import java.util.function.Function;

/** A provider of a few words and a reader. */
record ProviderOf<T>(
    Class<T> kind, String name, String sentence, Function<Options, ? extends T> reader)
    implements Provider<T> {

  @Override
  public T create(Options options) {
    return reader.apply(options);
  }
}
