#!/usr/bin/env python3
"""Make fashion100-images.idx3-ubyte and fashion100-labels.idx1-ubyte: the first ten training images of each of the
ten classes of Fashion-MNIST, in the order in which the training set has them.

    make_fashion100.py [FOLDER]      FOLDER: where Debian's dataset-fashion-mnist is (the default), or a download

SPDX-License-Identifier: GPL-3.0-or-later
"""
import gzip
import pathlib
import struct
import sys

PER_CLASS = 10
PIXELS = 28 * 28

here = pathlib.Path(__file__).resolve().parent
folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/datasets/fashion-mnist")

with gzip.open(folder / "train-labels-idx1-ubyte.gz") as f:
    magic, n = struct.unpack(">II", f.read(8))
    assert (magic, n) == (0x801, 60000)
    labels = f.read()

chosen, taken = [], [0] * 10
for i, label in enumerate(labels):
    if taken[label] < PER_CLASS:
        taken[label] += 1
        chosen.append(i)
assert taken == [PER_CLASS] * 10

with gzip.open(folder / "train-images-idx3-ubyte.gz") as f:
    assert struct.unpack(">IIII", f.read(16)) == (0x803, 60000, 28, 28)
    images = f.read((chosen[-1] + 1) * PIXELS)

with open(here / "fashion100-images.idx3-ubyte", "wb") as f:
    f.write(struct.pack(">IIII", 0x803, len(chosen), 28, 28))
    for i in chosen:
        f.write(images[i * PIXELS:(i + 1) * PIXELS])

with open(here / "fashion100-labels.idx1-ubyte", "wb") as f:
    f.write(struct.pack(">II", 0x801, len(chosen)))
    f.write(bytes(labels[i] for i in chosen))

print("training images", chosen)
