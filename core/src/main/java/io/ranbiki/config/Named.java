package io.ranbiki.config;

/**
 * A choice by name: <code>{soft-targets: {temperature: 4}}</code>, or bare, as in {@code flip}.
 *
 * @param name what was chosen
 * @param value what is written after the name; empty for a bare name
 * @param bare whether nothing is written after the name
 */
record Named(String name, ConfigNode value, boolean bare) {}
