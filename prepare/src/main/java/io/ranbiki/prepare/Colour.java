package io.ranbiki.prepare;

import java.util.Locale;

/** What is made of a pixel. */
public enum Colour {
  /** One channel: luma as ITU-R BT.601 and Pillow's mode L have it. */
  GREY(1),
  /** Three channels: red, green, blue. An alpha channel is left out. */
  RGB(3);

  private final int channels;

  Colour(int channels) {
    this.channels = channels;
  }

  /** Numbers of a pixel, 1 or 3. */
  public int channels() {
    return channels;
  }

  /** The word for it in files: {@code grey} or {@code rgb}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
