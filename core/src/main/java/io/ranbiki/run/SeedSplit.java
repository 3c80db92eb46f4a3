package io.ranbiki.run;

import io.ranbiki.data.Dataset;
import java.util.Optional;

/**
 * What one seed trains on.
 *
 * @param train every training sample, with or without label
 * @param labelled those that have a label; all of {@code train} if none has
 * @param validation held out with their labels; empty if none are
 * @param agreement held out without labels, where labels are few and a teacher answers; empty if
 *     none are
 */
public record SeedSplit(
    Dataset train, Dataset labelled, Optional<Dataset> validation, Optional<Dataset> agreement) {}
