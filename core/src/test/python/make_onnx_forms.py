"""Makes one small network in the many forms in which people have ONNX files, and its answers.

    python3 core/src/test/python/make_onnx_forms.py core/src/test/resources/onnx-forms

Answers are those of PyTorch, trees those of scikit-learn; ONNX Runtime gave the same for every file.
Made with torch 2.13, onnx 1.23, onnxruntime 1.30 and scikit-learn 1.9.
"""
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto as T, helper as h, numpy_helper as nh
from safetensors.torch import save_file
from sklearn.tree import DecisionTreeClassifier

out = Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
torch.manual_seed(0)
random = np.random.default_rng(0)
HEIGHT, WIDTH, CLASSES = 2, 3, 4
NUMBERS = HEIGHT * WIDTH
pixels = random.integers(0, 256, (5, 1, HEIGHT, WIDTH)).astype(np.uint8)
images = pixels.astype(np.float32) / 255
net = torch.nn.Linear(NUMBERS, CLASSES)
weight, bias = net.weight.detach().numpy(), net.bias.detach().numpy()
logits = net(torch.from_numpy(images).flatten(1)).detach()
colour = random.random((5, 3, HEIGHT, WIDTH)).astype(np.float32)
colour_net = torch.nn.Linear(3 * NUMBERS, CLASSES)
expected = {
    "images": torch.from_numpy(images), "logits": logits, "probabilities": logits.softmax(1),
    "colour": torch.from_numpy(colour),
    "colour-chw": colour_net(torch.from_numpy(colour).flatten(1)).detach(),
    "colour-hwc": colour_net(torch.from_numpy(colour).permute(0, 2, 3, 1).flatten(1)).detach()}

vi = h.make_tensor_value_info
IMAGE = vi("x", T.FLOAT, ["n", 1, HEIGHT, WIDTH])
LOGITS = vi("logits", T.FLOAT, ["n", CLASSES])
FLAT = [h.make_node("Flatten", ["x"], ["flat"], axis=1)]
ML = h.make_opsetid("ai.onnx.ml", 3)


def save(name, feed, pre=FLAT, post=(), inp=IMAGE, outs=(LOGITS,), ini=(), dt=np.float32, ir=8, w=weight, b=bias,
         ops=(), core=None):
    core = core or [h.make_node("Gemm", ["flat", "w", "b"], ["logits"], transB=1)]
    graph = h.make_graph(list(pre) + core + list(post), "g", [inp], list(outs),
                         [nh.from_array(w.astype(dt), "w"), nh.from_array(b.astype(dt), "b"), *ini])
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17), *ops], ir_version=ir)
    onnx.save(model, out / f"{name}.onnx")
    if ir < 14 and feed is not None:
        return onnxruntime.InferenceSession(str(out / f"{name}.onnx")).run(None, {"x": feed})
    return None


def close(answer, wanted=logits, within=1e-5):
    assert np.allclose(np.asarray(answer).reshape(5, -1), wanted.numpy(), atol=within), answer


rows = images.reshape(5, NUMBERS)
close(save("flat", rows, inp=vi("x", T.FLOAT, ["n", NUMBERS]))[0])
close(save("no-channel", images[:, 0], inp=vi("x", T.FLOAT, ["n", HEIGHT, WIDTH]))[0])
close(save("free", images, inp=vi("x", T.FLOAT, ["n", "c", "h", "w"]))[0])
close(save("free-flat", rows, inp=vi("x", T.FLOAT, ["n", "f"]))[0])
close(save("image-for-rows", images)[0])
SCALED = [h.make_node("Cast", ["x"], ["xf"], to=T.FLOAT), h.make_node("Div", ["xf", "c255"], ["xs"]),
          h.make_node("Flatten", ["xs"], ["flat"], axis=1)]
C255 = [nh.from_array(np.float32(255), "c255")]
close(save("uint8-nhwc", pixels.transpose(0, 2, 3, 1), pre=SCALED, ini=C255, inp=vi("x", T.UINT8, ["n", HEIGHT, WIDTH, 1]))[0])
close(save("float64", images.astype(np.float64), inp=vi("x", T.DOUBLE, ["n", 1, HEIGHT, WIDTH]),
           outs=[vi("logits", T.DOUBLE, ["n", CLASSES])], dt=np.float64)[0])
close(save("float16", images.astype(np.float16), inp=vi("x", T.FLOAT16, ["n", 1, HEIGHT, WIDTH]),
           outs=[vi("logits", T.FLOAT16, ["n", CLASSES])], dt=np.float16)[0], within=5e-3)
close(save("output-float64", images, post=[h.make_node("Cast", ["logits"], ["out"], to=T.DOUBLE)],
           outs=[vi("out", T.DOUBLE, ["n", CLASSES])])[0])
for name, shape in (("output-4d", [-1, CLASSES, 1, 1]), ("output-3d", [-1, 1, CLASSES])):
    close(save(name, images, post=[h.make_node("Reshape", ["logits", "s"], ["out"])],
               outs=[vi("out", T.FLOAT, ["n", *shape[1:]])], ini=[nh.from_array(np.array(shape), "s")])[0])
