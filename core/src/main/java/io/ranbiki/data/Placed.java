package io.ranbiki.data;

import java.util.List;
import java.util.function.IntFunction;

/**
 * Samples with the places where they were read.
 *
 * @param samples all else
 * @param places of each sample by index, see {@link Dataset#place}
 */
record Placed(Dataset samples, IntFunction<String> places) implements Dataset {

  @Override
  public String place(int index) {
    return places.apply(index);
  }

  @Override
  public int size() {
    return samples.size();
  }

  @Override
  public int classes() {
    return samples.classes();
  }

  @Override
  public int[] shape() {
    return samples.shape();
  }

  @Override
  public long id(int index) {
    return samples.id(index);
  }

  @Override
  public int label(int index) {
    return samples.label(index);
  }

  @Override
  public void read(int index, float[] target, int offset) {
    samples.read(index, target, offset);
  }

  @Override
  public String fingerprint() {
    return samples.fingerprint();
  }

  @Override
  public List<String> classNames() {
    return samples.classNames();
  }

  @Override
  public List<String> notes() {
    return samples.notes();
  }

  @Override
  public void close() {
    samples.close();
  }
}
