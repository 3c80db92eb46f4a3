package io.ranbiki.tensor;

import java.util.Locale;
import org.bytedeco.pytorch.global.torch;

/**
 * Where a tensor lives.
 *
 * @param cuda whether it is a CUDA device
 * @param index number of the CUDA device, 0 for the processor
 */
public record Device(boolean cuda, int index) {

  /** The processor. */
  public static final Device CPU = new Device(false, 0);

  /** Checks the index. */
  public Device {
    if (index < 0 || (!cuda && index != 0)) {
      throw new TensorException("device index " + index + " must be 0 or more, and 0 for the CPU");
    }
  }

  /**
   * Reads {@code cpu}, {@code cuda} or {@code cuda:1}.
   *
   * @throws TensorException if the text names no device, or one that this machine does not have
   */
  public static Device parse(String text) {
    if (text.equals("cpu")) {
      return CPU;
    }
    if (text.matches("cuda(:\\d{1,3})?")) {
      int index = text.length() > 5 ? Integer.parseInt(text.substring(5)) : 0;
      Device device = new Device(true, index);
      device.requirePresent();
      return device;
    }
    throw new TensorException("device '" + text + "' is not known; use cpu, cuda or cuda:<number>");
  }

  private void requirePresent() {
    Engine.start();
    if (!torch.cuda_is_available()) {
      throw new TensorException(
          String.format(
              Locale.ROOT,
              "device '%s' is not available: this build of libtorch sees no CUDA device; build with -Dnative.extension=-gpu on a machine that has one, or use cpu",
              this));
    }
  }

  org.bytedeco.pytorch.Device handle() {
    torch.DeviceType type = cuda ? torch.DeviceType.CUDA : torch.DeviceType.CPU;
    return new org.bytedeco.pytorch.Device(type, (byte) (cuda ? index : -1));
  }

  @Override
  public String toString() {
    return cuda ? "cuda:" + index : "cpu";
  }
}
