"""Writes core/src/test/resources/pytorch/ with PyTorch and safetensors from Python.

Run from the repository root: python3 core/src/test/python/make_pytorch_resources.py
The values depend on PyTorch alone; they were made with PyTorch 2.13 on a CPU.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

TARGET = Path("core/src/test/resources/pytorch")


class StudentCnn(nn.Module):
    """The student of the seed document, for images of 8 x 8 pixels."""

    def __init__(self, channels, side, classes):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(channels, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Sequential(
            nn.Linear(32 * (side // 4) ** 2, 64), nn.ReLU(), nn.Linear(64, classes)
        )

    def forward(self, images):
        return self.classifier(self.features(images).flatten(1))


class Block(nn.Module):
    """A basic block with a projected shortcut where shapes change."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        main = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(main + (x if self.downsample is None else self.downsample(x)))


class ResNet8(nn.Module):
    """Three stages of one block each."""

    def __init__(self, channels, width, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.layer1 = nn.Sequential(Block(width, width, 1))
        self.layer2 = nn.Sequential(Block(width, 2 * width, 2))
        self.layer3 = nn.Sequential(Block(2 * width, 4 * width, 2))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(4 * width, classes)

    def forward(self, images):
        x = torch.relu(self.bn1(self.conv1(images)))
        return self.fc(self.avgpool(self.layer3(self.layer2(self.layer1(x)))).flatten(1))


def save(name, model, images):
    model.eval()
    with torch.no_grad():
        logits = model(images)
    state = {key: value.contiguous() for key, value in model.state_dict().items()}
    save_file(state, TARGET / f"{name}.safetensors", metadata={"format": "pt"})
    save_file({"images": images, "logits": logits}, TARGET / f"{name}.answers.safetensors")


def main():
    TARGET.mkdir(parents=True, exist_ok=True)

    torch.manual_seed(7)
    student = StudentCnn(1, 8, 10)  # its initial values are compared too: no other draw before
    torch.manual_seed(8)
    save("student-cnn", student, torch.rand(4, 1, 8, 8))

    torch.manual_seed(9)
    resnet = ResNet8(3, 4, 5)
    resnet.train()
    with torch.no_grad():
        for _ in range(3):  # moves the running statistics away from 0 and 1
            resnet(torch.rand(16, 3, 8, 8))
    save("resnet8", resnet, torch.rand(4, 3, 8, 8))

    numbers = {}
    for seed in (0, 123456789):
        generator = torch.Generator().manual_seed(seed)
        # 5 numbers take PyTorch's way for few numbers, 40 the one for many.
        numbers[f"{seed}.uniform.5"] = torch.empty(5).uniform_(-1, 2, generator=generator)
        numbers[f"{seed}.uniform.40"] = torch.empty(40).uniform_(0, 1, generator=generator)
        numbers[f"{seed}.normal.5"] = torch.empty(5).normal_(1, 3, generator=generator)
        numbers[f"{seed}.normal.40"] = torch.empty(40).normal_(0, 1, generator=generator)
        numbers[f"{seed}.bernoulli.40"] = torch.empty(40).bernoulli_(0.3, generator=generator)
    save_file(numbers, TARGET / "random.safetensors")


if __name__ == "__main__":
    main()
