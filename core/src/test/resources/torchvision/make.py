"""Names, shapes and answers of torchvision 0.28, on weights and images made by a formula.

Prints one line a tensor and one line of answers; what a number is, PhotoNetworksTest says again.
"""
import numpy as np, torch, torchvision.models as models

def numbers(seed, count):
  bits = (np.arange(count, dtype=np.uint64) + np.uint64(seed) * np.uint64(7919)) * np.uint64(2654435761)
  return ((bits & np.uint64(0xffffffff)) >> np.uint64(8)).astype(np.float64) / 2**24  # 0 to 1

def value(seed, name, shape):
  unit = numbers(seed, int(np.prod(shape))).reshape(shape)
  if name.endswith("running_var"): return 0.5 + unit
  if len(shape) == 1: return (0.5 if name.endswith("weight") else -0.5) + unit
  return (unit - 0.5) * np.sqrt(12 / np.prod(shape[1:]))

for title, network in (
    ("resnet-18 64", models.resnet18(num_classes=7)),
    ("mobilenet-v2 1", models.mobilenet_v2(num_classes=7)),
    ("mobilenet-v2 0.35", models.mobilenet_v2(num_classes=7, width_mult=0.35))):
  print("network", title)
  state = network.state_dict()
  for seed, (name, tensor) in enumerate(state.items()):
    print(name, *tensor.shape)
    if tensor.dim() > 0:
      state[name] = torch.tensor(value(seed, name, tuple(tensor.shape)), dtype=torch.float32)
  network.load_state_dict(state)
  images = torch.tensor(numbers(1000, 2 * 3 * 64 * 96).reshape(2, 3, 64, 96), dtype=torch.float32)
  with torch.no_grad():
    print("answers", *network.eval()(images).flatten().tolist())
