package io.ranbiki.tensor;

import io.ranbiki.RanbikiException;
import io.ranbiki.file.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * Files out of jars in a folder that is whole or not there. They are unpacked under a temporary
 * name, checked against the jar's checksums, forced to the disk, and the folder is renamed; a lock
 * lets one process at a time do that. Whoever finds the folder looks at sizes and times alone.
 */
final class UnpackedFolder {

  private static final String TEMPORARY = ".tmp";
  private static final int CHUNK = 1 << 20;

  /**
   * Every file gets this time, and one that was written since has another. It is not the time that
   * the jar states, which a jar states in the time zone of whoever reads it.
   */
  private static final FileTime UNTOUCHED = FileTime.fromMillis(946_684_800_000L); // 2000-01-01

  private static final boolean POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

  /**
   * One file.
   *
   * @param name in the folder
   * @param size in bytes
   * @param crc its CRC-32, as a jar states it
   * @param copyOf another file with the same content, or empty
   * @param source the jar
   * @param content its bytes
   */
  record Item(String name, long size, long crc, String copyOf, String source, Content content) {}

  /** Opens the bytes of a file. */
  @FunctionalInterface
  interface Content {
    /** A stream that the caller closes. */
    InputStream open() throws IOException;
  }

  /** Is told of every change to the disk before it is made; a test stops there, as a kill would. */
  @FunctionalInterface
  interface Steps {
    /** Called before a change. */
    void before(String step) throws IOException;
  }

  private final Path parent;
  private final Path folder;
  private final List<Item> items;
  private final String howToChoose;
  private final Steps steps;

  /**
   * A folder that may be there already.
   *
   * @param parent a private folder
   * @param title begins the name, which ends in a hash of what the folder holds
   * @param howToChoose ends the message of a refusal: how the user names another parent
   */
  UnpackedFolder(Path parent, String title, List<Item> items, String howToChoose, Steps steps) {
    this.parent = parent;
    this.folder = parent.resolve(title + "-" + hash(items));
    this.items = List.copyOf(items);
    this.howToChoose = howToChoose;
    this.steps = steps;
  }

  private static String hash(List<Item> items) {
    StringBuilder text = new StringBuilder();
    items.stream()
        .sorted(Comparator.comparing(Item::name))
        .forEach(i -> text.append(i.name + ' ' + i.size + ' ' + i.crc + '\n'));
    return new Sha256().add(text.toString()).hex(6);
  }

  /**
   * Unpacks what is not there yet.
   *
   * @return the whole folder
   * @throws RanbikiException of kind IO when the disk refuses; then nothing is left but the lock
   */
  Path get() {
    try {
      if (isWhole()) {
        return folder;
      }
      try (FileChannel channel = openLock();
          FileLock lock = lock(channel)) {
        if (!isWhole()) { // another process may have done it meanwhile
          unpackOrLeaveNothing();
        }
      }
      return folder;
    } catch (IOException e) {
      throw new RanbikiException(RanbikiException.Kind.IO, refusal(e), e);
    }
  }

  private boolean isWhole() throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) || !PrivateFolder.isSafe(folder)) {
      return false;
    }
    for (Item item : items) {
      Path file = folder.resolve(item.name);
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || !PrivateFolder.isSafe(file)) {
        return false;
      }
      BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
      if (is.size() != item.size
          || is.lastModifiedTime().toMillis() / 1000 != UNTOUCHED.toMillis() / 1000) {
        return false;
      }
    }
    return true;
  }

  private FileChannel openLock() throws IOException {
    steps.before("make the lock");
    return FileChannel.open(
        parent.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private static FileLock lock(FileChannel channel) throws IOException {
    while (true) {
      try {
        return channel.lock();
      } catch (OverlappingFileLockException e) { // another thread of this process holds it
        try {
          Thread.sleep(20);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          throw new IOException("interrupted while another thread unpacks them", interrupted);
        }
      }
    }
  }

  private void unpackOrLeaveNothing() throws IOException {
    try {
      unpack();
    } catch (IOException | RanbikiException e) {
      try {
        removeLeftovers();
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  private void unpack() throws IOException {
    removeLeftovers();
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) { // damaged; who runs from it keeps it
      steps.before("take the damaged folder away");
      Path damaged = temporary("damaged");
      Files.move(folder, damaged, StandardCopyOption.ATOMIC_MOVE);
      delete(damaged);
    }
    requireSpace();
    Path unfinished = temporary("unfinished");
    steps.before("make the folder");
    Files.createDirectory(unfinished, permissions("rwx------"));
    for (Item item : items) {
      Path file = unfinished.resolve(item.name);
      steps.before("write " + item.name);
      if (item.copyOf.isEmpty() || !link(file, unfinished.resolve(item.copyOf))) {
        write(item, file);
      }
    }
    force(unfinished);
    steps.before("give the folder its name");
    Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
    force(parent);
  }

  /** A second name takes no space, and the loader sees that it is the same library. */
  private static boolean link(Path file, Path same) {
    try {
      Files.createLink(file, same);
      return true;
    } catch (IOException | UnsupportedOperationException e) {
      return false; // some file systems have no second names
    }
  }

  private void write(Item item, Path file) throws IOException {
    CRC32 crc = new CRC32();
    long size = 0;
    byte[] chunk = new byte[CHUNK];
    try (InputStream from = item.content.open();
        FileChannel to =
            FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                permissions("rw-------"))) {
      for (int n = from.read(chunk); n >= 0; n = from.read(chunk)) {
        crc.update(chunk, 0, n);
        size += n;
        for (ByteBuffer rest = ByteBuffer.wrap(chunk, 0, n); rest.hasRemaining(); ) {
          to.write(rest);
        }
        steps.before("go on with " + item.name);
      }
      Files.setLastModifiedTime(file, UNTOUCHED);
      steps.before("force " + item.name);
      to.force(true);
    }
    if (size != item.size || crc.getValue() != item.crc) {
      throw RanbikiException.io(
          "%s in %s is damaged: its checksum is another. Delete that jar and download it again.",
          item.name, item.source);
    }
  }

  private static FileAttribute<?>[] permissions(String text) {
    return POSIX
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text))
        }
        : new FileAttribute<?>[0];
  }

  private static void force(Path path) throws IOException {
    if (POSIX) { // Windows does not open folders
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private void requireSpace() throws IOException {
    if (free() < needed()) {
      throw new IOException("too little space");
    }
  }

  private long needed() {
    return items.stream().filter(item -> item.copyOf.isEmpty()).mapToLong(Item::size).sum();
  }

  private long free() throws IOException {
    return Files.getFileStore(parent).getUsableSpace();
  }

  private Path temporary(String title) {
    return parent.resolve(folder.getFileName() + "." + title + TEMPORARY);
  }

  /** Only who holds the lock makes temporary folders, so those that are there have no owner. */
  private void removeLeftovers() throws IOException {
    List<Path> leftovers;
    try (Stream<Path> files = Files.list(parent)) {
      leftovers = files.filter(file -> file.toString().endsWith(TEMPORARY)).toList();
    }
    for (Path leftover : leftovers) {
      steps.before("remove a leftover");
      delete(leftover);
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }

  private String refusal(IOException e) {
    String why = PrivateFolder.reason(e) + ".";
    try {
      if (free() < needed()) {
        why =
            String.format(
                Locale.ROOT,
                "they need %,d bytes and %,d are free. Free some space.",
                needed(),
                free());
      }
    } catch (IOException unknown) {
      // then the reason alone must do
    }
    return "Cannot unpack the native libraries into " + folder + ": " + why + " " + howToChoose;
  }
}
