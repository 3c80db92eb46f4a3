"""Writes core/src/test/resources/hub with transformers from Python.

Run from the repository root: python3 core/src/test/python/make_hub_resources.py
Made with transformers 5.18 and PyTorch 2.13 on a CPU. For every family of encoders a folder as
save_pretrained leaves it, with random weights, and what the network answers to three texts of
different lengths (golden.safetensors): hidden states, attention and logits. One folder has its
weights in several files; one is that of a sentence encoder, with a tokenizer and a pooling.
"""

import json
import os

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    ModernBertConfig,
    ModernBertForSequenceClassification,
    RobertaConfig,
    RobertaForSequenceClassification,
)

ROOT = "core/src/test/resources/hub/"
NAMES = {0: "ask", 1: "go", 2: "pay"}
SIZES = {"vocab_size": 30, "hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2}
USUAL = {**SIZES, "intermediate_size": 20, "max_position_embeddings": 14}


def folder(name, network, **save):
    torch.manual_seed(5)
    with torch.no_grad():
        for path, parameter in network.named_parameters():
            noise = torch.randn_like(parameter)
            norm = parameter.dim() == 1 and path.endswith("weight")
            parameter.copy_(1 + 0.2 * noise if norm else 0.3 * noise)
    network.eval()
    network.save_pretrained(ROOT + name, **save)
    lengths = [9, 4, 2]
    pad = network.config.pad_token_id
    mask = torch.tensor([[1] * n + [0] * (9 - n) for n in lengths])
    ids = torch.where(mask == 1, torch.randint(5, 30, (3, 9)), pad)
    with torch.no_grad():
        answer = network(
            ids, attention_mask=mask, output_hidden_states=True, output_attentions=True
        )
    golden = {"ids": ids, "mask": mask}
    if "logits" in answer:
        golden["logits"] = answer.logits
    else:
        real = mask.unsqueeze(2).float()
        golden["mean"] = (answer.last_hidden_state * real).sum(1) / real.sum(1)
        golden["cls"] = answer.last_hidden_state[:, 0]
        golden["max"] = answer.last_hidden_state.masked_fill(real == 0, -1e9).amax(1)
    for i, hidden in enumerate(answer.hidden_states):
        golden[f"hidden.{i}"] = hidden
    for i, attention in enumerate(answer.attentions):
        golden[f"attention.{i}"] = attention
    save_file({k: v.contiguous() for k, v in golden.items()}, ROOT + name + "/golden.safetensors")


common = {"id2label": NAMES, "label2id": {v: k for k, v in NAMES.items()}, "attn_implementation": "eager"}
folder("bert", BertForSequenceClassification(BertConfig(**USUAL, **common)), max_shard_size="8KB")
folder(
    "distilbert",
    DistilBertForSequenceClassification(
        DistilBertConfig(
            vocab_size=30, dim=16, n_layers=3, n_heads=2, hidden_dim=20,
            max_position_embeddings=14, **common,
        )
    ),
)
roberta = {**USUAL, "type_vocab_size": 1, "max_position_embeddings": 16, "layer_norm_eps": 1e-5}
folder("roberta", RobertaForSequenceClassification(RobertaConfig(**roberta, **common)))
folder(
    "modernbert",
    ModernBertForSequenceClassification(
        ModernBertConfig(
            **USUAL, local_attention=4, pad_token_id=0, classifier_pooling="mean",
            bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2, **common,
        )
    ),
)
folder("sentence", BertModel(BertConfig(**USUAL, attn_implementation="eager")))

pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
pieces += ["where", "is", "my", "card", "how", "do", "i", "pay", "?", "new", "the", "##s", "##ed"]
pieces += [f"w{i}" for i in range(30 - len(pieces))]
tokenizer = Tokenizer(models.WordPiece({p: i for i, p in enumerate(pieces)}, unk_token="[UNK]"))
tokenizer.normalizer = normalizers.BertNormalizer()
tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
tokenizer.post_processor = processors.TemplateProcessing(
    single="[CLS] $A [SEP]",
    pair="[CLS] $A [SEP] $B:1 [SEP]:1",
    special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
)
for name in os.listdir(ROOT):
    tokenizer.save(ROOT + name + "/tokenizer.json")


def put(file, value):
    os.makedirs(os.path.dirname(ROOT + file), exist_ok=True)
    with open(ROOT + file, "w") as out:
        json.dump(value, out, indent=2)
        out.write("\n")


put("sentence/1_Pooling/config.json", {
    "word_embedding_dimension": 16,
    "pooling_mode_cls_token": False,
    "pooling_mode_mean_tokens": True,
    "pooling_mode_max_tokens": False,
    "pooling_mode_mean_sqrt_len_tokens": False,
})
put("sentence/sentence_bert_config.json", {"max_seq_length": 12, "do_lower_case": False})
put("sentence/modules.json", [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
])


class Vectors(torch.nn.Module):
    """What exporters of sentence encoders write: the hidden states of the last layer."""

    def __init__(self, network):
        super().__init__()
        self.embeddings, self.encoder = network.embeddings, network.encoder

    def forward(self, input_ids, attention_mask, token_type_ids):
        hidden = self.embeddings(input_ids=input_ids, token_type_ids=token_type_ids)
        mask = (1.0 - attention_mask[:, None, None, :].float()) * -1e9
        return self.encoder(hidden, attention_mask=mask).last_hidden_state


network = BertModel.from_pretrained(ROOT + "sentence", attn_implementation="eager").eval()
example = torch.randint(5, 30, (2, 7))
names = ["input_ids", "attention_mask", "token_type_ids"]
torch.onnx.export(
    Vectors(network),
    (example, torch.ones_like(example), torch.zeros_like(example)),
    ROOT + "sentence/model.onnx",
    input_names=names,
    output_names=["last_hidden_state"],
    dynamic_axes={name: {0: "batch", 1: "tokens"} for name in names},
    opset_version=14,
    dynamo=False,
)
