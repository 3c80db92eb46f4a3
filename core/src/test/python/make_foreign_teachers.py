"""Makes the ONNX and TorchScript files of the tests, and the answers that PyTorch gives.

    python3 core/src/test/python/make_foreign_teachers.py core/src/test/resources/foreign

Made with torch 2.13, onnx 1.23 and onnxruntime 1.30.
"""
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save_file
from torch import nn

warnings.filterwarnings("ignore")
out = Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)


class Block(nn.Module):
    """Adds its input: the output of a block is not that of its last child."""

    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x):
        return torch.relu(self.norm(self.conv(x)) + x)


class Net(nn.Module):
    """28 x 28 grey images to 10 classes: plain layers, a block, dropout, two heads of layers."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), Block(4), nn.MaxPool2d(2))
        self.classifier = nn.Sequential(nn.Dropout(0.5), nn.Linear(196, 16), nn.ReLU(), nn.Linear(16, 10))

    def forward(self, x):
        return self.classifier(torch.flatten(self.features(x), 1))


class ChannelsLast(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return self.net(x.permute(0, 3, 1, 2))


class TwoOutputs(nn.Module):
    """The second output has the shape of logits too, but for another number of classes."""

    def __init__(self, net):
        super().__init__()
        self.net = net
        self.coarse = nn.Linear(10, 3)

    def forward(self, x):
        logits = self.net(x)
        return logits, self.coarse(logits)


class Conditional(nn.Module):
    """Code that a trace cannot hold; one child runs under a condition."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Linear(6, 8)
        self.extra = nn.Linear(8, 8)
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        h = torch.relu(self.stem(x))
        if bool(h.sum() > 1e9):
            h = self.extra(h)
        return self.head(h)


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        y = self.head(x)
        return y, y + 1


torch.manual_seed(7)
net = Net()
net.train()
with torch.no_grad():  # running statistics that are not those of a new layer
    for _ in range(5):
        net(torch.randn(32, 1, 28, 28) * 2 + 1)
net.eval()
images = torch.randn(3, 1, 28, 28)

taps = {}
for path, module in net.named_modules():
    if path:
        module.register_forward_hook(lambda m, i, o, path=path: taps.__setitem__(path, o.detach()))
with torch.no_grad():
    logits = net(images)
save_file(
    {"images": images, "logits": logits.contiguous(),
     **{f"tap.{path}": taps[path].contiguous() for path in ("features.0", "features.3", "features.3.conv", "classifier.1")}},
    out / "expected.safetensors")
for module in net.modules():
    module._forward_hooks.clear()

# ---- ONNX

one = images[:1]
torch.onnx.export(net, (one,), out / "dynamic.onnx", dynamo=False, opset_version=17, input_names=["pixels"],
                  output_names=["scores"], dynamic_axes={"pixels": {0: "n"}, "scores": {0: "n"}})
torch.onnx.export(net, (images[:2],), out / "fixed.onnx", dynamo=False, opset_version=17, input_names=["x"], output_names=["y"])
torch.onnx.export(ChannelsLast(net), (one.permute(0, 2, 3, 1).contiguous(),), out / "nhwc.onnx", dynamo=False,
                  opset_version=17, input_names=["image"], output_names=["y"], dynamic_axes={"image": {0: "n"}, "y": {0: "n"}})
torch.manual_seed(8)
torch.onnx.export(TwoOutputs(net).eval(), (one,), out / "two-outputs.onnx", dynamo=False, opset_version=17,
                  input_names=["x"], output_names=["fine", "coarse"],
                  dynamic_axes={"x": {0: "n"}, "fine": {0: "n"}, "coarse": {0: "n"}})

model = onnx.load(out / "dynamic.onnx")
(out / "external.bin").unlink(missing_ok=True)  # else it is appended to
onnx.save(model, out / "external.onnx", save_as_external_data=True, location="external.bin", size_threshold=256)


def tiny(name, nodes, inputs, outputs, weights=()):
    graph = helper.make_graph(nodes, name, inputs, outputs, [numpy_helper.from_array(w, n) for n, w in weights])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made)
    onnx.save(made, out / f"{name}.onnx")


def floats(name, *shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


weight = np.arange(18, dtype=np.float32).reshape(6, 3) / 10
tiny("rows", [helper.make_node("MatMul", ["x", "w"], ["y"])], [floats("x", "n", 6)], [floats("y", "n", 3)], [("w", weight)])
tiny("two-inputs", [helper.make_node("MatMul", ["x", "w"], ["h"]), helper.make_node("Add", ["h", "mask"], ["y"])],
     [floats("x", "n", 6), floats("mask", "n", 3)], [floats("y", "n", 3)], [("w", weight)])
tiny("bytes", [helper.make_node("Cast", ["x"], ["f"], to=TensorProto.FLOAT), helper.make_node("MatMul", ["f", "w"], ["y"])],
     [helper.make_tensor_value_info("x", TensorProto.UINT8, ("n", 6))], [floats("y", "n", 3)], [("w", weight)])
tiny("noisy", [helper.make_node("MatMul", ["x", "w"], ["h"]), helper.make_node("RandomNormalLike", ["h"], ["r"]),
               helper.make_node("Add", ["h", "r"], ["y"])], [floats("x", "n", 6)], [floats("y", "n", 3)], [("w", weight)])

# ---- TorchScript


def save_script(module, name):
    """Without the tables that name the source files of the machine that made it."""
    torch.jit.save(module, out / name)
    with zipfile.ZipFile(out / name) as whole:
        parts = {part: whole.read(part) for part in whole.namelist() if not part.endswith(".debug_pkl")}
    with zipfile.ZipFile(out / name, "w", zipfile.ZIP_STORED) as stripped:
        for part, content in parts.items():
            stripped.writestr(zipfile.ZipInfo(part), content)


save_script(torch.jit.trace(net, one), "traced.pt")
save_script(torch.jit.script(net), "scripted.pt")
save_script(torch.jit.freeze(torch.jit.script(net)), "frozen.pt")
net.train()
save_script(torch.jit.trace(net, one, check_trace=False), "traced-in-training.pt")
net.eval()
torch.manual_seed(9)
conditional = Conditional().eval()
save_script(torch.jit.script(conditional), "conditional.pt")
save_script(torch.jit.script(Pair().eval()), "pair.pt")
torch.save(net.state_dict(), out / "state-dict.pt")
torch.save(net.state_dict(), out / "state-dict-legacy.pt", _use_new_zipfile_serialization=False)
rows = torch.randn(4, 6)
with torch.no_grad():
    save_file({"rows": rows, "conditional": conditional(rows), "matmul": rows @ torch.from_numpy(weight)},
              out / "expected-rows.safetensors")

# ---- what was made answers as PyTorch does

for name in ("dynamic", "external"):
    session = onnxruntime.InferenceSession(out / f"{name}.onnx")
    answer = session.run(None, {session.get_inputs()[0].name: images.numpy()})[0]
    assert np.abs(answer - logits.numpy()).max() < 1e-5, name
for name in ("traced", "scripted", "frozen"):
    assert (torch.jit.load(out / f"{name}.pt")(images) - logits).abs().max() < 1e-5, name
for file in sorted(out.iterdir()):
    assert file.stat().st_size < 100_000, file
    print(f"{file.stat().st_size:7d} {file.name}")
