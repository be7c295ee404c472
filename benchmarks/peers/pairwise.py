"""PyTorch peers of the benchmark: three ways to the same energy and gradient, as a process that answers line by line.

- authors: the published formulation. All 2N points {x, -x} in half space, N x N arrays, gradient by autograd.
- plain:   the best a user gets from autograd: half space folded into one Gram matrix, no needless array.
- tiled:   the closed form, row blocks against the upper triangle, in place; no N x N array.

Protocol: one JSON object a line on stdin, one a line on stdout: {"ok": true, ...} or {"error": "..."}.
  {"op": "open", "layers": [{"path", "shape", "s", "half", "projection": {"path", "shape", "redraw"} | null}]}
  {"op": "step", "method", "threads", "gradient": path | null}  -> ms, energy; gradients of all layers to the file
  {"op": "memory"}, {"op": "forget-peak"}                       -> bytes now, bytes at the peak
  {"op": "product", "library", "size", "threads"}               -> ms, the best of a dozen products of square matrices
  {"op": "library", "library", "path", "shape", "threads"}      -> ms, value, version; see libraries.py
  {"op": "versions"}
Arrays travel as raw float32 files. Times are taken here, so the pipe isn't part of them.
"""

import json
import os
import sys
import time

import torch

from libraries import library

TILE_BYTES = 4 << 20


def unit_rows(w):
    return w / w.norm(dim=-1, keepdim=True)


def pair_count(count, half):
    return count * (2 * count - 1) if half else count * (count - 1) // 2


def potential(u, s):
    """phi of a squared chord."""
    if s == 0:
        return -0.5 * u.log()
    if s == 1:
        return u.rsqrt()
    return u.reciprocal() if s == 2 else u.pow(-s / 2)


# The published formulation.


def authors_energy(w, s, half):
    points = torch.cat([w, -w], -2) if half else w
    norms = points.norm(dim=-1, keepdim=True)
    cosines = (points @ points.mT) / (norms @ norms.mT)
    squared = 2 - 2 * cosines + torch.eye(points.shape[-2])
    pairs = potential(squared, s).triu(1)
    count = points.shape[-2]
    return pairs.sum((-2, -1)) / (count * (count - 1) / 2)


def authors(layer):
    w = layer.rows.detach().requires_grad_()
    if layer.matrices is None:
        energy = authors_energy(w, layer.s, layer.half)
    else:
        # One projection after the other, as the authors' graph has them.
        energy = sum(authors_energy(w @ p.mT, layer.s, layer.half) for p in layer.matrices) / len(layer.matrices)
    energy.backward()
    return float(energy.detach()), w.grad


# Plain autograd, folded.


def plain_energy(y, s, half):
    """Energies of [..., N, d]."""
    count = y.shape[-2]
    x = unit_rows(y)
    c = x @ x.mT
    torch.diagonal(c, dim1=-2, dim2=-1).zero_()
    if not half:
        pairs = potential(2 - 2 * c, s)
    elif s == 2:
        pairs = (1 - c * c).reciprocal()  # phi(c) + phi(-c)
    elif s == 0:
        pairs = -0.5 * (4 - 4 * c * c).log()
    else:
        pairs = potential(2 - 2 * c, s) + potential(2 + 2 * c, s)
    # The diagonal stands at c = 0: take its constant share out again.
    at_zero = potential(torch.tensor(2.0), s) * (2 if half else 1)
    total = (pairs.sum(-1).sum(-1) - count * at_zero) / 2
    if half:
        total = 2 * total + count * potential(torch.tensor(4.0), s)
    return total / pair_count(count, half)


def plain(layer):
    w = layer.rows.detach().requires_grad_()
    y = w if layer.matrices is None else (w @ layer.flat_matrices().mT).unflatten(1, layer.matrices.shape[:2]).transpose(0, 1)
    energy = plain_energy(y, layer.s, layer.half).mean()
    energy.backward()
    return float(energy.detach()), w.grad


# Closed form, tiled.


def psi(c, s, half):
    """Overwrites cosines with slopes d psi/dc; returns the sum of psi by row."""
    if half:
        if s == 2:
            value = c.square().neg_().add_(1).reciprocal_()  # 1/(1 - c^2)
            rows = value.sum(-1)
            c.mul_(2).mul_(value).mul_(value)
            return rows
        if s == 0:
            gap = c.square().neg_().add_(1)  # uv = 4(1 - c^2)
            c.div_(gap)  # 1/u - 1/v = c/(1 - c^2)
            return gap.mul_(4).log_().sum(-1).mul_(-0.5)
        inverse_u = c.mul(-2).add_(2).rsqrt_()
        inverse_v = c.mul(2).add_(2).rsqrt_()
        rows = inverse_u.sum(-1).add_(inverse_v.sum(-1))
        torch.pow(inverse_u, 3, out=c)
        c.sub_(inverse_v.pow_(3))
        return rows
    u = c.mul_(-2).add_(2)
    if s == 2:
        rows = u.reciprocal_().sum(-1)
        c.square_().mul_(2)
        return rows
    if s == 0:
        rows = u.log().sum(-1).mul_(-0.5)
        c.reciprocal_()
        return rows
    rows = u.rsqrt_().sum(-1)
    c.pow_(3)
    return rows


