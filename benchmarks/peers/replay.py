"""Repeats in PyTorch a run that `examples/cifar100` has recorded, with the authors' formulation of the energies.

  python benchmarks/peers/replay.py <recording> [<recording> ...]

Needs PyTorch and NumPy (`pip install torch numpy`). A recording is the folder that `node examples/cifar100/dist/main.js record` wrote: initial
weights, batches, projection matrices, and the loss and each layer's energy at every step. Everything else is made here, from the published
code's description: the network, its loss, momentum and weight decay; energies over all 2N points {w, -w} as N x N arrays with 1e-4 under every
norm, their gradients by autograd. Writes replay.json beside the recording, the same steps in float32 and in float64, and prints where they part.
"""

import json
import sys
from pathlib import Path

import numpy
import torch
import torch.nn.functional as F


class Bytes:
    """Arrays of a raw file, one after the other."""

    def __init__(self, path, dtype):
        self.file, self.dtype = open(path, "rb"), numpy.dtype(dtype).newbyteorder("<")

    def take(self, *shape):
        size = int(numpy.prod(shape)) * self.dtype.itemsize
        data = self.file.read(size)
        if len(data) != size:
            raise SystemExit(f"{self.file.name}: expected {size} bytes more, got {len(data)}")
        return torch.from_numpy(numpy.frombuffer(data, self.dtype).astype(self.dtype.newbyteorder("=")).reshape(shape))


# Energies, as published: all pairs of all points.


def cosines(points, epsilon):
    norms = (points.square().sum(-1, keepdim=True) + epsilon).sqrt()
    unit = points / norms
    return unit @ unit.mT


def energy(rows, half, epsilon):
    points = torch.cat([rows, -rows]) if half else rows
    count = len(points)
    squared = 2 - 2 * cosines(points, epsilon)
    # The diagonal is no pair; a number there keeps 0/0 out of the gradient.
    squared = squared + torch.eye(count, dtype=rows.dtype)
    return squared.reciprocal().triu(1).sum() / (count * (count - 1) / 2)


def mismatch(rows, projected, epsilon):
    """The Frobenius norm of the difference of the two matrices of cosines."""
    return (cosines(rows, epsilon) - cosines(projected, epsilon)).square().sum().sqrt()


class Regularizer:
    """A layer's energy; learned matrices stay from step to step."""

    def __init__(self, layer):
        self.weight, spec = layer["energy"]["weight"], layer["energy"]["spec"]
        potential, self.projection = spec["potential"], spec["projection"]
        if (potential["kind"], potential["s"], potential["distance"]) != ("riesz", 2, "chordal"):
            raise SystemExit(f"{layer['name']}: expected s = 2 and chordal distances, got {potential}")
        self.half, self.epsilon = spec["space"] == "half", spec["normEpsilon"]
        self.shape = layer.get("matrices")
        self.matrices = None

    def take(self, file, dtype):
        if self.shape:
            self.matrices = file.take(*self.shape).to(dtype)

    def __call__(self, kernel):
        rows = kernel.flatten(1)
        kind = self.projection["kind"]
        if kind == "none":
            return self.weight * energy(rows, self.half, self.epsilon)
        if kind == "random":
            each = [energy(rows @ p.mT, self.half, self.epsilon) for p in self.matrices]
            return self.weight * torch.stack(each).mean()
        improved = self.steps(rows if self.projection["through"] == "unrolled" else rows.detach())
        self.matrices = improved.detach()[None]
        return self.weight * energy(rows @ improved.mT, self.half, self.epsilon)

    def steps(self, rows):
        unrolled = self.projection["through"] == "unrolled"
        p = self.matrices[0].requires_grad_()
        for _ in range(self.projection["steps"]):
            if self.projection["kind"] == "adversarial":
                in_half = self.projection.get("ascentSpace", "half" if self.half else "full") == "half"
                objective, sign = energy(rows @ p.mT, in_half, self.epsilon), 1
            else:
                objective, sign = mismatch(rows, rows @ p.mT, self.epsilon), -1
            (slope,) = torch.autograd.grad(objective, p, create_graph=unrolled)
            p = p + sign * self.projection["learningRate"] * slope
            if not unrolled:
                p = p.detach().requires_grad_()
        return p if unrolled else p.detach()


