package io.ranbiki.tensor;

import org.bytedeco.javacpp.BytePointer;

/** What a faulty native library does: writes where nothing is. */
public final class SegmentationFault extends BytePointer {

  private SegmentationFault() {
    address = 8;
  }

  /** Ends the process. */
  public static void here() {
    new SegmentationFault().put((byte) 1);
  }
}