def tiled_pairwise(y, s, half):
    """Energies [C] and gradient [C, N, d] of rows [C, N, d]."""
    batch, count, dim = y.shape
    norms = y.norm(dim=-1, keepdim=True)
    x = y / norms
    g = torch.zeros_like(x)
    total = torch.zeros(batch, dtype=torch.float64)
    step = max(32, min(count, TILE_BYTES // (4 * count * batch)))
    at_zero = float(potential(torch.tensor(2.0), s)) * (2 if half else 1)
    for start in range(0, count, step):
        stop = min(count, start + step)
        block, rest = x[:, start:stop], x[:, start:]
        c = torch.bmm(block, rest.mT)
        size = stop - start
        # The block against itself is whole, and counts half; its diagonal is put at c = 0, where the slope is
        # corrected to 0 and the value taken out.
        diagonal = torch.diagonal(c[:, :, :size], dim1=-2, dim2=-1)
        diagonal.zero_()
        own = c[:, :, :size].clone()
        rows = psi(c, s, half)
        own_rows = psi(own, s, half)
        diagonal.zero_()
        total += rows.double().sum(-1) - 0.5 * own_rows.double().sum(-1) - 0.5 * size * at_zero
        g[:, start:stop].baddbmm_(c, rest)
        if stop < count:
            g[:, stop:].baddbmm_(c[:, :, size:].mT, block)
    if half:
        total = 2 * total + count * float(potential(torch.tensor(4.0), s))
    energy = total / pair_count(count, half)
    weight = (2 if half else 1) / pair_count(count, half)
    along = (x * g).sum(-1, keepdim=True)
    g.addcmul_(x, along, value=-1).mul_(weight / norms)
    return energy, g


def tiled(layer):
    w = layer.rows
    if layer.matrices is None:
        energy, gradient = tiled_pairwise(w[None], layer.s, layer.half)
        return float(energy[0]), gradient[0]
    flat = layer.flat_matrices()
    count, dimension = layer.matrices.shape[:2]
    y = (w @ flat.mT).unflatten(1, (count, dimension)).transpose(0, 1).contiguous()
    energy, d = tiled_pairwise(y, layer.s, layer.half)
    gradient = d.transpose(0, 1).flatten(1).div_(count) @ flat
    return float(energy.mean()), gradient


METHODS = {"authors": authors, "plain": plain, "tiled": tiled}


class Layer:
    def __init__(self, path, shape, s, half, projection):
        self.rows = read(path, shape)
        self.s, self.half = s, half
        self.matrices = read(projection["path"], projection["shape"]) if projection else None
        self.redraw = bool(projection and projection["redraw"])

    def flat_matrices(self):
        return self.matrices.flatten(0, 1)

    def refresh(self):
        if self.redraw:
            self.matrices = torch.randn(self.matrices.shape)


def read(path, shape):
    return torch.from_file(path, shared=False, size=torch.Size(shape).numel(), dtype=torch.float32).clone().view(shape)


def step(layers, method, threads, gradient_path):
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
    run = METHODS[method]
    # The first step is the one that is compared: it takes the matrices that were given.
    compare = gradient_path is not None
    start = time.perf_counter()
    energies, gradients = [], []
    for layer in layers:
        if not compare:
            layer.refresh()
        energy, gradient = run(layer)
        energies.append(energy)
        gradients.append(gradient)
    milliseconds = (time.perf_counter() - start) * 1e3
    if compare:
        with open(gradient_path, "wb") as file:
            for gradient in gradients:
                file.write(gradient.contiguous().numpy().tobytes())
    return {"ms": milliseconds, "energies": energies}


def product(library, size, threads):
    """The best of a dozen products of square matrices, by PyTorch or by NumPy where that is built on OpenBLAS."""
    if library == "torch":
        torch.set_num_threads(threads)
        a = torch.full((size, size), 0.5)
        multiply = lambda: a @ a
    else:
        import numpy

        blas = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"]
        if "openblas" not in blas:
            raise ValueError(f"NumPy here is built on {blas}")
        b = numpy.full((size, size), 0.5, numpy.float32)
        multiply = lambda: b @ b
    best = float("inf")
    for _ in range(12):
        start = time.perf_counter()
        multiply()
        best = min(best, time.perf_counter() - start)
    return {"ms": best * 1e3}


def memory():
    """Resident bytes now, and their maximum since the peak was last forgotten."""
    with open("/proc/self/status") as file:
        lines = dict(line.split(":", 1) for line in file)
    return {name: int(lines[key].split()[0]) * 1024 for name, key in (("now", "VmRSS"), ("peak", "VmHWM"))}


def forget_peak():
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    return {}


def main():
    # Answers alone go to stdout; what libraries print, to stderr.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    layers = []
    for line in sys.stdin:
        request = json.loads(line)
        op = request["op"]
        try:
            if op == "open":
                layers = [Layer(**layer) for layer in request["layers"]]
                answer = {}
            elif op == "step":
                answer = step(layers, request["method"], request["threads"], request["gradient"])
            elif op == "memory":
                answer = memory()
            elif op == "forget-peak":
                answer = forget_peak()
            elif op == "product":
                answer = product(request["library"], request["size"], request["threads"])
            elif op == "library":
                answer = library(**{key: value for key, value in request.items() if key != "op"})
            elif op == "versions":
                answer = {"torch": torch.__version__, "python": sys.version.split()[0]}
            else:
                raise ValueError(f"unknown op {op}")
            answer["ok"] = True
        except Exception as error:  # one bad request mustn't end the process
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
        print(json.dumps(answer), file=answers, flush=True)


main()
