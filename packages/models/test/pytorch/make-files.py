"""Makes the files of this folder, and with them what PyTorch itself reads in each: expected.json, by file and tensor.

    python make-files.py FOLDER

Needs torch and numpy. Numbers are drawn from a fixed seed; the files are small enough to be kept.
"""
import collections, json, os, pickle, sys, warnings, zipfile
import numpy as np
import torch

warnings.filterwarnings("ignore")
torch.manual_seed(7)
folder = sys.argv[1]
expected = {}
# Old files keep the source of every class; that of PyTorch's own, and where it lies here, is nobody's business.
torch.serialization.get_source_lines_and_file = lambda *_: (["class Net: pass\n"], 1, "net.py")


def without_debugging(name):
    """TorchScript keeps the same beside its code."""
    path = os.path.join(folder, name)
    with zipfile.ZipFile(path) as source:
        entries = [(info.filename, source.read(info)) for info in source.infolist()]
    with zipfile.ZipFile(path, "w") as target:
        for key, data in entries:
            if not key.endswith(".debug_pkl"):
                target.writestr(key, data)


def numbers(tensor):
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    return [float(x) for x in tensor.detach().to(torch.float64).reshape(-1).tolist()]


def save(name, value, tensors, **options):
    path = os.path.join(folder, name)
    torch.save(value, path, **options)
    expect(name, tensors)


def expect(name, tensors):
    expected[name] = {key: {"shape": list(t.shape), "numbers": numbers(t)} for key, t in tensors.items()}


def draw(*shape, dtype=torch.float32):
    return torch.randn(*shape).to(dtype)


def legacy(**options):
    return dict(_use_new_zipfile_serialization=False, **options)


class Net(torch.nn.Module):
    """Not a class that a reader can know."""

    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(4, 6)
        self.stack = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3), torch.nn.ReLU())
        self.register_buffer("table", draw(3, 5))
        self.aside = draw(2, 2)
        self.shared = self.fc

    def forward(self, x):
        return self.fc(x)


# Every type of floats and of integers that PyTorch stores.
floats = {}
for name in "float64 float32 float16 bfloat16 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz".split():
    floats[name] = draw(3, 4).to(getattr(torch, name))
floats["float8_e8m0fnu"] = torch.tensor([[1, 127, 128], [130, 100, 254]], dtype=torch.uint8).view(torch.float8_e8m0fnu)
floats["special"] = torch.tensor([[0.0, -0.0, 1e-40], [65504.0, -3.5, 2.0 ** -24]])
integers = {
    name: torch.tensor([[1, 2, 3], [4, 5, 100]]).to(getattr(torch, name))
    for name in "int64 int32 int16 int8 uint8 uint16 uint32 uint64 bool".split()
}
types = {**floats, **integers}
save("types.pt", types, types)
save("types-legacy.pth", {k: v for k, v in types.items() if k not in ("uint16", "uint32", "uint64")},
     {k: v for k, v in types.items() if k not in ("uint16", "uint32", "uint64")}, **legacy())

# Views: of a part, with steps, transposed, permuted, expanded, overlapping; one storage for all.
base = draw(12, 10)
views = {
    "whole.weight": base,
    "rows": base[3:7],
    "columns": base[:, 2:5],
    "steps": base[::3, 1::4],
    "transposed": base.t(),
    "permuted": base.view(3, 4, 10).permute(2, 0, 1),
    "expanded": base[0].expand(5, 10),
    "expanded-columns": base[:, :1].expand(12, 4),
    "overlapping": base.as_strided((5, 6), (7, 3), 4),
    "single": base[2:3, 5:6],
    "empty": base[:0],
}
save("views.pt", views, views)
save("views-legacy.pth", views, views, **legacy())

# Tied weights and a Parameter; a negated view.
other = draw(5, 3)
tied = torch.nn.Parameter(draw(5, 3))
negated = torch.randn(4, 3, dtype=torch.complex64).conj().imag
assert negated.is_neg()
save("tied.pt", {"embed.weight": tied, "head.weight": tied, "other.weight": other, "negated": negated},
     {"embed.weight": tied, "negated": negated, "other.weight": other})

