"""Makes a folder of 160,000 small JPEG files of odd sizes in 160 class folders, some 600 MB on most disks.

  python3 benchmark/data/many.py OUT

To measure how long it takes to open them: time ./ranbiki train CONFIG --dry-run, with data: {format: images,
folder: OUT, split: 0.2} and a network that resizes, less the same with a folder of a few files. Needs Pillow.
"""
import io, random, sys
from pathlib import Path
from PIL import Image

CLASSES, FILES, KINDS = 160, 1000, 40

chance = random.Random(1)
pool = []
for _ in range(KINDS):
  image = Image.effect_noise((chance.randint(40, 120), chance.randint(40, 120)), 60).convert("RGB")
  bytes_ = io.BytesIO()
  image.save(bytes_, "JPEG", quality=60)
  pool.append(bytes_.getvalue())
for c in range(CLASSES):
  folder = Path(sys.argv[1]) / f"c{c:03d}"
  folder.mkdir(parents=True, exist_ok=True)
  for i in range(FILES):
    (folder / f"{i:04d}.jpg").write_bytes(pool[(c * FILES + i) % KINDS])