SOFTMAX = h.make_node("Softmax", ["logits"], ["p"], axis=1)
LABEL = h.make_node("ArgMax", ["logits"], ["output_label"], axis=1, keepdims=0)
close(save("label-and-probabilities", images,
           post=[h.make_node("Softmax", ["logits"], ["probabilities"], axis=1), LABEL],
           outs=[vi("output_label", T.INT64, ["n"]), vi("probabilities", T.FLOAT, ["n", CLASSES])])[1],
      logits.softmax(1))
MAPS = h.make_value_info("output_probability", h.make_sequence_type_proto(
    h.make_map_type_proto(T.INT64, h.make_tensor_type_proto(T.FLOAT, None))))
ZIP = h.make_node("ZipMap", ["p"], ["output_probability"], domain="ai.onnx.ml", classlabels_int64s=list(range(CLASSES)))
maps = save("zipmap", rows, inp=vi("x", T.FLOAT, [None, NUMBERS]), post=[SOFTMAX, LABEL, ZIP],
            outs=[vi("output_label", T.INT64, [None]), MAPS], ops=[ML])[1]
close([[row[c] for c in range(CLASSES)] for row in maps], logits.softmax(1))
save("opset17-ir14", None, ir=14)
close(save("colour-flat", colour.reshape(5, -1), inp=vi("x", T.FLOAT, ["n", 3 * NUMBERS]),
           w=colour_net.weight.detach().numpy(), b=colour_net.bias.detach().numpy())[0], expected["colour-chw"])
save("two-heads", images, post=[h.make_node("Neg", ["logits"], ["other"])],
     outs=[LOGITS, vi("other", T.FLOAT, ["n", CLASSES])])
save("one-column-a-class", images, post=[h.make_node("Split", ["logits"], list("pqrs"), axis=1)],
     outs=[vi(c, T.FLOAT, ["n", 1]) for c in "pqrs"])
save("int64", (images * 255).astype(np.int64),
     pre=[h.make_node("Cast", ["x"], ["xf"], to=T.FLOAT), h.make_node("Flatten", ["xf"], ["flat"], axis=1)],
     inp=vi("x", T.INT64, ["n", 1, HEIGHT, WIDTH]))
# Answers with text, whose type has the number 8.
save("text", images, outs=[LOGITS, vi("name", T.STRING, ["n"])],
     post=[h.make_node("Shape", ["logits"], ["s"]), h.make_node("Gather", ["s", "zero"], ["n1"]),
           h.make_node("ConstantOfShape", ["n1"], ["zeros"]), h.make_node("Cast", ["zeros"], ["name"], to=T.STRING)],
     ini=[nh.from_array(np.array([0]), "zero")])

# A decision tree as scikit-learn's converter writes it: its numbers are attributes, not weights.
many = random.random((400, NUMBERS)).astype(np.float32)
tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(many, np.argmax(many[:, :CLASSES], 1))
t, leaves = tree.tree_, np.flatnonzero(tree.tree_.children_left < 0)
node = h.make_node(
    "TreeEnsembleClassifier", ["x"], ["label", "probs"], domain="ai.onnx.ml", post_transform="NONE",
    nodes_treeids=[0] * t.node_count, nodes_nodeids=list(range(t.node_count)),
    nodes_featureids=[max(0, int(f)) for f in t.feature], nodes_values=[float(v) for v in t.threshold],
    nodes_modes=["LEAF" if left < 0 else "BRANCH_LEQ" for left in t.children_left],
    nodes_truenodeids=[max(0, int(i)) for i in t.children_left], nodes_falsenodeids=[max(0, int(i)) for i in t.children_right],
    nodes_hitrates=[1.0] * t.node_count, nodes_missing_value_tracks_true=[0] * t.node_count,
    class_treeids=[0] * (len(leaves) * CLASSES), class_nodeids=[int(i) for i in leaves for _ in range(CLASSES)],
    class_ids=list(range(CLASSES)) * len(leaves),
    class_weights=[float(v) for i in leaves for v in t.value[i][0]], classlabels_int64s=list(range(CLASSES)))
zipped = h.make_node("ZipMap", ["probs"], ["output_probability"], domain="ai.onnx.ml", classlabels_int64s=list(range(CLASSES)))
graph = h.make_graph([node, zipped, h.make_node("Identity", ["label"], ["output_label"])], "g",
                     [vi("x", T.FLOAT, [None, NUMBERS])], [vi("output_label", T.INT64, [None]), MAPS])
onnx.save(h.make_model(graph, opset_imports=[h.make_opsetid("", 17), ML], ir_version=8), out / "tree-zipmap.onnx")
maps = onnxruntime.InferenceSession(str(out / "tree-zipmap.onnx")).run(None, {"x": rows})[1]
expected["tree"] = torch.from_numpy(tree.predict_proba(rows).astype(np.float32))
close([[row[c] for c in range(CLASSES)] for row in maps], expected["tree"])
save_file({k: v.contiguous() for k, v in expected.items()}, out / "expected.safetensors")
