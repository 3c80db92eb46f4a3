# Makes core/src/test/resources/pytorch/sound-cnn.safetensors with torch: weights, samples of two lengths and the
# logits of each by itself. Run from the root:  python3 core/src/test/python/make_sound_cnn_resources.py
import torch
from safetensors.torch import save_file
from torch import nn

torch.manual_seed(7)
MELS, CLASSES, WIDTH, DEPTH = 7, 3, 2, 3


class SoundCnn(nn.Module):
    def __init__(self):
        super().__init__()
        channels, bands = 1, MELS
        for i in range(DEPTH):
            out = WIDTH << i
            conv = nn.Conv2d(channels, out, 3, stride=1 if i == 0 else 2, padding=1, bias=False)
            setattr(self, f"layer{i + 1}", nn.Sequential(conv, nn.BatchNorm2d(out), nn.ReLU()))
            channels, bands = out, bands if i == 0 else (bands + 1) // 2
        self.fc = nn.Linear(channels * bands, CLASSES)

    def forward(self, x):
        for i in range(DEPTH):
            x = getattr(self, f"layer{i + 1}")(x)
        return self.fc(x.mean(2).flatten(1))


model = SoundCnn()
for module in model.modules():
    if isinstance(module, nn.BatchNorm2d):
        nn.init.uniform_(module.weight, 0.5, 1.5)
        nn.init.normal_(module.bias)
        nn.init.normal_(module.running_mean)
        nn.init.uniform_(module.running_var, 0.5, 1.5)
model.eval()
tensors = {"weights." + name: tensor for name, tensor in model.state_dict().items()}
with torch.no_grad():
    for name, frames in [("short", 6), ("long", 11), ("one", 1)]:
        sound = torch.randn(1, 1, frames, MELS)
        tensors["in." + name] = sound
        tensors["out." + name] = model(sound)
save_file(tensors, "core/src/test/resources/pytorch/sound-cnn.safetensors")