# Quantized, per tensor and per channel, and what isn't read.
q = torch.quantize_per_tensor(draw(4, 5), 0.1, 3, torch.quint8)
channel = torch.quantize_per_channel(draw(4, 5), torch.rand(5).double() + 0.1, torch.arange(5), 1, torch.qint8)
q32 = torch.quantize_per_tensor(draw(2, 3), 0.01, 0, torch.qint32)
save("quantized.pt", {"tensor": q, "channel": channel, "int32": q32, "view": q.t()},
     {"tensor": q, "channel": channel, "int32": q32, "view": q.t()})
unread = {
    "complex": torch.randn(3, 3, dtype=torch.complex64),
    "sparse": draw(3, 3).to_sparse(),
    "csr": draw(3, 3).to_sparse_csr(),
    "meta": torch.empty(3, 4, device="meta"),
    "weight": draw(3, 3),
}
save("unread.pt", unread, {"weight": unread["weight"]})

# Whole modules.
net = Net()
module = {"fc.weight": net.fc.weight, "fc.bias": net.fc.bias, "stack.0.weight": net.stack[0].weight,
          "stack.0.bias": net.stack[0].bias, "table": net.table}
save("module.pt", net, module)
save("module-legacy.pth", net, module, **legacy())
for protocol in (3, 4, 5):
    save(f"module-protocol{protocol}.pt", net, module, pickle_protocol=protocol)

# Training checkpoints.
optimizer = torch.optim.Adam(net.parameters())
net(draw(2, 4)).sum().backward()
optimizer.step()
state = net.state_dict()
# `shared` is `fc` again: tied where the storages are the same, and a matrix of its own in what was computed from it.
model = {k: v for k, v in state.items() if k != "shared.weight"}
save("lightning.ckpt", {
    "epoch": 3, "global_step": 40, "pytorch-lightning_version": "2.0.0", "state_dict": state,
    "optimizer_states": [optimizer.state_dict()], "lr_schedulers": [{"last_epoch": 3}], "loops": None,
    "hyper_parameters": {"lr": 1e-3, "dims": (4, 6), "confusion": draw(4, 4), "device": torch.device("cpu"),
                         "type": torch.float16, "size": torch.Size([3, 4])},
    "callbacks": {"EMA": {"ema_weights": {k: v.clone() for k, v in state.items()}}},
}, model)
save("ema.pt", {"model": state, "ema": {"decay": 0.999, "shadow": {k: v * 0.5 for k, v in state.items()}},
                "optimizer": optimizer.state_dict(), "matrix": draw(3, 3)}, model)
save("objects.pt", {"net": net, "optim_a": optimizer, "trainer": {"solver": optimizer, "best": 0.5}}, module)
save("ema-only.pt", {"params_ema": state}, model)
save("several.pt", {"generator": {"state_dict": state, "optimizer": optimizer.state_dict()},
                    "discriminator": {"state_dict": {k: v + 1 for k, v in state.items()}}, "step": 7},
     {**{f"generator.state_dict.{k}": v for k, v in model.items()},
      **{f"discriminator.state_dict.{k}": v + 1 for k, v in state.items()}})
save("both.pt", {"model": net, "state_dict": {k: v + 2 for k, v in state.items()}}, {k: v + 2 for k, v in state.items() })
flat_ema = {"model.net.w": draw(3, 4), "model.net.b": draw(3)}
save("ldm.ckpt", {"state_dict": {**flat_ema, "model_ema.netw": draw(3, 4), "model_ema.netb": draw(3), "model_ema.decay": torch.tensor(0.9)}},
     {"model.net.w": flat_ema["model.net.w"]})

# Weight normalization, old and new, along every axis and none: what the modules compute with.
normed, weights = {}, {}
for key, axis in (("first", 0), ("second", 1), ("none", None)):
    for kind, wrap in (("old", torch.nn.utils.weight_norm), ("new", torch.nn.utils.parametrizations.weight_norm)):
        layer = wrap(torch.nn.Linear(4, 6), dim=axis)
        for p in layer.parameters():
            torch.nn.init.normal_(p)
        with torch.no_grad():
            layer(torch.zeros(1, 4))
            weights[f"{key}.{kind}.weight"] = layer.weight.detach().clone()
        normed.update({f"{key}.{kind}.{k}": v for k, v in layer.state_dict().items()})
