"""Writes core/src/test/resources/masked with transformers from Python.

Run from the repository root: python3 core/src/test/python/make_masked_resources.py
Made with transformers 5.18 and PyTorch 2.13 on a CPU. For every family of encoders a folder of its
network ForMaskedLM as save_pretrained leaves it, with random weights, and the logits that it gives
for every place of three texts of different lengths (golden.safetensors).
"""

import os
import shutil

import torch
from safetensors.torch import save_file
from transformers import (
    BertConfig,
    BertForMaskedLM,
    DistilBertConfig,
    DistilBertForMaskedLM,
    ModernBertConfig,
    ModernBertForMaskedLM,
    RobertaConfig,
    RobertaForMaskedLM,
)

ROOT = "core/src/test/resources/masked/"
USUAL = {
    "vocab_size": 30, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
    "intermediate_size": 20, "max_position_embeddings": 14,
}


def folder(name, network):
    torch.manual_seed(6)
    with torch.no_grad():
        for path, parameter in network.named_parameters():
            noise = torch.randn_like(parameter)
            norm = parameter.dim() == 1 and path.endswith("weight")
            parameter.copy_(1 + 0.2 * noise if norm else 0.3 * noise)
    network.eval()
    network.save_pretrained(ROOT + name)
    shutil.copy("core/src/test/resources/hub/bert/tokenizer.json", ROOT + name)
    lengths = [9, 4, 2]
    pad = network.config.pad_token_id
    mask = torch.tensor([[1] * n + [0] * (9 - n) for n in lengths])
    ids = torch.where(mask == 1, torch.randint(5, 30, (3, 9)), pad)
    with torch.no_grad():
        logits = network(ids, attention_mask=mask).logits
    golden = {"ids": ids, "mask": mask, "logits": logits.contiguous()}
    save_file(golden, ROOT + name + "/golden.safetensors")


folder("bert", BertForMaskedLM(BertConfig(**USUAL)))
folder(
    "distilbert",
    DistilBertForMaskedLM(
        DistilBertConfig(
            vocab_size=30, dim=16, n_layers=2, n_heads=2, hidden_dim=20, max_position_embeddings=14
        )
    ),
)
roberta = {**USUAL, "type_vocab_size": 1, "max_position_embeddings": 16, "layer_norm_eps": 1e-5}
folder("roberta", RobertaForMaskedLM(RobertaConfig(**roberta)))
folder(
    "modernbert",
    ModernBertForMaskedLM(
        ModernBertConfig(
            **USUAL, local_attention=4, pad_token_id=0, bos_token_id=1, eos_token_id=2,
            cls_token_id=1, sep_token_id=2,
        )
    ),
)
