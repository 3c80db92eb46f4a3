package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Splits;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.Term;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.teacher.TeacherSource;
import io.ranbiki.teacher.Teachers;
import java.util.Optional;

/** Whether a teacher and its student read the same tokens of a text, where a term needs that. */
final class SameTokens {

  /** Of so many texts the tokens are counted. */
  private static final int TEXTS = 200;

  private SameTokens() {}

  /**
   * What the inputs of a teacher go through that guesses the pieces which are hidden of its
   * student's texts: what the student's do, so that both guess the same.
   *
   * @throws RanbikiException of kind configuration if it has other pieces
   */
  static Prepare ofPieces(TeacherSource source, RunData data) {
    Prepare student = data.prepare();
    Optional<Tokenizer> own =
        Optional.ofNullable(Teachers.prepare(source))
            .flatMap(Prepare::tokenize)
            .map(Step.Tokenize::tokenizer);
    if (!own.equals(student.tokenize().map(Step.Tokenize::tokenizer))) {
      throw RanbikiException.configuration(
          "The teacher %s guesses pieces of another tokenizer than the student's, so that none of"
              + " its answers says anything of these. Give the student the teacher's, or take"
              + " layers of it: student: {from: {layers: [0, 2]}}.",
          source.title());
    }
    return student;
  }

  /**
   * Refuses a teacher that cuts or divides texts in another way than the student. Ids may differ,
   * as those of a smaller vocabulary do.
   *
   * @throws RanbikiException of kind configuration
   */
  static void require(Objective objective, Prepare teacher, Prepare student, Dataset samples) {
    Optional<Term> term = objective.terms().stream().filter(Term::comparesTokens).findFirst();
    if (term.isEmpty()
        || teacher.tokenize().isEmpty()
        || student.tokenize().isEmpty()
        || teacher.makesSame(student)) {
      return;
    }
    int longest = teacher.tokenize().get().atMost();
    if (longest != student.tokenize().get().atMost()) {
      throw RanbikiException.configuration(
          "The term %s compares token by token, but the teacher reads at most %d tokens of a text"
              + " and the student at most %d. Set prepare.at-most of both to the same number.",
          term.get().name(), longest, student.tokenize().get().atMost());
    }
    for (int index : Splits.spread(samples.size(), TEXTS)) {
      Row text = samples.read(index);
      int ofTeacher = tokens(teacher, text);
      int ofStudent = tokens(student, text);
      if (ofTeacher != ofStudent) {
        throw RanbikiException.configuration(
            "The term %s compares token by token, but the teacher reads %d tokens of %s and the"
                + " student %d. Give the student the teacher's tokenizer, or take terms on"
                + " answers.",
            term.get().name(), ofTeacher, samples.nameOf(samples.id(index)), ofStudent);
      }
    }
  }

  private static int tokens(Prepare prepare, Row text) {
    return prepare.apply(text).get(Preparation.IDS).shape()[0];
  }
}
