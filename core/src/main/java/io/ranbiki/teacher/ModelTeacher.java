package io.ranbiki.teacher;

import io.ranbiki.data.Batch;
import io.ranbiki.model.Model;
import io.ranbiki.nn.Signal;
import io.ranbiki.nn.Taps;
import io.ranbiki.tensor.NoGrad;
import java.util.Collection;
import java.util.List;

/** A live network as teacher: frozen, in evaluation mode. */
public final class ModelTeacher implements Teacher {

  private final Model model;
  private final Taps taps;
  private final boolean tapped;
  private final boolean owner;

  /**
   * Freezes a model and makes it a teacher; the model stays the caller's.
   *
   * @param layers paths of the layers whose outputs the answers shall hold
   * @throws io.ranbiki.RanbikiException if there is no layer at a path: the nearest are named
   */
  public ModelTeacher(Model model, Collection<String> layers) {
    this(model, layers, false);
  }

  private ModelTeacher(Model model, Collection<String> layers, boolean owner) {
    this.model = model;
    this.owner = owner;
    model.module().freeze();
    taps = Taps.open("teacher " + title(), model.module(), layers);
    tapped = !layers.isEmpty();
  }

  /** As the constructor, but the model is closed with the teacher. */
  static ModelTeacher owning(Model model, Collection<String> layers) {
    return new ModelTeacher(model, layers, true);
  }

  @Override
  public Signal signal(Batch batch) {
    try (NoGrad noGrad = new NoGrad()) {
      Signal signal = model.answer(batch);
      return tapped ? signal.with(taps.take()) : signal;
    }
  }

  /** A network without taps changes nothing while it answers. */
  @Override
  public boolean isWorthAskingAhead() {
    return !tapped;
  }

  @Override
  public int classes() {
    return model.spec().classes();
  }

  @Override
  public String title() {
    return model.spec().title();
  }

  /** Whoever lends a model has heard them. */
  @Override
  public List<String> notes() {
    return owner ? model.notes() : List.of();
  }

  @Override
  public void close() {
    taps.close();
    if (owner) {
      model.close();
    }
  }
}
