"""Makes the students of StudentTest and what ONNX Runtime in Python answers with them.

Made with onnx 1.23 and onnxruntime 1.30: python3 make.py
"""
import json
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

random = np.random.default_rng(7)


def student(name, shape, classes, steps, inside, *, softmax=False, drop=(), notes=None, output="logits", fixed=False):
    numbers = int(np.prod(shape))
    w = random.normal(size=(numbers, len(classes))).astype(np.float32)
    b = random.normal(size=len(classes)).astype(np.float32)
    nodes, weights, last = [], [numpy_helper.from_array(w, "w"), numpy_helper.from_array(b, "b")], "input"
    if "normalize" in inside:
        numbers_of = next(s["normalize"] for s in steps if "normalize" in s)
        lengths = [-1] + [1] * (len(shape) - 1)
        weights.append(numpy_helper.from_array(np.float32(numbers_of["mean"]).reshape(lengths), "mean"))
        weights.append(numpy_helper.from_array(np.float32(numbers_of["std"]).reshape(lengths), "std"))
        nodes += [helper.make_node("Sub", [last, "mean"], ["c"]), helper.make_node("Div", ["c", "std"], ["n"])]
        last = "n"
    nodes.append(helper.make_node("Flatten", [last], ["f"], axis=1))
    nodes.append(helper.make_node("Gemm", ["f", "w", "b"], ["z" if softmax else output]))
    if softmax:
        nodes.append(helper.make_node("Softmax", ["z"], [output], axis=1))
    batch = 4 if fixed else "batch"
    graph = helper.make_graph(
        nodes, name,
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [batch, *shape])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, [batch, len(classes)])],
        weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    preparation = {"schema": 1, "input": "image" if len(shape) == 3 else "values", "shape": shape,
                   "steps": steps, "inside": inside}
    about = {"ranbiki.preparation": json.dumps(preparation), "ranbiki.classes": "\n".join(classes), **(notes or {})}
    helper.set_model_props(model, {k: v for k, v in about.items() if k not in drop})
    onnx.checker.check_model(model)
    onnx.save(model, name + ".onnx")
    return name


def normalize(*pairs):
    return {"normalize": {"mean": [m for m, _ in pairs], "std": [s for _, s in pairs]}}


def answers(name, inputs):
    session = onnxruntime.InferenceSession(name + ".onnx")
    logits = session.run(None, {"input": np.float32(inputs)})[0]
    np.savetxt(name + ".txt", logits, fmt="%.9g")


pixels = random.integers(0, 256, size=(4, 5, 3), dtype=np.uint8)
Image.fromarray(pixels).save("colours.png")
rgb = np.float32(pixels).transpose(2, 0, 1)[None] / np.float32(255)
luma = np.float32(Image.open("colours.png").convert("L"))[None, None] / np.float32(255)
three = normalize((0.4, 0.2), (0.5, 0.25), (0.6, 0.3))
scale = {"scale": 0.00392156862745098}

shoes = ["boot", "sandal, open", "Turnschuh ü"]
answers(student("colours", [3, 4, 5], shoes, [{"decode": "rgb"}, scale, three], ["normalize"]), rgb)
outside = student("outside", [3, 4, 5], shoes, [{"decode": "rgb"}, scale, three], [])
mean = np.float32([0.4, 0.5, 0.6]).reshape(3, 1, 1)
std = np.float32([0.2, 0.25, 0.3]).reshape(3, 1, 1)
answers(outside, (rgb - mean) / std)
grey = student("grey", [1, 4, 5], shoes, [{"decode": "grey"}, scale, normalize((0.5, 0.25))], ["normalize"])
answers(grey, luma)
rows = student("rows", [3], ["no", "yes"], [normalize((1, 2), (3, 4), (5, 6))], ["normalize"])
answers(rows, [[1, 2, 3], [-4, 5.5, 1000]])

plain = ([3], ["no", "yes"], [], [])
student("softmax", *plain, softmax=True)
student("no-preparation", *plain, drop=["ranbiki.preparation"])
student("no-classes", *plain, drop=["ranbiki.classes"])
student("newer", *plain, notes={"ranbiki.preparation": '{"schema":2}'})
student("other-shape", *plain, notes={"ranbiki.preparation": '{"schema":1,"input":"values","shape":[4],"steps":[],"inside":[]}'})
student("other-classes", *plain, notes={"ranbiki.classes": "no\nyes\nperhaps"})
student("twice", *plain, notes={"ranbiki.classes": "yes\nyes"})
student("other-output", *plain, output="scores")
student("fixed-batch", *plain, fixed=True)
