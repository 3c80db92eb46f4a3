package io.ranbiki.report;

import io.ranbiki.report.Part.Cell;
import io.ranbiki.report.Part.Tone;
import io.ranbiki.result.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the models of a run are called, and their colours; the same on the whole page. */
final class Roles {

  private static final List<String> COLOURS =
      List.of(Result.TEACHER, Result.SCRATCH, Result.DECISIONS, Result.STUDENT);

  private static final Map<String, String> TITLES =
      Map.of(
          Result.TEACHER, "Teacher",
          Result.SCRATCH, "Labels alone",
          Result.DECISIONS, "Decisions",
          Result.UNTRAINED, "Untrained",
          Result.STUDENT, "Student");

  private final boolean trained;
  private final List<String> others;

  Roles(Result result) {
    trained = !result.models().containsKey(Result.TEACHER) && result.command().equals("train");
    others = new ArrayList<>(result.models().keySet());
    others.removeAll(COLOURS);
  }

  String title(String role) {
    return trained && role.equals(Result.STUDENT) ? "Model" : TITLES.getOrDefault(role, role);
  }

  int colour(String role) {
    int known = COLOURS.indexOf(role);
    return known >= 0 ? known : COLOURS.size() + Math.max(0, others.indexOf(role));
  }

  Cell cell(String role) {
    return new Cell(title(role), "", Tone.PLAIN, colour(role));
  }

  /** The model that the run was about, inside of a sentence. */
  String student() {
    return trained ? "the model" : "the student";
  }
}
