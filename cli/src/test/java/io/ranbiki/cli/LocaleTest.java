package io.ranbiki.cli;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * In Persian or Arabic a machine writes other digits, and in Turkish an i without a dot: a file
 * name or a format that is made so is not found again.
 */
class LocaleTest {

  private static final Set<String> WITHOUT_LOCALE =
      Set.of(
          "java.lang.String.formatted([Ljava.lang.Object;)",
          "java.lang.String.formatted(java.lang.Object[])",
          "java.lang.String.format(java.lang.String, [Ljava.lang.Object;)",
          "java.lang.String.format(java.lang.String, java.lang.Object[])",
          "java.lang.String.toLowerCase()",
          "java.lang.String.toUpperCase()",
          "java.io.PrintStream.printf(java.lang.String, [Ljava.lang.Object;)",
          "java.io.PrintStream.format(java.lang.String, [Ljava.lang.Object;)",
          "java.io.PrintWriter.printf(java.lang.String, [Ljava.lang.Object;)",
          "java.io.PrintWriter.format(java.lang.String, [Ljava.lang.Object;)");

  @Test
  void noText_isWrittenInTheLocaleOfTheMachine() {
    // Who is called is known by name, so no class of a dependency needs to be read.
    JavaClasses classes =
        ArchConfiguration.withThreadLocalScope(
            configuration -> {
              configuration.setResolveMissingDependenciesFromClassPath(false);
              return new ClassFileImporter()
                  .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                  .importPackages("io.ranbiki");
            });
    assertThat(classes.contain("io.ranbiki.train.Checkpoints")).isTrue();
    assertThat(classes.contain("io.ranbiki.cli.Main")).isTrue();
    noClasses()
        .should()
        .callMethodWhere(
            describe(
                "no locale is named",
                (JavaMethodCall call) -> WITHOUT_LOCALE.contains(call.getTarget().getFullName())))
        .because("numbers and letters differ from locale to locale; name Locale.ROOT")
        .check(classes);
  }
}
