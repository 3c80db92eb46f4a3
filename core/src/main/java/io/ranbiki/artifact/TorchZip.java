package io.ranbiki.artifact;

import io.ranbiki.RanbikiException;
import io.ranbiki.file.Quoted;
import io.ranbiki.file.Reasons;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Tells apart, without running anything, what PyTorch's {@code .pt} files are. */
public final class TorchZip {

  private static final int PICKLE = 0x80;

  private TorchZip() {}

  /**
   * Checks that a file is a whole TorchScript file. libtorch does not check its checksums.
   *
   * @throws RanbikiException if it is missing, damaged, pickled (with the way to convert it), or
   *     something else
   */
  public static void requireScript(Path file) {
    if (!Files.isRegularFile(file)) {
      throw RanbikiException.model(
          "There is no file %s; give the path of a TorchScript file.", file);
    }
    try {
      if (firstByte(file) == PICKLE) {
        throw pickled(file);
      }
      requireScript(file, new ZipFile(file.toFile()));
    } catch (ZipException | EOFException | IllegalArgumentException e) { // the last: not UTF-8
      throw RanbikiException.model(
          "%s is not a whole TorchScript file (%s). Save it again with torch.jit.save, or copy it again from where it came.",
          file, e.getMessage() == null ? "it ends too early" : e.getMessage());
    } catch (IOException e) {
      throw RanbikiException.io("Cannot read %s: %s.", file, Reasons.of(e));
    }
  }

  private static int firstByte(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.read();
    }
  }

  private static void requireScript(Path file, ZipFile opened) throws IOException {
    try (ZipFile zip = opened) {
      List<? extends ZipEntry> entries = zip.stream().toList();
      boolean script = entries.stream().anyMatch(e -> e.getName().matches("[^/]+/code/.+\\.py"));
      if (!script) {
        if (entries.stream().anyMatch(e -> e.getName().matches("[^/]+/data\\.pkl"))) {
          throw pickled(file);
        }
        throw RanbikiException.model(
            "%s is neither a TorchScript file nor another that is known here. Save the network with torch.jit.save, or export it to ONNX.",
            file);
      }
      for (ZipEntry entry : entries) {
        requireWhole(file, zip, entry);
      }
    }
  }

  private static void requireWhole(Path file, ZipFile zip, ZipEntry entry) throws IOException {
    CRC32 checksum = new CRC32();
    long size = 0;
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = zip.getInputStream(entry)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        checksum.update(buffer, 0, read);
        size += read;
      }
    }
    if (size != entry.getSize() || checksum.getValue() != entry.getCrc()) {
      throw RanbikiException.model(
          "%s is damaged: its part %s does not have the checksum that was written with it. Copy it again from where it came.",
          file, Quoted.of(entry.getName()));
    }
  }

  private static RanbikiException pickled(Path file) {
    return RanbikiException.model(
        "%s is pickled, and reading it could run anything, so it is never read here. If it holds weights, convert it once where you trust it: python3 -c \"import sys, torch, safetensors.torch as s; s.save_file({k: v.contiguous() for k, v in torch.load(sys.argv[1], map_location='cpu', weights_only=True).items()}, 'model.safetensors')\" %s",
        file, Quoted.forShell(file));
  }
}
