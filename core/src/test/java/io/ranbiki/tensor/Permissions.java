package io.ranbiki.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** What tests change about files. */
final class Permissions {

  private Permissions() {}

  static void set(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  static String of(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  /** Lets everybody write, and only owners rename, as in /tmp. */
  static boolean setAsTmp(Path folder) throws InterruptedException {
    return succeeds("chmod", "1777", folder.toString());
  }

  /** Runs a program that may be missing, or that only root may run. */
  static boolean succeeds(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
