package io.ranbiki.objective;

import io.ranbiki.nn.Linear;
import io.ranbiki.nn.Module;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.SplittableRandom;

/**
 * What {@link ContrastiveRepresentation} trains and remembers. Parameters: {@code embed_s.linear}
 * and {@code embed_t.linear}. Buffers: the student's embeddings {@code memory_v1} and the teacher's
 * {@code memory_v2} {@code [samples, embedding]}, the constants {@code Z_v1} and {@code Z_v2} (-1
 * until the first batch), {@code labels} {@code [samples]} as far as seen (-1 elsewhere), and the
 * {@code seed} of the draws.
 */
final class ContrastMemory extends Module {

  private static final double EPSILON = 1e-7;
  private static final int TRIES = 20;
  private static final long UNKNOWN = -1;

  /** Up to how many samples a candidate all samples are scored at once, which is faster. */
  private static final long SCORE_ALL = 32;

  private final ContrastiveRepresentation term;
  private final Linear embedStudent;
  private final Linear embedTeacher;
  private final Tensor studentMemory;
  private final Tensor teacherMemory;
  private final Tensor studentScale;
  private final Tensor teacherScale;
  private final Tensor known;
  private final Tensor seed;

  ContrastMemory(
      ContrastiveRepresentation term, long studentLength, long teacherLength, Generator generator) {
    this.term = term;
    long length = term.embedding();
    long samples = term.samples();
    embedStudent = child("embed_s.linear", new Linear(studentLength, length, generator));
    embedTeacher = child("embed_t.linear", new Linear(teacherLength, length, generator));
    double bound = 1 / Math.sqrt(length / 3.0); // about norm 1
    studentMemory = buffer("memory_v1", generator.uniform(-bound, bound, samples, length));
    teacherMemory = buffer("memory_v2", generator.uniform(-bound, bound, samples, length));
    studentScale = buffer("Z_v1", Tensors.scalar(-1));
    teacherScale = buffer("Z_v2", Tensors.scalar(-1));
    known = buffer("labels", Tensors.full(UNKNOWN, DType.INT64, samples));
    seed = buffer("seed", Tensors.of(new long[] {draw(generator)}, 1));
  }

  private static long draw(Generator generator) {
    return (long) generator.uniform(0, 1L << 30, 1).item();
  }

  /**
   * Draws the samples that each of the batch is compared with: {@code [batch, 1 + negatives]},
   * itself first.
   */
  Tensor draw(long[] ids, Tensor batchLabels, long step) {
    long[] labels = batchLabels.toLongs();
    long[] remembered = known.toLongs();
    for (int i = 0; i < ids.length; i++) {
      remembered[(int) ids[i]] = labels[i] < 0 ? UNKNOWN : labels[i];
    }
    known.copyFrom(Tensors.of(remembered, remembered.length));
    SplittableRandom random = new SplittableRandom(seed.toLongs()[0] + step);
    int width = 1 + term.negatives();
    long[] candidates = new long[ids.length * width];
    for (int i = 0; i < ids.length; i++) {
      candidates[i * width] = ids[i];
      for (int k = 1; k < width; k++) {
        candidates[i * width + k] = other((int) ids[i], remembered, random);
      }
    }
    return Tensors.of(candidates, ids.length, width).to(known.device());
  }

  private static int other(int id, long[] labels, SplittableRandom random) {
    int candidate = random.nextInt(labels.length);
    for (int i = 0; i < TRIES && isSame(id, candidate, labels); i++) {
      candidate = random.nextInt(labels.length);
    }
    return candidate;
  }

  private static boolean isSame(int id, int candidate, long[] labels) {
    return id == candidate || labels[id] != UNKNOWN && labels[id] == labels[candidate];
  }

  /**
   * The loss of a batch; the memory moves afterwards.
   *
   * @param pair vectors
   * @param candidates {@code [batch, 1 + negatives]} INT64, each sample itself first
   */
  Tensor loss(FeaturePair pair, long[] ids, Tensor candidates) {
    Tensor student = FeaturePair.unit(embedStudent.apply(pair.student()), 1);
    Tensor teacher = FeaturePair.unit(embedTeacher.apply(pair.teacher()), 1);
    Tensor loss =
        side(student, teacherMemory, candidates, studentScale)
            .add(side(teacher, studentMemory, candidates, teacherScale));
    try (NoGrad noGrad = new NoGrad()) {
      Tensor rows = Tensors.of(ids, ids.length).to(known.device());
      move(studentMemory, rows, student);
      move(teacherMemory, rows, teacher);
    }
    return loss;
  }

  private Tensor side(Tensor vectors, Tensor memory, Tensor candidates, Tensor scale) {
    Tensor exponentials = products(vectors, memory, candidates).div(term.temperature()).exp();
    if (scale.item() < 0) {
      scale.fill(exponentials.detach().mean().item() * term.samples());
    }
    Tensor scores = exponentials.div(scale.item());
    double share = (double) term.negatives() / term.samples();
    Tensor own = scores.narrow(1, 0, 1);
    Tensor others = scores.narrow(1, 1, term.negatives());
    Tensor found = own.div(own.add(share + EPSILON)).log().sum();
    Tensor rejected = others.add(share + EPSILON).log().neg().add(Math.log(share)).sum();
    return found.add(rejected).div(-(double) vectors.size(0));
  }

  static Tensor products(Tensor vectors, Tensor memory, Tensor candidates) {
    long batch = candidates.size(0);
    long width = candidates.size(1);
    if (memory.size(0) <= SCORE_ALL * width) {
      Tensor before = memory.copy(); // the way back needs it after the memory has moved
      return vectors.matmul(before.transpose(0, 1)).gather(1, candidates);
    }
    Tensor entries = memory.indexSelect(0, candidates.flatten(0)).reshape(batch, width, -1);
    return entries.matmul(vectors.unsqueeze(2)).squeeze(2);
  }

  private void move(Tensor memory, Tensor rows, Tensor vectors) {
    Tensor moved =
        memory.indexSelect(0, rows).mul(term.momentum()).add(vectors.mul(1 - term.momentum()));
    memory.copyRowsFrom(FeaturePair.unit(moved, 1), rows);
  }
}
