#!/usr/bin/env python3
"""Make cyclic_linear-x.npy and cyclic_linear-y.npy, (1, 4) each: one sample (x, y) of cyclic linear regression.

x = (1, 1, 0, 0): the average of x x^T over the shifts is circulant with eigenvalues 1, 1/2, 0, 1/2.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import pathlib
import struct

here = pathlib.Path(__file__).resolve().parent


def write(name, values):
    header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, %d), }" % len(values)
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    with open(here / name, "wb") as f:
        f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        f.write(struct.pack("<%dd" % len(values), *values))


write("cyclic_linear-x.npy", [1.0, 1.0, 0.0, 0.0])
write("cyclic_linear-y.npy", [1.0, 2.0, 0.0, -1.0])
