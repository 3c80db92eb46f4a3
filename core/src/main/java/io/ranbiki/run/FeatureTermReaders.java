package io.ranbiki.run;

import io.ranbiki.config.MapNode;
import io.ranbiki.config.Rule;
import io.ranbiki.objective.ActivationBoundary;
import io.ranbiki.objective.AttentionTransfer;
import io.ranbiki.objective.ContrastiveRepresentation;
import io.ranbiki.objective.CorrelationCongruence;
import io.ranbiki.objective.FactorTransfer;
import io.ranbiki.objective.FlowOfSolution;
import io.ranbiki.objective.Hint;
import io.ranbiki.objective.LayerPair;
import io.ranbiki.objective.NeuronSelectivity;
import io.ranbiki.objective.Overhaul;
import io.ranbiki.objective.ProbabilisticTransfer;
import io.ranbiki.objective.RelationalDistillation;
import io.ranbiki.objective.ReviewKd;
import io.ranbiki.objective.SimKd;
import io.ranbiki.objective.SimilarityPreserving;
import io.ranbiki.objective.Term;
import io.ranbiki.objective.VariationalInformation;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The terms that compare layers, by their names in configurations. */
final class FeatureTermReaders {

  private FeatureTermReaders() {}

  static void addTo(Map<String, Function<MapNode, Term>> readers) {
    readers.put(
        "hint",
        node ->
            new Hint(
                TermReaders.weight(node, 50),
                pairs(node),
                TermReaders.word(node, "projection", Hint.Projection.WHERE_NEEDED)));
    readers.put(
        "attention-transfer",
        node ->
            new AttentionTransfer(
                TermReaders.weight(node, 1000),
                pairs(node),
                node.number("exponent", 2),
                TermReaders.word(node, "form", AttentionTransfer.Form.SQUARED)));
    readers.put(
        "similarity-preserving",
        node -> new SimilarityPreserving(TermReaders.weight(node, 3000), pairs(node)));
    readers.put(
        "correlation-congruence",
        node ->
            new CorrelationCongruence(
                TermReaders.weight(node, 0.02),
                pairs(node),
                TermReaders.word(node, "form", CorrelationCongruence.Form.NEIGHBOURS)));
    readers.put(
        "variational-information",
        node -> new VariationalInformation(TermReaders.weight(node, 1), pairs(node)));
    readers.put(
        "relational-distillation",
        node ->
            new RelationalDistillation(
                TermReaders.weight(node, 1),
                pairs(node),
                node.number("distance-weight", 25),
                node.number("angle-weight", 50)));
    readers.put(
        "probabilistic-transfer",
        node -> new ProbabilisticTransfer(TermReaders.weight(node, 30000), pairs(node)));
    readers.put(
        "neuron-selectivity",
        node -> new NeuronSelectivity(TermReaders.weight(node, 50), pairs(node)));
    readers.put(
        "flow-of-solution",
        node ->
            new FlowOfSolution(
                TermReaders.weight(node, 50),
                pairs(node),
                TermReaders.word(node, "form", FlowOfSolution.Form.MEAN)));
    readers.put(
        "activation-boundary",
        node ->
            new ActivationBoundary(
                TermReaders.weight(node, 0.1),
                pairs(node),
                node.number("margin", 1),
                node.bool("connector", true)));
    readers.put(
        "factor-transfer",
        node ->
            new FactorTransfer(
                TermReaders.weight(node, 200),
                pairs(node),
                TermReaders.word(node, "form", FactorTransfer.Form.PAPER),
                node.integer("power", 1),
                node.number("rate", 0.5)));
    readers.put(
        "contrastive-representation",
        node ->
            new ContrastiveRepresentation(
                TermReaders.weight(node, 0.08),
                pairs(node),
                node.longInteger("samples", Rule.atLeast(1)),
                node.integer("negatives", 16384),
                node.longInteger("embedding", 128),
                node.number("temperature", 0.07),
                node.number("momentum", 0.5)));
    readers.put(
        "review-kd",
        node ->
            new ReviewKd(
                TermReaders.weight(node, 1), pairs(node), node.longInteger("channels", 64)));
    readers.put(
        "sim-kd",
        node -> new SimKd(TermReaders.weight(node, 1), pairs(node), node.longInteger("factor", 2)));
    readers.put(
        "overhaul", node -> new Overhaul(TermReaders.weight(node, 0.0001), pairs(node), List.of()));
  }

  private static List<LayerPair> pairs(MapNode node) {
    return node.oneOrMore(
        "pairs",
        pair -> new LayerPair(pair.asMap().string("teacher"), pair.asMap().string("student")));
  }
}
