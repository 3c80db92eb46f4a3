package io.ranbiki.run;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file system of this machine, on which a process can be stopped at any operation that changes
 * something: before a create, write, force, rename or delete, in the middle of a write, and after
 * it. From then on nothing is changed any more, as if the process had been killed there, whatever
 * its {@code finally} blocks do.
 */
final class DyingDisk extends FileSystemProvider {

  /** The end of the process. */
  static final class Death extends Error {
    Death() {
      super("killed", null, false, false);
    }
  }

  /** Before, in the middle, after. */
  private static final int MOMENTS = 3;

  private final FileSystem real;
  private final FileSystem system = new System();
  private final int stopAt;
  private final boolean fills;
  private final List<String> operations = new ArrayList<>();
  private final List<FileChannel> open = new ArrayList<>();
  private boolean dead;

  /**
   * A disk on which a process dies.
   *
   * @param stopAt at which moment, counted from 0, three an operation; negative for never
   */
  DyingDisk(FileSystem real, int stopAt) {
    this(real, stopAt, false);
  }

  private DyingDisk(FileSystem real, int stopAt, boolean fills) {
    this.real = real;
    this.stopAt = stopAt;
    this.fills = fills;
  }

  /**
   * A disk that is full from some operation on: half of what is written then gets there, and
   * nothing of what is written later.
   *
   * @param at which operation, counted from 0
   */
  static DyingDisk filling(FileSystem real, int at) {
    return new DyingDisk(real, at, true);
  }

  /** How many operations there were. */
  int operations() {
    return operations.size();
  }

  /** A path on this disk. */
  Path path(Path path) {
    return new On(path);
  }

  /** How many moments there were. */
  int moments() {
    return MOMENTS * operations.size();
  }

  /** The operation at which the process died, for messages. */
  String last() {
    return operations.isEmpty() ? "" : operations.get(operations.size() - 1);
  }

  @FunctionalInterface
  private interface Operation<T> {
    T carryOut() throws IOException;
  }

  private <T> T change(String name, Operation<T> whole, Operation<?> half) throws IOException {
    if (dead) {
      throw new Death();
    }
    int moment = moments();
    operations.add(name);
    if (fills) {
      return fill(name, whole, half);
    }
    dieAt(moment);
    if (moment + 1 == stopAt) {
      half.carryOut();
      dieAt(moment + 1);
    }
    T result = whole.carryOut();
    dieAt(moment + 2);
    return result;
  }

  private <T> T fill(String name, Operation<T> whole, Operation<?> half) throws IOException {
    int operation = operations.size() - 1;
    if (operation < stopAt || !name.startsWith("write ")) {
      return whole.carryOut();
    }
    if (operation == stopAt) {
      half.carryOut();
    }
    throw new IOException("No space left on device");
  }

  private void dieAt(int moment) throws IOException {
    if (moment == stopAt) {
      dead = true;
      for (FileChannel channel : open) {
        channel.close(); // which ends locks
      }
      throw new Death();
    }
  }

  private static Object nothing() {
    return "";
  }

  private static Path real(Path path) {
    return path instanceof On on ? on.path : path;
  }

  private Path on(@Nullable Path path) {
    return path == null ? null : new On(path);
  }

  private FileSystemProvider provider() {
    return real.provider();
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    boolean creates =
        options.contains(StandardOpenOption.CREATE)
            || options.contains(StandardOpenOption.CREATE_NEW);
    Operation<FileChannel> opening =
        () -> new Channel(provider().newFileChannel(real(path), options, attributes), path);
    return creates ? change("create " + path, opening, DyingDisk::nothing) : opening.carryOut();
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
    change(
        "create folder " + folder,
        () -> {
          provider().createDirectory(real(folder), attributes);
          return "";
        },
        DyingDisk::nothing);
  }

  @Override
  public void delete(Path path) throws IOException {
    change(
        "delete " + path,
        () -> {
          provider().delete(real(path));
          return "";
        },
        DyingDisk::nothing);
  }

  @Override
  public void move(Path from, Path to, CopyOption... options) throws IOException {
    change(
        "rename " + from,
        () -> {
          provider().move(real(from), real(to), options);
          return "";
        },
        DyingDisk::nothing);
  }

  @Override
  public void createLink(Path link, Path existing) throws IOException {
    change(
        "link " + link,
        () -> {
          provider().createLink(real(link), real(existing));
          return "";
        },
        DyingDisk::nothing);
  }

  @Override
  public void copy(Path from, Path to, CopyOption... options) {
    throw new UnsupportedOperationException();
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path folder, DirectoryStream.Filter<? super Path> filter) throws IOException {
    DirectoryStream<Path> stream =
        provider().newDirectoryStream(real(folder), path -> filter.accept(on(path)));
    Iterator<Path> entries = stream.iterator();
    return new DirectoryStream<>() {
      @Override
      public Iterator<Path> iterator() {
        return new Iterator<>() {
          @Override
          public boolean hasNext() {
            return entries.hasNext();
          }

          @Override
          public Path next() {
            return on(entries.next());
          }
        };
      }

      @Override
      public void close() throws IOException {
        stream.close();
      }
    };
  }

  @Override
  public boolean isSameFile(Path one, Path other) throws IOException {
    return provider().isSameFile(real(one), real(other));
  }

  @Override
  public boolean isHidden(Path path) throws IOException {
    return provider().isHidden(real(path));
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    return provider().getFileStore(real(path));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    provider().checkAccess(real(path), modes);
  }

