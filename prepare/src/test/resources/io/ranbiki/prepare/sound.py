# Makes sound.txt: what others say of sounds. Run with numpy 2.4.6, scipy 1.17.1 and transformers 5.18.0:
#   python3 sound.py > sound.txt
# Each line: kind; parameters; values.
import io
import wave

import numpy as np
from scipy.io import wavfile
from scipy.signal import resample_poly
from transformers.audio_utils import mel_filter_bank, spectrogram, window_function


def noise(count):  # an exact sequence, of which every fourth stretch of 64 is silent
    x, values = 1, []
    for i in range(count):
        x = (1103515245 * x + 12345) % 2**31
        values.append(0.0 if i // 64 % 4 == 3 else x / 2**30 - 1)
    return np.array(values, dtype=np.float32)


def line(kind, parameters, values):
    print(kind, " ".join(map(str, parameters)), " ".join(f"{v:.9g}" for v in np.ravel(values)), sep=";")


for rate, count, window, hop, fft, mels, low, high in [
    (8000, 800, 200, 80, 256, 20, 0, 4000),
    (16000, 1000, 401, 160, 512, 23, 20, 7600),
    (8000, 30, 200, 80, 256, 12, 0, 4000),
    (8000, 1, 256, 128, 256, 12, 0, 4000),
]:
    filters = mel_filter_bank(fft // 2 + 1, mels, low, high, rate, norm=None, mel_scale="htk")
    logs = spectrogram(
        noise(count), window_function(window, "hann"), window, hop, fft_length=fft, power=2.0,
        mel_filters=filters, mel_floor=1e-10, log_mel="log")
    line("log-mel", [rate, count, window, hop, fft, mels, low, high], logs.T)

for count, old, new in [(400, 44100, 16000), (60, 8000, 16000), (200, 11025, 8000), (300, 48000, 8000), (3, 44100, 8000)]:
    line("resample", [count, old, new], resample_poly(noise(count).astype(np.float64), new, old))

for kind, dtype in [("8", np.uint8), ("16", np.int16), ("32", np.int32), ("float", np.float32)]:
    for channels in [1, 2]:
        if kind == "float":
            data = noise(12).reshape(-1, channels)
            values = data.astype(np.float64)
        else:
            info = np.iinfo(dtype)
            data = np.linspace(info.min, info.max, 12).astype(dtype).reshape(-1, channels)
            half = 2.0 ** (info.bits - 1)
            values = data / half - (1 if kind == "8" else 0)
        file = io.BytesIO()
        wavfile.write(file, 11025, data)
        line("wav", [kind, channels, file.getvalue().hex()], values.mean(axis=1))

numbers = np.linspace(-(2**23), 2**23 - 1, 12).astype(np.int64)
file = io.BytesIO()
with wave.open(file, "wb") as out:
    out.setparams((2, 3, 11025, 0, "NONE", ""))
    out.writeframes(b"".join(int(n).to_bytes(3, "little", signed=True) for n in numbers))
line("wav", ["24", 2, file.getvalue().hex()], (numbers / 2.0**23).reshape(-1, 2).mean(axis=1))