class Replay:
    def __init__(self, folder, dtype):
        self.folder, self.dtype = folder, dtype
        self.recording = json.loads((folder / "recording.json").read_text())
        self.layers, self.recipe = self.recording["layers"], self.recording["recipe"]
        weights = Bytes(folder / "weights.bin", "f4")
        # [height, width, in, out] to [out, height, width, in], whose rows are neurons in the order that projections have.
        self.kernels = [
            weights.take(*layer["shape"]).permute(3, 0, 1, 2).contiguous().to(dtype).requires_grad_() for layer in self.layers
        ]
        self.norms = [
            (torch.ones(shape[3], dtype=dtype, requires_grad=True), torch.zeros(shape[3], dtype=dtype, requires_grad=True))
            for shape in (layer["shape"] for layer in self.layers[:-2])
        ]
        self.regularizers = {layer["name"]: Regularizer(layer) for layer in self.layers if "energy" in layer}

    def logits(self, images):
        x = images.permute(0, 3, 1, 2)
        for n, kernel in enumerate(self.kernels):
            filters = kernel.permute(0, 3, 1, 2)
            if n < len(self.norms):
                x = F.conv2d(x, filters, padding=1)
                scale, shift = self.norms[n]
                x = F.relu(F.batch_norm(x, None, None, scale, shift, training=True, eps=self.recipe["averageEpsilon"]))
                if n % 3 == 2:
                    x = F.max_pool2d(x, 2)
            else:
                x = F.conv2d(x, filters)
        return x.flatten(1)

    def loss(self, images, labels):
        logits = self.logits(images)
        classes, smoothing = logits.shape[1], self.recipe["labelSmoothing"]
        targets = F.one_hot(labels, classes).to(self.dtype) * (1 - smoothing) + smoothing / classes
        fit = -(targets * (logits.softmax(1) + self.recipe["probabilityFloor"]).log()).sum(1).mean()
        trained = self.kernels + [each for pair in self.norms for each in pair]
        decay = self.recipe["weightDecay"] / 2 * sum(each.square().sum() for each in trained)
        energies = {
            layer["name"]: self.regularizers[layer["name"]](kernel)
            for layer, kernel in zip(self.layers, self.kernels)
            if layer["name"] in self.regularizers
        }
        return fit, decay, energies

    def run(self):
        images, labels = Bytes(self.folder / "images.bin", "f4"), Bytes(self.folder / "labels.bin", "u1")
        matrices = Bytes(self.folder / "matrices.bin", "f4")
        trained = self.kernels + [each for pair in self.norms for each in pair]
        optimizer = torch.optim.SGD(trained, lr=0.1, momentum=self.recipe["momentum"])
        batch, steps = self.recording["batch"], []
        for step, rate in enumerate(self.recording["learningRates"]):
            if step == 0 or self.recording["refreshed"]:
                for regularizer in self.regularizers.values():
                    regularizer.take(matrices, self.dtype)
            optimizer.param_groups[0]["lr"] = rate
            fit, decay, energies = self.loss(images.take(batch, 32, 32, 3).to(self.dtype), labels.take(batch).long())
            optimizer.zero_grad()
            (fit + decay + sum(energies.values())).backward()
            optimizer.step()
            steps.append({"fit": fit.item(), "decay": decay.item(), "energies": {name: e.item() for name, e in energies.items()}})
        return steps


def main(folders):
    if not folders:
        raise SystemExit(__doc__)
    for folder in map(Path, folders):
        replay = {"torch": torch.__version__}
        for name, dtype in (("float32", torch.float32), ("float64", torch.float64)):
            replay[name] = Replay(folder, dtype).run()
            print(f"{folder}: {len(replay[name])} steps in {name}", flush=True)
        (folder / "replay.json").write_text(json.dumps(replay) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
