package io.ranbiki.file;

import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The SHA-256 of a network: of the files that hold it and of how they are read. */
public final class Identity {

  private Identity() {}

  /**
   * Equal only if the text and the content of all files are equal, whatever their names.
   *
   * @param how everything beside the files that changes the answers
   * @return hexadecimal digits
   * @throws RanbikiException if a file cannot be read
   */
  public static String of(String how, List<Path> files) {
    byte[] text = how.getBytes(StandardCharsets.UTF_8);
    Sha256 hash = new Sha256().add((long) text.length).add(text);
    for (Path file : files) {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw RanbikiException.model("%s is not a file; give the path of a model's file.", file);
      }
      try {
        hash.add(file).add(Files.size(file)); // the size ends the file, so that none run on
      } catch (IOException e) {
        throw RanbikiException.io("Cannot read %s: %s.", file, Reasons.of(e));
      }
    }
    return hash.hex();
  }
}
