package io.ranbiki.objective;

import java.util.List;

/** A term that compares outputs of layers, pair by pair. Open for your own. */
public interface FeatureTerm extends Term {

  /** Which layers are compared. */
  List<LayerPair> pairs();

  @Override
  default List<String> teacherLayers() {
    return pairs().stream().map(LayerPair::teacher).distinct().toList();
  }

  @Override
  default List<String> studentLayers() {
    return pairs().stream().map(LayerPair::student).distinct().toList();
  }
}
