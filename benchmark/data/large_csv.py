"""Writes tables that are larger than memory: train.csv and test.csv of random numbers in four classes.

    python3 benchmark/data/large_csv.py FOLDER --rows 11500000 --features 20 --digits 6    # 2.1 GB
    python3 benchmark/data/large_csv.py FOLDER --rows 3400000 --features 784 --digits 2    # 13 GB, 10.7 GB when packed

A row has four parts, each drawn from a stock; its class is the part with the largest mean. Needs numpy.
"""

import argparse
import os

import numpy as np

STOCK = 4096
ROWS_AT_ONCE = 20_000


def write(file, rows, features, digits, random):
    width = features // 4
    values = random.random((STOCK, width))
    stock = np.array(
        [list("".join(f"{v:.{digits}f}"[:digits + 2] + "," for v in row).encode()) for row in values], dtype=np.uint8)
    means = values.mean(axis=1)
    with open(file, "wb") as out:
        for start in range(0, rows, ROWS_AT_ONCE):
            parts = random.integers(0, STOCK, (min(ROWS_AT_ONCE, rows - start), 4))
            text = stock[parts].reshape(len(parts), -1)
            label = (ord("0") + means[parts].argmax(axis=1)).astype(np.uint8)[:, None]
            line = np.full_like(label, ord("\n"))
            out.write(np.hstack([text, label, line]).tobytes())


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("folder")
    options.add_argument("--rows", type=int, default=11_500_000)
    options.add_argument("--features", type=int, default=20, help="a multiple of 4")
    options.add_argument("--digits", type=int, default=6)
    args = options.parse_args()
    os.makedirs(args.folder, exist_ok=True)
    random = np.random.default_rng(1)
    for part, rows in (("train", args.rows), ("test", 10_000)):
        file = os.path.join(args.folder, part + ".csv")
        write(file, rows, args.features, args.digits, random)
        print(file, rows, "rows", os.path.getsize(file), "bytes")


if __name__ == "__main__":
    main()
