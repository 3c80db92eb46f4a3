"""Writes core/src/test/resources/pytorch/bert.safetensors with transformers from Python.

Run from the repository root: python3 core/src/test/python/make_bert_resources.py
Made with transformers 5.18 and PyTorch 2.13 on a CPU. A classifier of three texts of different
lengths: weights ("weights."), answers with the first token's pooler ("cls.") and with the mean of
the tokens ("mean."), and gradients of the cross-entropy for the labels 2, 0, 4.
"""

import torch
from safetensors.torch import save_file
from torch.nn import functional
from transformers import BertConfig, BertForSequenceClassification

torch.manual_seed(3)
config = BertConfig(
    vocab_size=40,
    hidden_size=24,
    num_hidden_layers=2,
    num_attention_heads=3,
    intermediate_size=36,
    max_position_embeddings=12,
    num_labels=5,
)
network = BertForSequenceClassification(config).eval()
with torch.no_grad():
    for name, parameter in network.named_parameters():
        noise = torch.randn_like(parameter)
        parameter.copy_(1 + 0.2 * noise if "LayerNorm.weight" in name else 0.3 * noise)

lengths = [9, 4, 2]
mask = torch.tensor([[1] * n + [0] * (9 - n) for n in lengths])
ids = torch.randint(1, 40, (3, 9)) * mask
labels = torch.tensor([2, 0, 4])
out = {"ids": ids, "mask": mask, "labels": labels}
named = {name.removeprefix("bert."): p for name, p in network.named_parameters()}
for name, parameter in named.items():
    out["weights." + name] = parameter.detach().clone()

hidden = network.bert(ids, attention_mask=mask)
real = mask.unsqueeze(2).float()
pooled = {
    "cls": hidden.pooler_output,
    "mean": (hidden.last_hidden_state * real).sum(1) / real.sum(1),
}
out["hidden"] = hidden.last_hidden_state.detach()
for name, vectors in pooled.items():
    logits = network.classifier(vectors)
    out[name + ".logits"] = logits.detach()
    network.zero_grad()
    functional.cross_entropy(logits, labels).backward(retain_graph=True)
    for path, parameter in named.items():
        if parameter.grad is not None:
            out[name + ".grad." + path] = parameter.grad.clone()
save_file(out, "core/src/test/resources/pytorch/bert.safetensors")
