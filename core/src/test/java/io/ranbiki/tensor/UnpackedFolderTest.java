package io.ranbiki.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.tensor.UnpackedFolder.Item;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class UnpackedFolderTest {

  private static final byte[] LARGE = bytes(2_500_000);
  private static final byte[] SMALL = bytes(1_000);

  @TempDir private Path parent;

  /** What a kill does in the middle: nothing that follows happens. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static Item item(String name, byte[] content, String copyOf) {
    CRC32 crc = new CRC32();
    crc.update(content);
    return new Item(
        name,
        content.length,
        crc.getValue(),
        copyOf,
        "a.jar",
        () -> new ByteArrayInputStream(content));
  }

  private static final List<Item> ITEMS =
      List.of(
          item("liblarge.so", LARGE, ""),
          item("libsmall.so", SMALL, ""),
          item("libsecond.so", SMALL, "libsmall.so"));

  private UnpackedFolder folder(List<Item> items, UnpackedFolder.Steps steps) {
    return new UnpackedFolder(parent, "lib-1", items, "Choose another.", steps);
  }

  private void assertWhole(Path unpacked) throws IOException {
    assertThat(unpacked.resolve("liblarge.so")).hasBinaryContent(LARGE);
    assertThat(unpacked.resolve("libsmall.so")).hasBinaryContent(SMALL);
    assertThat(unpacked.resolve("libsecond.so")).hasBinaryContent(SMALL);
    assertThat(names(parent)).containsExactlyInAnyOrder(".lock", unpacked.getFileName().toString());
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  /** Stops before the given step, or not at all. */
  private static UnpackedFolder.Steps stopBefore(int last, AtomicInteger done, Throwable how) {
    return step -> {
      if (done.getAndIncrement() == last) {
        if (how instanceof IOException e) {
          throw e;
        }
        throw new Killed();
      }
    };
  }

  private int steps() {
    AtomicInteger steps = new AtomicInteger();
    folder(ITEMS, stopBefore(-1, steps, new Killed())).get();
    return steps.get();
  }

  @Test
  void killedBeforeAnyStep_neverShowsAFolderThatIsNotWhole() throws Exception {
    int steps = steps();
    assertThat(steps).isGreaterThan(10);
    Path whole = folder(ITEMS, step -> {}).get();
    for (boolean damagedBefore : new boolean[] {false, true}) {
      int extra = damagedBefore ? 1 : 0; // the damaged folder is taken away
      for (int last = 0; last < steps + extra; last++) {
        AtomicInteger done = new AtomicInteger();
        UnpackedFolder dying = folder(ITEMS, stopBefore(last, done, new Killed()));
        if (damagedBefore) {
          Files.write(whole.resolve("liblarge.so"), bytes(1_234_567));
        } else {
          delete(whole);
        }
        assertThatThrownBy(dying::get).as("step %d", last).isInstanceOf(Killed.class);
        assertWhole(folder(ITEMS, step -> {}).get());
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    for (String name : names(folder)) {
      Files.delete(folder.resolve(name));
    }
    Files.delete(folder);
  }

  @Test
  void aFolderThatIsWhole_isNotTouched() throws Exception {
    Path unpacked = folder(ITEMS, step -> {}).get();
    List<String> steps = new ArrayList<>();
    assertThat(folder(ITEMS, steps::add).get()).isEqualTo(unpacked);
    assertThat(steps).isEmpty();
  }

  @Test
  void aDiskThatRefusesAnyStep_leavesNothingAndSaysWhy() throws Exception {
    int steps = steps();
    delete(folder(ITEMS, step -> {}).get());
    Files.delete(parent.resolve(".lock"));
    for (int last = 0; last < steps; last++) {
      UnpackedFolder refused =
          folder(
              ITEMS,
              stopBefore(
                  last,
                  new AtomicInteger(),
                  new java.nio.file.FileSystemException("x", null, "Input/output error")));
      assertThatThrownBy(refused::get)
          .isInstanceOfSatisfying(
              RanbikiException.class, e -> assertThat(e.kind()).isEqualTo(Kind.IO))
          .message()
          .matches(
              "Cannot unpack the native libraries into \\Q"
                  + parent
                  + "\\E/lib-1-[0-9a-f]{12}: Input/output error\\. Choose another\\.");
      assertThat(names(parent)).isSubsetOf(".lock");
    }
  }

  @Test
  void whatWasChangedLater_isUnpackedAgain() throws Exception {
    Path unpacked = folder(ITEMS, step -> {}).get();
    Path large = unpacked.resolve("liblarge.so");
    Files.write(large, bytes(1_000_000)); // cut off
    assertWhole(folder(ITEMS, step -> {}).get());
    Files.write(large, new byte[LARGE.length]); // as long as before
    assertWhole(folder(ITEMS, step -> {}).get());
    Files.delete(large);
    assertWhole(folder(ITEMS, step -> {}).get());
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no such links and permissions")
  void whatOthersMayWriteOrALinkLeadsTo_isUnpackedAgain() throws Exception {
    Path unpacked = folder(ITEMS, step -> {}).get();
    Path large = unpacked.resolve("liblarge.so");
    Permissions.set(large, "rw-rw----");
    assertWhole(folder(ITEMS, step -> {}).get());
    assertThat(Permissions.of(large)).isEqualTo("rw-------");
    Permissions.set(unpacked, "rwxrwxrwx");
    assertWhole(folder(ITEMS, step -> {}).get());
    assertThat(Permissions.of(unpacked)).isEqualTo("rwx------");

    Path elsewhere = Files.createDirectory(parent.resolve("elsewhere"));
    Path moved = Files.move(large, elsewhere.resolve("liblarge.so"));
    Files.createSymbolicLink(large, moved);
    folder(ITEMS, step -> {}).get();
    assertThat(large)
        .isRegularFile()
        .satisfies(file -> assertThat(Files.isSymbolicLink(file)).isFalse());
    delete(unpacked);
    Files.createSymbolicLink(unpacked, elsewhere);
    folder(ITEMS, step -> {}).get();
    assertThat(Files.isSymbolicLink(unpacked)).isFalse();
    assertThat(moved).hasBinaryContent(LARGE);
  }

  @Test
  void manyAtOnce_unpackOnce() throws Exception {
    AtomicInteger made = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Path>> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        UnpackedFolder one =
            folder(ITEMS, step -> made.addAndGet(step.equals("make the folder") ? 1 : 0));
        all.add(threads.submit(one::get));
      }
      for (Future<Path> one : all) {
        assertWhole(one.get(20, TimeUnit.SECONDS));
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(made).hasValue(1);
  }

  @Test
  void otherContent_hasAnotherFolder() {
    Path unpacked = folder(ITEMS, step -> {}).get();
    List<Item> others = List.of(item("liblarge.so", bytes(2_000), ""), ITEMS.get(1), ITEMS.get(2));
    assertThat(folder(others, step -> {}).get()).isNotEqualTo(unpacked);
  }

  @Test
  void aDamagedJar_isNamed() throws Exception {
    Item whole = ITEMS.get(0);
    Item damaged =
        new Item(
            whole.name(),
            whole.size(),
            whole.crc(),
            "",
            "/repository/a.jar",
            () -> new ByteArrayInputStream(bytes(2_400_000)));
    assertThatThrownBy(folder(List.of(damaged), step -> {})::get)
        .hasMessage(
            "liblarge.so in /repository/a.jar is damaged: its checksum is another. Delete that jar and download it again.");
    assertThat(names(parent)).containsExactly(".lock");
  }

  @Test
  void tooLittleSpace_namesPathAndBytes() throws Exception {
    Path small = Files.createDirectory(parent.resolve("small"));
    assumeTrue(Permissions.succeeds("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "" + small));
    try {
      UnpackedFolder unpacked =
          new UnpackedFolder(small, "lib-1", ITEMS, "Choose another.", step -> {});
      assertThatThrownBy(unpacked::get)
          .isInstanceOfSatisfying(
              RanbikiException.class, e -> assertThat(e.kind()).isEqualTo(Kind.IO))
          .message()
          .matches(
              "Cannot unpack the native libraries into \\Q"
                  + small
                  + "\\E/lib-1-[0-9a-f]{12}: they need 2,501,000 bytes and 1,04\\d,\\d{3} are free\\. Free some space\\. Choose another\\.");
      assertThat(names(small)).containsExactly(".lock");
    } finally {
      assertThat(Permissions.succeeds("umount", small.toString())).isTrue();
    }
  }
}