  @Override
  public <V extends FileAttributeView> V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return provider().getFileAttributeView(real(path), type, options);
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    return provider().readAttributes(real(path), type, options);
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
      throws IOException {
    return provider().readAttributes(real(path), names, options);
  }

  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options)
      throws IOException {
    provider().setAttribute(real(path), name, value, options);
  }

  @Override
  public String getScheme() {
    return "dying";
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    return system;
  }

  @Override
  public Path getPath(URI uri) {
    throw new UnsupportedOperationException();
  }

  /** A path whose file operations come here. */
  private final class On implements Path {
    private final Path path;

    On(Path path) {
      this.path = path;
    }

    @Override
    public FileSystem getFileSystem() {
      return system;
    }

    @Override
    public boolean isAbsolute() {
      return path.isAbsolute();
    }

    @Override
    public @Nullable Path getRoot() {
      return on(path.getRoot());
    }

    @Override
    public @Nullable Path getFileName() {
      return on(path.getFileName());
    }

    @Override
    public @Nullable Path getParent() {
      return on(path.getParent());
    }

    @Override
    public int getNameCount() {
      return path.getNameCount();
    }

    @Override
    public Path getName(int index) {
      return on(path.getName(index));
    }

    @Override
    public Path subpath(int from, int to) {
      return on(path.subpath(from, to));
    }

    @Override
    public boolean startsWith(Path other) {
      return path.startsWith(real(other));
    }

    @Override
    public boolean endsWith(Path other) {
      return path.endsWith(real(other));
    }

    @Override
    public Path normalize() {
      return on(path.normalize());
    }

    @Override
    public Path resolve(Path other) {
      return on(path.resolve(real(other)));
    }

    @Override
    public Path relativize(Path other) {
      return on(path.relativize(real(other)));
    }

    @Override
    public URI toUri() {
      return path.toUri();
    }

    @Override
    public Path toAbsolutePath() {
      return on(path.toAbsolutePath());
    }

    @Override
    public Path toRealPath(LinkOption... options) throws IOException {
      return on(path.toRealPath(options));
    }

    @Override
    public File toFile() {
      return path.toFile();
    }

    @Override
    public WatchKey register(
        WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int compareTo(Path other) {
      return path.compareTo(real(other));
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Path them && path.equals(real(them));
    }

    @Override
    public int hashCode() {
      return path.hashCode();
    }

    @Override
    public String toString() {
      return path.toString();
    }
  }

  private final class System extends FileSystem {
    @Override
    public FileSystemProvider provider() {
      return DyingDisk.this;
    }

    @Override
    public void close() {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public boolean isReadOnly() {
      return false;
    }

    @Override
    public String getSeparator() {
      return real.getSeparator();
    }

    @Override
    public Iterable<Path> getRootDirectories() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Iterable<FileStore> getFileStores() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
      return real.supportedFileAttributeViews();
    }

    @Override
    public Path getPath(String first, String... more) {
      return on(real.getPath(first, more));
    }

    @Override
    public PathMatcher getPathMatcher(String pattern) {
      throw new UnsupportedOperationException();
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
      throw new UnsupportedOperationException();
    }

    @Override
    public WatchService newWatchService() {
      throw new UnsupportedOperationException();
    }
  }

  /** A channel whose writes come here. */
  private final class Channel extends FileChannel {
    private final FileChannel channel;
    private final Path path;

    Channel(FileChannel channel, Path path) {
      this.channel = channel;
      this.path = path;
      open.add(channel);
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      return change(
          "write " + path,
          () -> channel.write(bytes),
          () -> channel.write(bytes.slice(bytes.position(), bytes.remaining() / 2)));
    }

    @Override
    public long write(ByteBuffer[] bytes, int from, int count) throws IOException {
      return change(
          "write " + path,
          () -> channel.write(bytes, from, count),
          () -> channel.write(bytes, from, count / 2));
    }

    @Override
    public int write(ByteBuffer bytes, long at) throws IOException {
      return change("write " + path, () -> channel.write(bytes, at), DyingDisk::nothing);
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      change("truncate " + path, () -> channel.truncate(size), DyingDisk::nothing);
      return this;
    }

    @Override
    public void force(boolean metadata) throws IOException {
      // What is not forced is lost with power alone, which is not what happens here.
      change("force " + path, DyingDisk::nothing, DyingDisk::nothing);
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long at, long count) throws IOException {
      return change(
          "write " + path,
          () -> channel.transferFrom(source, at, count),
          () -> channel.transferFrom(source, at, count / 2));
    }

    @Override
    public int read(ByteBuffer bytes) throws IOException {
      return channel.read(bytes);
    }

    @Override
    public long read(ByteBuffer[] bytes, int from, int count) throws IOException {
      return channel.read(bytes, from, count);
    }

    @Override
    public int read(ByteBuffer bytes, long at) throws IOException {
      return channel.read(bytes, at);
    }

    @Override
    public long position() throws IOException {
      return channel.position();
    }

    @Override
    public FileChannel position(long at) throws IOException {
      channel.position(at);
      return this;
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public long transferTo(long at, long count, WritableByteChannel to) throws IOException {
      return channel.transferTo(at, count, to);
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long at, long size) throws IOException {
      return channel.map(mode, at, size);
    }

    @Override
    public FileLock lock(long at, long size, boolean shared) throws IOException {
      return channel.lock(at, size, shared);
    }

    @Override
    public @Nullable FileLock tryLock(long at, long size, boolean shared) throws IOException {
      return channel.tryLock(at, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      channel.close();
      open.remove(channel);
    }
  }
}
