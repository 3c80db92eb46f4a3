package com.example.networks;

import io.ranbiki.config.Catalogue;
import io.ranbiki.config.Provider;
import io.ranbiki.model.Architecture;
import java.util.List;

/** What this jar offers under names in configurations; named in META-INF/services. */
public final class MyNetworks implements Catalogue {

  @Override
  public List<Provider<?>> providers() {
    return List.of(
        Provider.of(
            Architecture.class,
            SeparableCnn.NAME,
            "Convolutions of each channel by itself, for small images.",
            SeparableCnn::read));
  }
}
