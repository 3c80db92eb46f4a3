package io.ranbiki.artifact;

import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
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
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] text = how.getBytes(StandardCharsets.UTF_8);
      digest.update(ByteBuffer.allocate(8).putLong(text.length).flip());
      digest.update(text);
      for (Path file : files) {
        add(digest, file);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has SHA-256
    }
  }

  private static void add(MessageDigest digest, Path file) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw RanbikiException.model("%s is not a file; give the path of a model's file.", file);
    }
    byte[] buffer = new byte[1 << 16];
    long size = 0;
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
        size += read;
      }
    } catch (IOException e) {
      throw RanbikiException.io("cannot read %s: %s.", file, Reasons.of(e));
    }
    digest.update(ByteBuffer.allocate(8).putLong(size).flip()); // ends the file, so none run on
  }
}
