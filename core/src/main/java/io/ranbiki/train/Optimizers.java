package io.ranbiki.train;

import io.ranbiki.config.Catalogue;
import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import java.util.List;
import java.util.function.Function;

/** Our optimisers by their names in configurations. */
public final class Optimizers implements Catalogue {

  @Override
  public List<Provider<?>> providers() {
    return List.of(
        optimizer("adam", "Adam, with PyTorch's defaults.", Optimizer.Adam::read),
        optimizer(
            "adamw",
            "Adam whose weight decay stands apart from the gradient.",
            Optimizer.AdamW::read),
        optimizer("sgd", "Stochastic gradient descent.", Optimizer.Sgd::read));
  }

  private static Provider<Optimizer> optimizer(
      String name, String sentence, Function<Options, Optimizer> reader) {
    return Provider.of(Optimizer.class, name, sentence, reader);
  }
}
