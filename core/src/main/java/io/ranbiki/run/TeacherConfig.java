package io.ranbiki.run;

import java.nio.file.Path;

/**
 * Who teaches.
 *
 * @param model a model folder
 */
public record TeacherConfig(Path model) {}
