package io.ranbiki.model;

import io.ranbiki.RanbikiException;
import io.ranbiki.nn.Network;
import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.Generator;
import java.util.List;

/** A kind of network with its options: builds it for the samples that there are. */
public interface Architecture {

  /**
   * The fields that the network takes of those that samples have; all of them if not said.
   *
   * @throws RanbikiException if the samples lack one
   */
  default List<Field> inputs(List<Field> offered) {
    return offered;
  }

  /**
   * Builds the network with initial values.
   *
   * @param inputs as {@link #inputs(List)} gives them
   * @param classes how many numbers it answers with
   * @param generator of everything random in it, its initial weights and its dropout; borrowed
   */
  Network build(List<Field> inputs, int classes, Generator generator);

  /** How large it will be; nothing if not known, and then nobody warns of what no machine holds. */
  default NetworkSize size(List<Field> inputs, int classes) {
    return NetworkSize.NONE;
  }
}
