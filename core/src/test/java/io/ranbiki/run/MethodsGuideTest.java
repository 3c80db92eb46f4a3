package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.Provider;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.Term;
import io.ranbiki.objective.Terms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The guide to the methods knows all of them, and every configuration in it can be pasted. */
class MethodsGuideTest {

  private static final Pattern YAML = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

  private static final List<String> NAMES =
      new Terms().providers().stream().map(Provider::name).toList();

  private static String guide() throws IOException {
    return Files.readString(Path.of("..", "docs", "methods.md"));
  }

  private static List<ConfigDocument> snippets() throws IOException {
    List<ConfigDocument> snippets = new ArrayList<>();
    Matcher yaml = YAML.matcher(guide());
    while (yaml.find()) {
      snippets.add(ConfigDocument.parse("methods.md", yaml.group(1), List.of(), Map.of()));
    }
    return snippets;
  }

  private static Objective read(ConfigDocument snippet) {
    return snippet.bind(
        root -> root.value("objective", "Terms", node -> new Objective(Term.read(node))));
  }

  @Test
  void everyTerm_hasARowAndASnippetThatCanBeRead() throws IOException {
    Set<String> shown = new HashSet<>();
    for (ConfigDocument snippet : snippets()) {
      read(snippet).terms().stream().map(Term::name).forEach(shown::add);
    }
    assertThat(shown).containsExactlyInAnyOrderElementsOf(NAMES);
    String papers = Files.readString(Path.of("..", "PAPERS.md"));
    for (String name : NAMES) {
      assertThat(guide()).contains("| `" + name + "` |");
      assertThat(papers).contains("\n| `" + name + "` |");
    }
  }

  @Test
  void everyOption_isNamed() throws IOException {
    String guide = guide();
    for (ConfigDocument snippet : snippets()) {
      read(snippet);
      List<?> entries = (List<?>) snippet.resolved().get("objective");
      for (Object entry : entries) {
        ((Map<?, ?>) entry)
            .forEach(
                (name, options) ->
                    assertThat(((Map<?, ?>) options).keySet())
                        .as("options of %s", name)
                        .allMatch(option -> guide.contains("`" + option + "`")));
      }
    }
  }
}
