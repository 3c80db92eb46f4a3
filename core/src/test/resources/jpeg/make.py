"""Writes the JPEG files of JpegTest, and what Pillow makes of each by convert("RGB"), row by row. Made with Pillow 12.3."""
import io
import pathlib
import struct

import numpy as np
from PIL import Image

here = pathlib.Path(__file__).parent
y, x = np.mgrid[0:11, 0:17]
smooth = np.stack([x * 15, y * 23, 255 - (x + y) * 9], -1)
noisy = smooth + np.random.default_rng(1).normal(0, 25, smooth.shape)
picture = Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


def encoded(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", **options)
    return buffer.getvalue()


def segment(marker, data):
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def segments(file):
    """Marker, start and end of every segment up to the first scan."""
    at = 2
    while True:
        end = at + 2 + struct.unpack(">H", file[at + 2 : at + 4])[0]
        yield file[at + 1], at, end
        if file[at + 1] == 0xDA:
            return
        at = end


def without(file, marker):
    for found, start, end in segments(file):
        if found == marker:
            return file[:start] + file[end:]
    raise ValueError(marker)


def component_ids(file, names):
    changed = bytearray(file)
    for marker, start, _ in segments(file):
        for i, name in enumerate(names):
            if marker == 0xC0:
                changed[start + 10 + 3 * i] = name
            elif marker == 0xDA:
                changed[start + 5 + 2 * i] = name
    return bytes(changed)


def begun_with(file, *parts):
    return file[:2] + b"".join(parts) + file[2:]


def adobe(transform):
    return segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([transform]))


def wide_profile():
    """A profile with the primaries of Display P3 and a gamma of 2.2."""

    def xyz(*values):
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(v * 65536)) for v in values)

    gamma = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    name = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"wide\0" + b"\0" * 75
    tags = {
        b"desc": name,
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"wtpt": xyz(0.9642, 1, 0.8249),
        b"rXYZ": xyz(0.51512, 0.2412, -0.00105),
        b"gXYZ": xyz(0.29198, 0.69225, 0.04189),
        b"bXYZ": xyz(0.1571, 0.06657, 0.78407),
        b"rTRC": gamma,
        b"gTRC": gamma,
        b"bTRC": gamma,
    }
    table, data = struct.pack(">I", len(tags)), b""
    for tag, content in tags.items():
        table += tag + struct.pack(">II", 132 + 12 * len(tags) + len(data), len(content))
        data += content + b"\0" * (-len(content) % 4)
    size = 128 + len(table) + len(data)
    head = struct.pack(">I4sI4s4s4s", size, b"\0" * 4, 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    white = struct.pack(">iii", round(0.9642 * 65536), 65536, round(0.8249 * 65536))
    return head + b"\0" * 12 + b"acsp" + b"\0" * 28 + white + b"\0" * 48 + table + data


full = encoded(picture, quality=90, subsampling=0)
halved = encoded(picture, quality=90, subsampling=2)
inks = encoded(picture.convert("CMYK"), quality=90)
files = {
    "full": full,
    "halved": halved,
    "progressive": encoded(picture, quality=90, subsampling=1, progressive=True),
    "restarts": encoded(picture, quality=90, subsampling=2, restart_marker_blocks=1),
    "grey": encoded(picture.convert("L"), quality=90),
    "profile": encoded(picture, quality=90, subsampling=0, icc_profile=wide_profile()),
    "broken-profile": begun_with(full, segment(0xE2, b"ICC_PROFILE\0\x05\x02" + b"x" * 40)),
    "adobe-rgb": encoded(picture, quality=90, subsampling=0, keep_rgb=True),
    "adobe-ycc": begun_with(without(full, 0xE0), adobe(1)),
    "nothing-said": without(full, 0xE0),
    "nothing-said-odd-ids": component_ids(without(halved, 0xE0), (0, 1, 2)),
    "nothing-said-rgb-ids": component_ids(without(full, 0xE0), (82, 71, 66)),
    "jfif-and-adobe-rgb": begun_with(full, segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"), adobe(0)),
    "comment-like-an-end": begun_with(full, segment(0xFE, b"\xff\xd9")),
    "cmyk": inks,
    "cmyk-nothing-said": without(inks, 0xEE),
    "ycck": begun_with(without(inks, 0xEE), adobe(2)),
}
for name, file in files.items():
    (here / f"{name}.jpg").write_bytes(file)
    pixels = np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))
    (here / f"{name}.rgb").write_bytes(pixels.tobytes())
# Pillow and Ranbiki read this one; libjpeg warns and fills the rest up.
(here / "damaged.jpg").write_bytes(full[: len(full) * 3 // 4] + b"\xff\xd9")
