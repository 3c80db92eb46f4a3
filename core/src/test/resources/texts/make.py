"""Makes encoder.onnx, classifier.onnx and expected.safetensors, what ONNX Runtime in Python answers.

Made with onnx 1.23, onnxruntime 1.30, safetensors: python3 make.py. The encoder has the ports of a sentence encoder that
PyTorch exported; every vector depends on all ids that the mask lets through. The classifier calls its ports otherwise.
"""
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

random = np.random.default_rng(3)
PIECES, WIDTH, CLASSES = 610, 6, 3
table = random.normal(size=(PIECES, WIDTH)).astype(np.float32)
mix = random.normal(size=(WIDTH, WIDTH)).astype(np.float32)
head = random.normal(size=(WIDTH, CLASSES)).astype(np.float32)


def constants(*arrays):
    return [numpy_helper.from_array(a, n) for n, a in arrays] + [numpy_helper.from_array(np.int64([i]), f"axis{i}") for i in (1, 2)]


def pooled(ids, mask):
    """sum of the pieces that count, divided by their number: [batch, 1, width]"""
    return [
        helper.make_node("Gather", ["table", ids], ["pieces"]),
        helper.make_node("Cast", [mask], ["counts"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["counts", "axis2"], ["mask3"]),
        helper.make_node("Mul", ["pieces", "mask3"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "axis1"], ["sum"], keepdims=1),
        helper.make_node("ReduceSum", ["mask3", "axis1"], ["count"], keepdims=1),
        helper.make_node("Div", ["sum", "count"], ["mean"]),
    ]


def save(name, nodes, inputs, output, shape, weights):
    ports = [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "sequence"]) for n in inputs]
    graph = helper.make_graph(nodes, name, ports, [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, name + ".onnx")
    return onnxruntime.InferenceSession(name + ".onnx")


encoder = save(
    "encoder",
    pooled("input_ids", "attention_mask")
    + [
        helper.make_node("MatMul", ["mean", "mix"], ["mixed"]),
        helper.make_node("Cast", ["token_type_ids"], ["types"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["types", "axis2"], ["types3"]),
        helper.make_node("Add", ["pieces", "mixed"], ["typeless"]),
        helper.make_node("Add", ["typeless", "types3"], ["last_hidden_state"]),
    ],
    ["input_ids", "attention_mask", "token_type_ids"], "last_hidden_state", ["batch", "sequence", WIDTH],
    constants(("table", table), ("mix", mix)))
classifier = save(
    "classifier",
    pooled("pieces_of_text", "which_count")
    + [helper.make_node("Squeeze", ["mean", "axis1"], ["flat"]), helper.make_node("MatMul", ["flat", "head"], ["logits"])],
    ["pieces_of_text", "which_count"], "logits", ["batch", CLASSES], constants(("table", table), ("head", head)))

lengths = [7, 3, 5]
mask = np.int64([[1] * n + [0] * (7 - n) for n in lengths])
ids = random.integers(0, PIECES, size=mask.shape) * mask
hidden = encoder.run(None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": 0 * ids})[0]
mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
logits = classifier.run(None, {"pieces_of_text": ids, "which_count": mask})[0]
save_file({"ids": ids, "mask": mask, "mean": mean.astype(np.float32), "first": hidden[:, 0].copy(), "max": np.where(mask[..., None] > 0, hidden, -np.inf).max(1).astype(np.float32), "logits": logits}, "expected.safetensors")
