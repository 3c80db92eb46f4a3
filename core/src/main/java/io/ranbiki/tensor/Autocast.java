package io.ranbiki.tensor;

import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;

/**
 * Until closed, convolutions and matrix products of this thread on the CPU compute in bfloat16,
 * while sums, losses and parameters stay in float32. Logits differ by about 1 % of their range.
 */
public final class Autocast implements AutoCloseable {

  private final boolean wasEnabled;
  private final torch.ScalarType formerType;

  /** Turns bfloat16 on for this thread. */
  public Autocast() {
    Engine.start();
    wasEnabled = torch.is_autocast_enabled(DeviceType.CPU);
    formerType = torch.get_autocast_dtype(DeviceType.CPU);
    torch.set_autocast_dtype(DeviceType.CPU, torch.ScalarType.BFloat16);
    torch.set_autocast_enabled(DeviceType.CPU, true);
    torch.increment_nesting();
  }

  /** Until closed, what is open on this thread does nothing. */
  static final class Pause implements AutoCloseable {

    private final boolean wasEnabled = torch.is_autocast_enabled(DeviceType.CPU);

    Pause() {
      if (wasEnabled) {
        torch.set_autocast_enabled(DeviceType.CPU, false);
      }
    }

    @Override
    public void close() {
      if (wasEnabled) {
        torch.set_autocast_enabled(DeviceType.CPU, true);
      }
    }
  }

  /** Restores what was set before. */
  @Override
  public void close() {
    if (torch.decrement_nesting() == 0) {
      torch.clear_cache();
    }
    torch.set_autocast_enabled(DeviceType.CPU, wasEnabled);
    torch.set_autocast_dtype(DeviceType.CPU, formerType);
  }
}
