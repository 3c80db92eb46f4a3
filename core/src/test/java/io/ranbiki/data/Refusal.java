package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Checks that bad input is refused with a message that a user can act on. */
final class Refusal {

  private Refusal() {}

  static void of(ThrowingCallable action, Kind kind, String... parts) {
    RanbikiException refusal = catchThrowableOfType(RanbikiException.class, action);
    assertThat(refusal).as("a refusal").isNotNull();
    assertThat(refusal).hasMessageContainingAll(parts);
    assertThat(refusal.kind()).isEqualTo(kind);
    assertThat(refusal.getMessage()).endsWith(".").doesNotContain("\n");
  }

  static void ofConfiguration(ThrowingCallable action, String... parts) {
    of(action, Kind.CONFIGURATION, parts);
  }
}