torch.save(normed, os.path.join(folder, "weight-norm.pt"))
layers = {"weight-norm.pt": {k: {"shape": list(v.shape), "numbers": numbers(v)} for k, v in weights.items()}}
with open(os.path.join(folder, "layers.json"), "w") as file:
    json.dump(layers, file)

# A tensor, a list, NumPy's arrays and numbers, old strings.
alone = draw(4, 3)
save("tensor.pt", alone, {"tensor": alone})
save("list.pt", [alone, draw(2, 2)][:1] + [alone.t()], {"0": alone, "1": alone.t()})
arrays = {
    "c": np.arange(12, dtype=np.float32).reshape(3, 4),
    "fortran": np.asfortranarray(np.arange(12, dtype=np.float64).reshape(3, 4)),
    "big-endian": np.arange(6, dtype=">f4").reshape(2, 3),
    "half": np.arange(6, dtype=np.float16).reshape(2, 3),
    "ints": np.arange(6, dtype=np.int16).reshape(2, 3),
}
save("numpy.pt", {**arrays, "scalar": np.float32(2.5), "objects": np.array([{}, None], dtype=object).reshape(1, 2)},
     {k: torch.from_numpy(v.astype(v.dtype.newbyteorder("="))) for k, v in arrays.items()})
for protocol in (0, 1, 2, 3, 4, 5):
    with open(os.path.join(folder, f"plain-protocol{protocol}.pkl"), "wb") as file:
        pickle.dump(collections.OrderedDict(model={"w": alone, "a": arrays["fortran"]}), file, protocol=protocol)
    expect(f"plain-protocol{protocol}.pkl", {"w": alone, "a": torch.from_numpy(arrays["fortran"])})
    if protocol > 0:
        save(f"legacy-protocol{protocol}.pth", {"w": alone, "v": alone.t()}, {"w": alone, "v": alone.t()}, **legacy(pickle_protocol=protocol))

# TorchScript: whole, frozen (its weights are constants), quantized.
class Script(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(4, 6)
        self.conv = torch.nn.Conv1d(2, 3, 3)
        self.sizes = [1, 2, 3]
        self.names = {"a": 1}
        self.register_buffer("mask", draw(2, 2))

    def forward(self, x):
        return self.fc(x)


script = torch.jit.script(Script().eval())
torch.jit.save(script, os.path.join(folder, "script.pt"))
without_debugging("script.pt")
expect("script.pt", dict(script.state_dict()))

frozen = torch.jit.freeze(script)
torch.jit.save(frozen, os.path.join(folder, "frozen.pt"))
without_debugging("frozen.pt")
expect("frozen.pt", {"constants.0": script.fc.weight, "constants.1": script.fc.bias})
quantized = torch.ao.quantization.quantize_dynamic(torch.nn.Sequential(torch.nn.Linear(4, 6)), {torch.nn.Linear}, torch.qint8)
torch.jit.save(torch.jit.script(quantized), os.path.join(folder, "script-quantized.pt"))
without_debugging("script-quantized.pt")
weight = quantized[0].weight()
expect("script-quantized.pt", {"0.weight": weight})
save("module-quantized.pt", quantized, {"0.weight": weight})
save("state-quantized.pt", quantized.state_dict(), {"0.weight": weight})

# Big-endian files, made of the little-endian ones: PyTorch writes them on machines of that kind.
with zipfile.ZipFile(os.path.join(folder, "tied.pt")) as source, zipfile.ZipFile(os.path.join(folder, "big-endian.pt"), "w") as target:
    for info in source.infolist():
        data = source.read(info)
        if info.filename.endswith("byteorder"):
            data = b"big"
        if "/data/" in info.filename:
            size = 4
            data = b"".join(data[n:n + size][::-1] for n in range(0, len(data), size))
        target.writestr(info.filename, data)
expected["big-endian.pt"] = expected["tied.pt"]

with open(os.path.join(folder, "expected.json"), "w") as file:
    json.dump(expected, file)
print({name: os.path.getsize(os.path.join(folder, name)) for name in expected})
