"""tests/bench_torch.py -- the dense Hessian of the network of 340 weights by PyTorch and by flowsim: same network, same data, same weights

    python3 tests/bench_torch.py FLOWSIM MODEL OPTION...       float64, one thread

PyTorch twice: a double-backward pass a row on a graph that is kept, as users write it, and all rows at once (vectorize=True).  Both must give
the Hessian that flowsim gives, or the times are not compared.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import json
import subprocess
import sys
import tempfile
import time

import numpy
import torch
from torch.nn.functional import avg_pool2d, conv2d, cross_entropy

CHANNELS, SIDE, CLASSES, IMAGES = 4, 8, 10, 60
SHAPES = [(CHANNELS, 1, 3, 3), (CHANNELS, CHANNELS, 3, 3), (CLASSES, CHANNELS * (SIDE // 4) ** 2)]


def risk(w, x, y):
    """R^aug of cnn_c4 with ten classes; weights in natural order, x with all four turns."""
    first, second, dense = (part.reshape(shape) for part, shape in zip(w.split([numpy.prod(s) for s in SHAPES]), SHAPES))
    z = torch.tanh(avg_pool2d(conv2d(x, first, padding=1), 2))
    z = torch.tanh(avg_pool2d(conv2d(z, second, padding=1), 2))
    return cross_entropy(z.flatten(1) @ dense.T, y)


def by_rows(w, x, y):
    w = w.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(risk(w, x, y), w, create_graph=True)
    return torch.stack([torch.autograd.grad(entry, w, retain_graph=True)[0] for entry in gradient])


def at_once(w, x, y):
    return torch.autograd.functional.hessian(lambda v: risk(v, x, y), w, vectorize=True)


def best_time(work, rounds=2):
    """Seconds of the fastest call, and what it returned."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - start)
    return min(times), result


def main(flowsim, *model):
    torch.set_num_threads(1)
    rng = numpy.random.default_rng(1)
    images, labels = rng.standard_normal((IMAGES, SIDE, SIDE)), numpy.arange(IMAGES) % CLASSES
    weights = 0.3 * rng.standard_normal(int(sum(numpy.prod(s) for s in SHAPES)))
    with tempfile.TemporaryDirectory() as folder:
        numpy.save(f"{folder}/x.npy", images)
        numpy.save(f"{folder}/y.npy", labels)
        numpy.save(f"{folder}/w.npy", weights)
        options = ["--model", *model, "--set", f"data={{source: npy, images: {folder}/x.npy, labels: {folder}/y.npy}}"]
        subprocess.run([flowsim, "eval", *options, "--weights", f"{folder}/w.npy", "--hessian", f"{folder}/H.npy", "-q"], check=True)
        exact = numpy.load(f"{folder}/H.npy")
        bench = json.loads(subprocess.run([flowsim, "bench", *options, "--json", "-q"], check=True, capture_output=True).stdout)
    x = torch.tensor(numpy.concatenate([numpy.rot90(images, k, (-2, -1)) for k in range(4)]).copy()).unsqueeze(1)
    y = torch.tensor(numpy.tile(labels, 4))
    own = bench["hessian_s"]
    print(f"flowsim{'':42}{1e3 * own:10.3f} ms")
    for name, work in ("a double-backward pass a row", by_rows), ("all rows at once (vectorize)", at_once):
        seconds, hessian = best_time(lambda: work(torch.tensor(weights), x, y))
        difference = numpy.abs(hessian.detach().numpy() - exact).max() / numpy.abs(exact).max()
        if not difference < 1e-10:
            sys.exit(f"PyTorch {torch.__version__}, {name}: its Hessian differs by {difference:.1e}, so nothing is compared")
        print(f"PyTorch {torch.__version__:10.10} {name} {1e3 * seconds:10.3f} ms   {seconds / own:.0f} times as long; entries agree to {difference:.0e}")


main(*sys.argv[1:])
