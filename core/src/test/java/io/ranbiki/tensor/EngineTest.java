package io.ranbiki.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class EngineTest {

  @Test
  void threadsOfAThread_stayWhateverAnotherSetsForItself() throws Exception {
    int before = Engine.threads();
    ExecutorService other = Executors.newSingleThreadExecutor();
    try {
      Engine.setThreads(2);
      other.submit(() -> Engine.setThreads(1)).get();
      Engine.setThreads(2);
      assertThat(other.submit(Engine::threads).get()).isEqualTo(1);
      assertThat(Engine.threads()).isEqualTo(2);
    } finally {
      other.shutdown();
      Engine.setThreads(before);
    }
  }
}
