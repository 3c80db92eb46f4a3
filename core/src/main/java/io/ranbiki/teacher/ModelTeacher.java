package io.ranbiki.teacher;

import io.ranbiki.data.Batch;
import io.ranbiki.model.Model;
import io.ranbiki.nn.Signal;
import io.ranbiki.nn.Taps;
import io.ranbiki.tensor.NoGrad;
import java.util.Collection;

/** A live network as teacher: frozen, in evaluation mode. Borrows the model. */
public final class ModelTeacher implements Teacher {

  private final Model model;
  private final Taps taps;
  private final boolean tapped;

  /**
   * Freezes a model and makes it a teacher.
   *
   * @param layers paths of the layers whose outputs the answers shall hold
   * @throws io.ranbiki.RanbikiException if there is no layer at a path: the nearest are named
   */
  public ModelTeacher(Model model, Collection<String> layers) {
    this.model = model;
    model.module().freeze();
    taps = Taps.open("teacher " + title(), model.module(), layers);
    tapped = !layers.isEmpty();
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

  @Override
  public void close() {
    taps.close();
  }
}
