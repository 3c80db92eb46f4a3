"""Makes encoder-q.onnx, classifier-q.onnx and expected-q.safetensors of what make.py made: quantised as onnxruntime does it by default.

Made with onnx 1.23, onnxruntime 1.30, safetensors: python3 quantize.py. `mean` and `logits` are the answers to each text alone, without
padding; `mean-together` and `logits-together` those to all texts at once.
"""
import numpy as np
import onnxruntime
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load_file, save_file

given = load_file("expected.safetensors")
ids, mask = given["ids"], given["mask"]


def session(name):
    quantize_dynamic(name + ".onnx", name + "-q.onnx", weight_type=QuantType.QInt8)
    return onnxruntime.InferenceSession(name + "-q.onnx")


def mean(ids, mask):
    hidden = encoder.run(None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": 0 * ids})[0]
    return ((hidden * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)).astype(np.float32)


def logits(ids, mask):
    return classifier.run(None, {"pieces_of_text": ids, "which_count": mask})[0]


encoder, classifier = session("encoder"), session("classifier")
alone = [(ids[i : i + 1, :n].copy(), mask[i : i + 1, :n].copy()) for i, n in enumerate(mask.sum(1))]
save_file(
    {
        "mean": np.concatenate([mean(*text) for text in alone]),
        "logits": np.concatenate([logits(*text) for text in alone]),
        "mean-together": mean(ids, mask),
        "logits-together": logits(ids, mask),
    },
    "expected-q.safetensors",
)
