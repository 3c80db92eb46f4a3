package io.ranbiki.objective;

import io.ranbiki.nn.Module;
import io.ranbiki.tensor.MemoryFormat;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A loss that is a sum over pairs of layers, each with what it trains itself. */
final class PairwiseLoss implements TermLoss {

  /**
   * The loss of one pair.
   *
   * @param function from the features of a batch to a single number
   * @param module what it trains, or null
   * @param note which rule matches the shapes; empty if none is needed
   */
  record PairLoss(Function<FeaturePair, Tensor> function, @Nullable Module module, String note) {

    /** A loss that trains nothing. */
    static PairLoss of(Function<FeaturePair, Tensor> function, String note) {
      return new PairLoss(function, null, note);
    }
  }

  private final Map<LayerPair, PairLoss> losses = new LinkedHashMap<>();
  private final Map<String, Module> modules = new LinkedHashMap<>();

  private PairwiseLoss() {}

  /**
   * Binds each pair of a term.
   *
   * @param moduleName what the pairs' modules are called; pair {@code i} adds {@code .i}
   */
  static TermLoss bind(
      FeatureTerm term,
      LossInputs example,
      String moduleName,
      Function<FeaturePair, PairLoss> binder) {
    PairwiseLoss bound = new PairwiseLoss();
    try (TensorScope scope = TensorScope.open("bind " + term.name())) {
      for (LayerPair layers : term.pairs()) {
        FeaturePair pair = FeaturePair.of(example, layers);
        PairLoss loss = binder.apply(pair);
        if (loss.module() != null) {
          loss.module().to(MemoryFormat.CHANNELS_LAST);
          loss.module().to(pair.student().device());
          bound.modules.put(moduleName + "." + bound.losses.size(), loss.module());
        }
        bound.losses.put(layers, loss);
      }
    } catch (RuntimeException e) {
      bound.close();
      throw e;
    }
    return bound;
  }

  /** Binds a term whose pairs train nothing. */
  static TermLoss bind(
      FeatureTerm term, LossInputs example, Function<FeaturePair, PairLoss> binder) {
    return bind(term, example, "", binder);
  }

  /** Notes joined; empty ones are left out. */
  static String note(String... parts) {
    return Stream.of(parts).filter(part -> !part.isEmpty()).collect(Collectors.joining(", "));
  }

  @Override
  public Tensor value(LossInputs inputs) {
    Tensor total = null;
    for (Map.Entry<LayerPair, PairLoss> entry : losses.entrySet()) {
      Tensor loss = entry.getValue().function().apply(FeaturePair.of(inputs, entry.getKey()));
      total = total == null ? loss : total.add(loss);
    }
    if (total == null) {
      throw new IllegalStateException("a term without pairs was bound");
    }
    return total;
  }

  @Override
  public Map<String, Module> modules() {
    return modules;
  }

  @Override
  public String notes() {
    List<String> notes = new ArrayList<>();
    losses.forEach(
        (layers, loss) -> {
          if (!loss.note().isEmpty()) {
            notes.add(layers + ": " + loss.note());
          }
        });
    return String.join("; ", notes);
  }
}
