#!/usr/bin/env python3
"""Make mirror_r-images.npy, (2, 8, 8), and mirror_r-labels.npy, (2): the letter R (label 0) and its mirror image
(label 1).  No quarter turn maps the letter to itself or to its mirror image.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import pathlib
import struct

LETTER = """
    ........
    .####...
    .#...#..
    .#...#..
    .####...
    .#..#...
    .#...#..
    ........
""".split()

here = pathlib.Path(__file__).resolve().parent


def write(name, shape, values):
    header = "{'descr': '<f8', 'fortran_order': False, 'shape': %r, }" % (shape,)
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    with open(here / name, "wb") as f:
        f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        f.write(struct.pack("<%dd" % len(values), *values))


images = [row[::step] for step in (1, -1) for row in LETTER]
write("mirror_r-images.npy", (2, 8, 8), [float(pixel == "#") for row in images for pixel in row])
write("mirror_r-labels.npy", (2,), [0.0, 1.0])
