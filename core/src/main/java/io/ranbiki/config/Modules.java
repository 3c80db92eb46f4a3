package io.ranbiki.config;

import java.util.Map;
import java.util.Optional;

/** What our modules offer that need not be there, for those who name it without having them. */
final class Modules {

  private static final Map<String, String> MODULE_OF_NAME =
      Map.of("parquet", "tables", "csv-files", "tables", "jsonl-files", "tables");

  private Modules() {}

  /** What to say after the path of a value that is such a name. */
  static Optional<String> advice(String name) {
    return Optional.ofNullable(MODULE_OF_NAME.get(name))
        .map(
            module ->
                "is '"
                    + name
                    + "', which the module ranbiki-"
                    + module
                    + " reads; start the command with RANBIKI_MODULES="
                    + module
                    + ", or add io.ranbiki:ranbiki-"
                    + module
                    + " to your dependencies.");
  }
}
