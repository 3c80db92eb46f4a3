package io.ranbiki.objective;

import io.ranbiki.config.Catalogue;
import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import java.util.List;
import java.util.function.Function;

/** Our terms by their names in configurations, with the defaults of their papers. */
public final class Terms implements Catalogue {

  @Override
  public List<Provider<?>> providers() {
    return List.of(
        term("hard-labels", "The true labels.", HardLabels::read),
        term("soft-targets", "The teacher's softened class probabilities.", SoftTargets::read),
        term(
            "teacher-decisions",
            "The class that the teacher finds likeliest, as if it were the label.",
            TeacherDecisions::read),
        term(
            "standardized-targets",
            "Softened class probabilities after both sides' logits were standardised.",
            StandardizedTargets::read),
        term(
            "dkd",
            "The true class, and the other classes among themselves, weighted apart.",
            Dkd::read),
        term(
            "dist",
            "Correlations: each sample's ranking of classes, each class's ranking of samples.",
            Dist::read),
        term(
            "divergence",
            "Probabilities in a chosen direction: forward KL, reverse KL or between.",
            DivergenceTargets::read),
        term(
            "top-k",
            "The teacher's k likeliest classes and one bucket for the rest.",
            TopKTargets::read),
        term("binary-targets", "A yes-or-no probability per label.", BinaryTargets::read),
        term("binary-labels", "True labels that do not exclude each other.", BinaryLabels::read),
        term("output-regression", "The teacher's outputs as they are.", OutputRegression::read),
        term("embedding", "The teacher's vector of each sample.", EmbeddingTargets::read),
        term("label-regression", "True values.", LabelRegression::read),
        term(
            "bounded-regression",
            "True values, where the student is not yet better than the teacher.",
            BoundedRegression::read),
        term("hint", "The features, through a learnable projector.", Hint::read),
        term(
            "attention-transfer",
            "Where in the image the layer is active.",
            AttentionTransfer::read),
        term(
            "similarity-preserving",
            "Which samples of a batch look alike.",
            SimilarityPreserving::read),
        term(
            "correlation-congruence",
            "How samples of a batch correlate.",
            CorrelationCongruence::read),
        term(
            "variational-information",
            "The teacher's features as predicted from the student's, with a learnt variance.",
            VariationalInformation::read),
        term(
            "relational-distillation",
            "Distances and angles among the samples of a batch.",
            RelationalDistillation::read),
        term(
            "probabilistic-transfer", "Which samples are neighbours.", ProbabilisticTransfer::read),
        term(
            "neuron-selectivity",
            "The distribution of what single channels respond to.",
            NeuronSelectivity::read),
        term(
            "flow-of-solution",
            "How features turn into those of the next layer.",
            FlowOfSolution::read),
        term(
            "activation-boundary",
            "Which neurons are active, not how strongly.",
            ActivationBoundary::read),
        term("factor-transfer", "Short codes of the features.", FactorTransfer::read),
        term(
            "contrastive-representation",
            "Which teacher features belong to the sample, among thousands of others.",
            ContrastiveRepresentation::read),
        term(
            "review-kd", "Shallow teacher layers from deep student layers, fused.", ReviewKd::read),
        term(
            "sim-kd",
            "The last features alone, for use with the teacher's own classifier.",
            SimKd::read),
        term(
            "overhaul",
            "Features before the ReLU, where the ReLU would pass them.",
            Overhaul::read),
        term(
            "tinybert",
            "Attention scores and hidden states of every layer of an encoder of texts.",
            TinyBert::read),
        term("minilm", "How the tokens of a text relate to each other in one layer.", MiniLm::read),
        term(
            "hidden-cosine",
            "The direction of the hidden state of each token, as DistilBERT.",
            HiddenCosine::read),
        term(
            "embedding-relations",
            "How alike the vectors of the samples of a batch are.",
            EmbeddingRelations::read));
  }

  private static Provider<Term> term(String name, String sentence, Function<Options, Term> reader) {
    return Provider.of(Term.class, name, sentence, reader);
  }
}
