package io.ranbiki.result;

import java.util.List;
import java.util.Map;

/**
 * Where the figures of a run come from, and how another person gets the same.
 *
 * @param command the command line, word by word; empty if it is not known
 * @param facts versions, processor and threads, by what a person calls them, in the order in which
 *     they are shown
 * @param hashes SHA-256 of what went in, by name, such as {@code data} and {@code teacher}
 * @param config the resolved configuration as YAML; empty if it is not known
 */
public record Origin(
    List<String> command, Map<String, String> facts, Map<String, String> hashes, String config) {

  /** Copies. */
  public Origin {
    command = List.copyOf(Check.present("command", command));
    facts = Check.ordered("facts", facts);
    hashes = Check.ordered("hashes", hashes);
    Check.present("config", config);
  }
}
