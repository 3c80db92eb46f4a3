"""Makes a folder of photographs of odd sizes and formats, one folder for each coarse class of CIFAR-100.

  python3 benchmark/data/photos.py CIFAR OUT [COUNT]

CIFAR holds cifar-100-binary.tar.xz, or train.bin; of its training images, COUNT (10,000) are taken in their
order. Each is enlarged to a shorter side of 40 to 200 pixels and widened or heightened by up to a third, and saved
as JPEG, PNG, BMP or WebP, by a seed; one name in ten lies about the format. Needs Pillow and numpy.
"""
import random, sys, tarfile
from pathlib import Path
import numpy as np
from PIL import Image

NAMES = """aquatic_mammals fish flowers food_containers fruit_and_vegetables household_electrical_devices
household_furniture insects large_carnivores large_man-made_outdoor_things large_natural_outdoor_scenes
large_omnivores_and_herbivores medium_mammals non-insect_invertebrates people reptiles small_mammals trees
vehicles_1 vehicles_2""".split()
FORMATS = [("JPEG", "jpg", {"quality": 90}), ("PNG", "png", {}), ("BMP", "bmp", {}), ("WEBP", "webp", {"quality": 90})]
RECORD = 2 + 3072


def records(folder):
  plain = folder / "train.bin"
  if plain.exists():
    return plain.read_bytes()
  with tarfile.open(folder / "cifar-100-binary.tar.xz") as archive:
    member = next(m for m in archive.getmembers() if m.name.endswith("train.bin"))
    return archive.extractfile(member).read()


def main(cifar, out, count=10_000):
  chance = random.Random(1)
  data = records(Path(cifar))
  for i in range(min(int(count), len(data) // RECORD)):
    record = np.frombuffer(data, np.uint8, RECORD, i * RECORD)
    image = Image.fromarray(record[2:].reshape(3, 32, 32).transpose(1, 2, 0))
    side = chance.randint(40, 200)
    longer = round(side * chance.uniform(1, 4 / 3))
    size = (side, longer) if chance.random() < 0.5 else (longer, side)
    kind, ending, options = chance.choices(FORMATS, (70, 15, 5, 10))[0]
    if chance.random() < 0.1:
      ending = "jpg"
    folder = Path(out) / NAMES[record[0]]
    folder.mkdir(parents=True, exist_ok=True)
    image.resize(size, Image.BICUBIC).save(folder / f"{i:05d}.{ending}", kind, **options)


if __name__ == "__main__":
  main(*sys.argv[1:])
