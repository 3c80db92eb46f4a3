package io.ranbiki.file;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;

/** Says in plain words why the file system refused. */
public final class Reasons {

  private Reasons() {}

  /** Why a text is not JSON and where, without what the parser says of its own settings. */
  public static String of(JsonProcessingException e) {
    String reason = within(e);
    JsonLocation place = e.getLocation();
    return place == null
        ? reason
        : String.format(
            Locale.ROOT,
            "%s, in line %d, column %d",
            reason,
            place.getLineNr(),
            place.getColumnNr());
  }

  /** Why a line or a value is not JSON, where a place in it says nothing. */
  public static String within(JsonProcessingException e) {
    return e.getOriginalMessage()
        .replaceAll("(?s) \\(start marker at \\[.*", "")
        .replaceAll("(?s), from `StreamReadConstraints.*", ")")
        .replaceAll("^Duplicate field '(.*)'$", "the field '$1' is there twice");
  }

  /** The reason, fit for the end of a sentence. */
  public static String of(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NotDirectoryException) {
      return "its parent is not a folder";
    }
    if (e instanceof FileSystemException f && f.getReason() != null) {
      return f.getReason();
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  /** Why the disk refused, in words. */
  public static String naming(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "access denied";
    }
    if (e instanceof NoSuchFileException missing) {
      return "'" + missing.getFile() + "' does not exist";
    }
    if (e instanceof NotDirectoryException || e instanceof FileAlreadyExistsException) {
      return "'" + ((FileSystemException) e).getFile() + "' is a file";
    }
    String reason = e instanceof FileSystemException system ? system.getReason() : e.getMessage();
    return reason == null ? e.getClass().getSimpleName() : reason;
  }
}
