"""Makes texts.onnx, a student of texts, and texts.txt, what ONNX Runtime in Python answers with it.

Made with onnx 1.23, onnxruntime 1.30 and tokenizers 0.23.2: python3 make-text.py. A line of texts.txt: the text, a tab,
the logits.
"""
import json

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer

FILE = "../../../../../prepare/src/test/resources/tokenizers/uncased.json"
AT_MOST = 12
random = np.random.default_rng(5)
tokenizer = Tokenizer.from_file(FILE)
tokenizer.no_padding()
tokenizer.encode_special_tokens = True
tokenizer.enable_truncation(AT_MOST)
classes = ["card", "weather", "greeting"]
table = random.normal(size=(tokenizer.get_vocab_size(), 4)).astype(np.float32)
w = random.normal(size=(4, len(classes))).astype(np.float32)
weights = [numpy_helper.from_array(table, "table"), numpy_helper.from_array(w, "w"), numpy_helper.from_array(np.int64([2]), "two"), numpy_helper.from_array(np.int64([1]), "one")]
nodes = [
    helper.make_node("Gather", ["table", "input_ids"], ["pieces"]),
    helper.make_node("Cast", ["attention_mask"], ["m"], to=TensorProto.FLOAT),
    helper.make_node("Unsqueeze", ["m", "two"], ["mask"]),
    helper.make_node("Mul", ["pieces", "mask"], ["kept"]),
    helper.make_node("ReduceSum", ["kept", "one"], ["sum"], keepdims=0),
    helper.make_node("ReduceSum", ["mask", "one"], ["count"], keepdims=0),
    helper.make_node("Div", ["sum", "count"], ["mean"]),
    helper.make_node("MatMul", ["mean", "w"], ["logits"]),
]
ports = [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "tokens"]) for n in ("input_ids", "attention_mask")]
graph = helper.make_graph(nodes, "texts", ports, [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", len(classes)])], weights)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
steps = [{"tokenize": {"at-most": AT_MOST, "tokenizer": open(FILE, encoding="utf-8").read()}}]
preparation = {"schema": 1, "input": "text", "shape": [-1], "steps": steps, "inside": []}
helper.set_model_props(model, {"ranbiki.preparation": json.dumps(preparation), "ranbiki.classes": "\n".join(classes)})
onnx.checker.check_model(model)
onnx.save(model, "texts.onnx")
session = onnxruntime.InferenceSession("texts.onnx")
with open("texts.txt", "w", encoding="utf-8") as out:
    for text in ["My card is not here!", "", "hello hello hello " * 9, "東京 😀 [CLS]", "unaffable"]:
        ids = np.int64([tokenizer.encode(text).ids])
        logits = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
        out.write(text + "\t" + " ".join(f"{x:.9g}" for x in logits) + "\n")
