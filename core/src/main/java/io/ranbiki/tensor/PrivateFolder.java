package io.ranbiki.tensor;

import com.sun.security.auth.module.UnixSystem;
import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a folder may hold programs that are run with the user's rights: it belongs to the user or
 * to root, nobody else may write it, and nobody else can put another in its place.
 *
 * <p>Where a file system knows no Unix permissions, as on Windows, there is nothing to look at: a
 * user's own folders are closed to others there.
 */
final class PrivateFolder {

  private static final int GROUP_MAY_WRITE = 0020;
  private static final int OTHERS_MAY_WRITE = 0002;
  private static final int ONLY_OWNERS_RENAME = 01000; // the sticky bit, as /tmp has it
  private static final boolean UNIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("unix");

  private PrivateFolder() {}

  /**
   * Makes the folder if it is missing, readable by the user alone, and looks whether it is private.
   *
   * @param howToChoose ends the message of a refusal: how the user names another folder
   * @return the folder without symbolic links; another link later leads nobody else there
   * @throws RanbikiException of kind IO that says what is wrong
   */
  static Path open(Path folder, String howToChoose) {
    try {
      if (UNIX) {
        Set<PosixFilePermission> mine = PosixFilePermissions.fromString("rwx------");
        Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(mine));
      } else {
        Files.createDirectories(folder);
      }
      Path real = folder.toRealPath();
      String fault = UNIX ? fault(real) : null;
      if (fault != null) {
        throw RanbikiException.io(
            "Native libraries are not loaded from %s: %s. %s", folder, fault, howToChoose);
      }
      return real;
    } catch (IOException e) {
      throw new RanbikiException(
          RanbikiException.Kind.IO,
          "The folder "
              + folder
              + " for native libraries cannot be made: "
              + reason(e)
              + ". "
              + howToChoose,
          e);
    }
  }

  private static @Nullable String fault(Path folder) throws IOException {
    int root = uid(folder.getRoot()); // in a container not always 0; whoever owns it owns all
    for (Path path = folder; path != null; path = path.getParent()) {
      int owner = uid(path);
      if (!isTrusted(owner, root)) {
        return path + " belongs to " + Files.getOwner(path).getName();
      }
      int mode = mode(path);
      boolean isFolder = path.equals(folder);
      if (isFolder ? mayOthersWrite(mode) : mayOthersReplace(path, mode)) {
        return path + " may be written by others, which 'chmod go-w' forbids";
      }
    }
    return null;
  }

  /** Whether a file or folder in a private folder is the user's and closed to others. */
  static boolean isSafe(Path path) throws IOException {
    return !UNIX
        || (isTrusted(uid(path), uid(path.toAbsolutePath().getRoot()))
            && !mayOthersWrite(mode(path)));
  }

  private static boolean isTrusted(int owner, int root) {
    return owner == 0 || owner == root || owner == new UnixSystem().getUid();
  }

  private static boolean mayOthersWrite(int mode) {
    return (mode & (GROUP_MAY_WRITE | OTHERS_MAY_WRITE)) != 0;
  }

  /**
   * Whether others may rename what a folder above holds. Many systems give each user a group of the
   * same name and let it write; that is nobody else.
   */
  private static boolean mayOthersReplace(Path path, int mode) throws IOException {
    if ((mode & ONLY_OWNERS_RENAME) != 0) {
      return false;
    }
    Map<String, Object> names =
        Files.readAttributes(path, "posix:owner,group", LinkOption.NOFOLLOW_LINKS);
    boolean ownGroup =
        String.valueOf(names.get("owner")).equals(String.valueOf(names.get("group")));
    return (mode & OTHERS_MAY_WRITE) != 0 || ((mode & GROUP_MAY_WRITE) != 0 && !ownGroup);
  }

  private static int uid(Path path) throws IOException {
    return (int) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }

  private static int mode(Path path) throws IOException {
    return (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
  }

  /** Why a file could not be written, in the words of the operating system. */
  static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "it may not be written to";
    }
    if (e instanceof NoSuchFileException) {
      return "a folder above it is missing";
    }
    if (e instanceof FileAlreadyExistsException) {
      return "there is a file of that name";
    }
    String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    return reason == null ? e.getClass().getSimpleName() : reason;
  }
}
