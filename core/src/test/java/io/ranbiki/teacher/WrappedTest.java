package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WrappedTest {

  /** Says of itself what none of the defaults say. */
  private static final Teacher INNER =
      new Teacher() {
        @Override
        public Signal signal(Batch batch) {
          throw new UnsupportedOperationException("not asked here");
        }

        @Override
        public int classes() {
          return 7;
        }

        @Override
        public String title() {
          return "inner";
        }

        @Override
        public List<String> notes() {
          return List.of("a note");
        }

        @Override
        public boolean isWorthAskingAhead() {
          return true;
        }

        @Override
        public boolean isLookedUp() {
          return true;
        }

        @Override
        public void close() {}
      };

  static Stream<Arguments> wrappers() {
    return Stream.of(
        Arguments.of("probabilities", Teachers.logarithmsOf(INNER)),
        Arguments.of("vectors", Teachers.ofLengthOne(INNER)),
        Arguments.of("bfloat16", new Bfloat16Teacher(INNER)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrappers")
  void whatAWrapperLeavesAlone_isThatOfTheTeacherInside(String name, Teacher wrapper) {
    assertThat(wrapper.classes()).isEqualTo(7);
    assertThat(wrapper.title()).startsWith("inner");
    assertThat(wrapper.notes()).containsExactly("a note");
    assertThat(wrapper.isWorthAskingAhead()).isTrue();
    assertThat(wrapper.isLookedUp()).isTrue();
  }
}
