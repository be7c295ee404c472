"""Models made by the onnx package itself, with the neurons that are expected of them: python3 make-models.py FOLDER"""
import json
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

folder = sys.argv[1]
rng = np.random.default_rng(1)
expected = {}


def save(name, nodes, tensors, neurons, kind=TensorProto.FLOAT, **options):
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", kind, ["rows", "columns"])],
        [helper.make_tensor_value_info("y", kind, ["rows", "columns"])],
        tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    onnx.checker.check_model(model)
    onnx.save_model(model, f"{folder}/{name}.onnx", **options)
    expected[name] = np.asarray(neurons, np.float64).tolist()


w = rng.standard_normal((48, 40)).astype(np.float32)
product = helper.make_node("MatMul", ["x", "w"], ["y"])
save("raw", [product], [numpy_helper.from_array(w, "w")], w.T)
save("typed", [product], [helper.make_tensor("w", TensorProto.FLOAT, w.shape, w.ravel())], w.T)
save("double", [product], [numpy_helper.from_array(w.astype(np.float64) / 3, "w")], w.T.astype(np.float64) / 3, TensorProto.DOUBLE)
half = w.astype(np.float16)
save("half", [product], [numpy_helper.from_array(half, "w")], half.T, TensorProto.FLOAT16)
brain = helper.make_tensor("w", TensorProto.BFLOAT16, w.shape, w.ravel())
save("bfloat16", [product], [brain], np.asarray(numpy_helper.to_array(brain), np.float32).T, TensorProto.BFLOAT16)
small = helper.make_tensor("q", TensorProto.INT4, [6, 4], np.arange(24) % 16 - 8)
scale = numpy_helper.from_array(np.float32([0.5, 1, 2, 4]), "s")
save(
    "int4",
    [helper.make_node("DequantizeLinear", ["q", "s"], ["w"], axis=1), product],
    [small, scale],
    ((np.arange(24) % 16 - 8).reshape(6, 4) * np.float32([0.5, 1, 2, 4])).T,
)
constant = helper.make_node("Constant", [], ["w"], value=numpy_helper.from_array(w))
save("constant", [constant, product], [], w.T)
for name, together in (("external", True), ("external-each", False)):
    save(
        name,
        [product],
        [numpy_helper.from_array(w, "w")],
        w.T,
        save_as_external_data=True,
        all_tensors_to_one_file=together,
        location=f"{name}.data" if together else None,
        size_threshold=0,
    )
json.dump(expected, sys.stdout)
