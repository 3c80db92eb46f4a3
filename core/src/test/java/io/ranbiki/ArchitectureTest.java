package io.ranbiki;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.onlyDependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the arrows: data flows one way through the rooms, and only one room names libtorch. */
class ArchitectureTest {

  /** Ground floor first; a room may use only the rooms before it. */
  private static final List<String> ROOMS =
      List.of(
          "prepare",
          "file",
          "config",
          "tensor",
          "nn",
          "store",
          "data",
          "model",
          "artifact",
          "teacher",
          "objective",
          "train",
          "strategy",
          "result",
          "evaluate",
          "run",
          "report");

  /** Below the true number; raise it as rooms fill, so that no rule can pass on an empty import. */
  private static final int FEWEST_CLASSES = 800;

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.ranbiki");

  static Stream<String> roomsWithAnother() {
    return ROOMS.stream().limit(ROOMS.size() - 1);
  }

  @Test
  void theImport_seesTheLibrary() {
    assertThat(CLASSES).hasSizeGreaterThanOrEqualTo(FEWEST_CLASSES);
  }

  @Test
  void everyClass_livesInARoom() {
    String[] known =
        Stream.concat(Stream.of("io.ranbiki"), ROOMS.stream().map(ArchitectureTest::in))
            .toArray(String[]::new);
    holds(classes().should().resideInAnyPackage(known));
  }

  @ParameterizedTest
  @MethodSource("roomsWithAnother")
  void aRoom_usesOnlyRoomsBeforeIt(String room) {
    String[] later =
        IntStream.range(ROOMS.indexOf(room) + 1, ROOMS.size())
            .mapToObj(i -> in(ROOMS.get(i)))
            .toArray(String[]::new);
    holds(
        noClasses()
            .that()
            .resideInAPackage(in(room))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(later));
  }

  @Test
  void theRoot_usesNoRoom() {
    holds(
        noClasses()
            .that()
            .resideInAPackage("io.ranbiki")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.ranbiki.*.."));
  }

  @Test
  void rooms_haveNoCycles() {
    holds(slices().matching("io.ranbiki.(**)").should().beFreeOfCycles());
  }

  @Test
  void onlyTensor_namesLibtorch() {
    holds(
        noClasses()
            .that()
            .resideOutsideOfPackage(in("tensor"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bytedeco.."));
  }

  @Test
  void prepare_needsTheJdkAndAParserOfJsonAlone() {
    holds(
        classes()
            .that()
            .resideInAnyPackage("io.ranbiki", in("prepare"))
            .should(
                onlyDependOnClassesThat(
                    resideInAnyPackage(
                        "java..",
                        "javax.imageio..",
                        "javax.sound.sampled..", // reads WAV files
                        "com.sun.management",
                        "com.fasterxml.jackson.core..",
                        "org.jspecify..",
                        "io.ranbiki",
                        in("prepare")))));
  }

  @Test
  void result_isPlainJava() {
    holds(
        classes()
            .that()
            .resideInAPackage(in("result"))
            .should(
                onlyDependOnClassesThat(
                    resideInAnyPackage("java..", "org.jspecify..", "io.ranbiki", in("result")))));
  }

  @Test
  void report_readsOnlyResults() {
    holds(
        noClasses()
            .that()
            .resideInAPackage(in("report"))
            .should()
            .dependOnClassesThat(
                resideInAnyPackage("io.ranbiki..")
                    .and(not(resideInAnyPackage("io.ranbiki", in("result"), in("report"))))));
  }

  private static String in(String room) {
    return "io.ranbiki." + room + "..";
  }

  /**
   * Rules about rooms that hold nothing yet pass; {@link #theImport_seesTheLibrary} is the guard.
   */
  private static void holds(ArchRule rule) {
    rule.allowEmptyShould(true).check(CLASSES);
  }
}
