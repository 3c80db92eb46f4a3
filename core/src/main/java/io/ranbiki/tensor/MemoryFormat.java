package io.ranbiki.tensor;

import org.bytedeco.pytorch.global.torch;

/** The order in which the elements of a {@code [n, channels, height, width]} tensor lie. */
public enum MemoryFormat {
  /** Row-major, as the shape is written. */
  CONTIGUOUS(torch.MemoryFormat.Contiguous),
  /** Channels innermost: convolutions on a CPU run up to twice as fast. */
  CHANNELS_LAST(torch.MemoryFormat.ChannelsLast);

  private final torch.MemoryFormat format;

  MemoryFormat(torch.MemoryFormat format) {
    this.format = format;
  }

  torch.MemoryFormat format() {
    return format;
  }
}
