package com.example.terms;

import io.ranbiki.config.Catalogue;
import io.ranbiki.config.Provider;
import io.ranbiki.objective.Term;
import java.util.List;

/** What this jar offers under names in configurations; named in META-INF/services. */
public final class MyTerms implements Catalogue {

  @Override
  public List<Provider<?>> providers() {
    return List.of(
        Provider.of(
            Term.class,
            "logit-angle",
            "The angle between the logits of student and teacher.",
            LogitAngle::read));
  }
}
