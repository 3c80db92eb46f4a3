package io.ranbiki.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {

  /** What TensorBoard 2.21's RecordWriter makes of the two events of the first test. */
  private static final String TENSORBOARD =
      "1800000000000000a37f4b220900001040fc54d9411a0d627261696e2e4576656e743a32338d2fe92f0000000000"
          + "00006d5d1d500900006040fc54d94110ac022a210a0c0a05746f74616c15cdcccc3d0a110a0a7465726d73"
          + "2f68696e74150000c07f215f12b3";

  private static final Instant BEGAN = Instant.parse("2023-11-14T22:13:20.250Z");

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("events");
  }

  private void add(long lastStep, long... steps) {
    try (EventFile events = EventFile.open(file(), lastStep, BEGAN)) {
      for (long step : steps) {
        events.add(BEGAN.plusSeconds(step), step, Map.of("total", 1.0 / step));
      }
    }
  }

  private static List<Long> steps(Path file) throws IOException {
    return EventReader.read(file).stream().map(EventReader.Event::step).toList();
  }

  @Test
  void bytes_areThoseOfTensorBoardsOwnWriter() throws IOException {
    try (EventFile events = EventFile.open(file(), 0, BEGAN)) {
      Map<String, Double> scalars = new LinkedHashMap<>();
      scalars.put("total", 0.1);
      scalars.put("terms/hint", Double.NaN);
      events.add(BEGAN.plusMillis(1_250), 300, scalars);
    }
    assertThat(HexFormat.of().formatHex(Files.readAllBytes(file()))).isEqualTo(TENSORBOARD);
    assertThat(EventReader.read(file()).get(0))
        .isEqualTo(new EventReader.Event(1_700_000_000.25, 0, "brain.Event:2", Map.of()));
  }

  @Test
  void openedAgain_dropsLaterSteps_andGoesOn() throws IOException {
    add(0, 10, 20, 30);
    add(20, 30, 40);
    assertThat(steps(file())).containsExactly(0L, 10L, 20L, 30L, 40L);
    byte[] before = Files.readAllBytes(file());
    add(40);
    assertThat(file()).hasBinaryContent(before);
  }

  @Test
  void fileThatIsCutAnywhere_readsUpToTheCut_andGoesOnFromThere() throws IOException {
    add(0, 10, 20, 300);
    byte[] whole = Files.readAllBytes(file());
    int before = 0;
    for (int cut = 0; cut <= whole.length; cut++) {
      Files.write(file(), Arrays.copyOf(whole, cut));
      int events = EventReader.read(file()).size();
      assertThat(events).isBetween(before, before + 1);
      before = events;
      add(300, 400);
      List<Long> all = List.of(0L, 10L, 20L, 300L);
      List<Long> expected = new ArrayList<>(all.subList(0, Math.max(1, events)));
      expected.add(400L);
      assertThat(steps(file())).isEqualTo(expected);
    }
    assertThat(before).isEqualTo(4);
  }

  @Test
  void damagedRecord_endsWhatIsKept() throws IOException {
    add(0, 10, 20, 30);
    byte[] bytes = Files.readAllBytes(file());
    bytes[bytes.length - 10] ^= 1;
    Files.write(file(), bytes);
    add(30, 40);
    assertThat(steps(file())).containsExactly(0L, 10L, 20L, 40L);
  }

  @Test
  void placeThatCannotBeWritten_isNamed() throws IOException {
    Files.createDirectory(file());
    assertThatThrownBy(() -> add(0, 1))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "Cannot write the event file "
                + file()
                + ": Is a directory. Check that its folder may be written to and has free space.")
        .extracting(e -> ((RanbikiException) e).kind())
        .isEqualTo(Kind.IO);
  }
}
