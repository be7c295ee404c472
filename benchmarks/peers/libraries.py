"""Libraries whose own case it is: KeOps' reductions of kernels, compiled for the processor, and faiss' exact neighbours.

- pykeops: the mean of 1/r^2 over all pairs of rows, of points on the sphere; sums in float64.
- faiss:   each row's nearest other row by the cosine, over all rows (IndexFlatIP); the mean of those cosines.

Each is called with a few rows before it is timed: KeOps compiles a formula when it first meets it.
"""

import time

import torch


def unit(path, shape):
    rows = torch.from_file(path, shared=False, size=shape[0] * shape[1], dtype=torch.float32).reshape(shape)
    return rows / rows.norm(dim=-1, keepdim=True)


def keops_energy(rows):
    from pykeops.torch import LazyTensor

    count = rows.shape[0]
    x, y = LazyTensor(rows[:, None, :].contiguous()), LazyTensor(rows[None, :, :].contiguous())
    squared = ((x - y) ** 2).sum(-1)
    # A row and itself are no pair.
    values = (squared - 1e-12).ifelse(1 / squared, 0 * squared)
    return float(values.sum(1, dtype_acc="float64").double().sum()) / (count * (count - 1))


def nearest(index, rows):
    cosines, _ = index.search(rows, 2)
    return float(cosines[:, 1].mean(dtype="float64"))


def library(library, path, shape, threads):
    torch.set_num_threads(threads)
    rows = unit(path, shape)
    if library == "pykeops":
        import pykeops

        version = pykeops.__version__

        def call(count):
            return keops_energy(rows[:count])
    else:
        import faiss

        version = faiss.__version__
        faiss.omp_set_num_threads(threads)
        points = rows.numpy()

        def call(count):
            index = faiss.IndexFlatIP(shape[1])
            index.add(points[:count])
            return nearest(index, points[:count])

    if (library, tuple(shape)) not in warm:
        call(256)
        warm.add((library, tuple(shape)))
    start = time.perf_counter()
    value = call(shape[0])
    return {"ms": 1000 * (time.perf_counter() - start), "value": value, "version": version}


warm = set()
