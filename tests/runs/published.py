"""Tiny published models on disk, as others would hand them over: BERT, GPT-2 and ConvNeXt."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from lamina.runtime.byte_pairs import byte_characters

WIDTH, HIDDEN, DEPTH = 16, 32, 2
WORDS = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]"),
    *("fine", "lovely", "great", "warm", "awful", "dull", "cold", "broken"),
    *("the", "a", "room", "film", "was", "and", "very", "quite", "serv", "##ice", "plot"),
]


def bert_folder(folder: Path, *, seed: int = 0) -> Path:
    """Write config, weights and vocabulary of a BERT."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "model_type": "bert",
        "hidden_size": WIDTH,
        "num_hidden_layers": DEPTH,
        "num_attention_heads": 2,
        "intermediate_size": HIDDEN,
        "max_position_embeddings": 32,
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    torch.manual_seed(seed)
    tensors = {
        "embeddings.word_embeddings.weight": torch.randn(len(WORDS), WIDTH),
        "embeddings.position_embeddings.weight": 0.1 * torch.randn(32, WIDTH),
        "embeddings.token_type_embeddings.weight": 0.1 * torch.randn(2, WIDTH),
        **_norm("embeddings.LayerNorm"),
        **_linear("pooler.dense", WIDTH, WIDTH),
    }
    for layer in range(DEPTH):
        at = f"encoder.layer.{layer}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            tensors |= _linear(f"{at}.attention.{part}", WIDTH, WIDTH)
        tensors |= _norm(f"{at}.attention.output.LayerNorm") | _norm(f"{at}.output.LayerNorm")
        tensors |= _linear(f"{at}.intermediate.dense", WIDTH, HIDDEN)
        tensors |= _linear(f"{at}.output.dense", HIDDEN, WIDTH)
    save_file(
        {f"bert.{name}": value for name, value in tensors.items()}, folder / "model.safetensors"
    )
    return folder


def convnext_folder(folder: Path) -> Path:
    """Write config, weights and picture settings of a ConvNeXt."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {"model_type": "convnext", "hidden_sizes": [8], "depths": [1]}
    (folder / "config.json").write_text(json.dumps(config))
    settings = {"size": 16, "image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.2, 0.1]}
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    torch.manual_seed(0)
    at = "encoder.stages.0.layers.0"
    tensors = {
        "embeddings.patch_embeddings.weight": torch.randn(8, 3, 4, 4) / 7,
        "embeddings.patch_embeddings.bias": torch.zeros(8),
        f"{at}.dwconv.weight": torch.randn(8, 1, 7, 7) / 7,
        f"{at}.dwconv.bias": torch.zeros(8),
        f"{at}.layer_scale_parameter": torch.ones(8),
        **_linear(f"{at}.pwconv1", 8, 32),
        **_linear(f"{at}.pwconv2", 32, 8),
    }
    for name in ("embeddings.layernorm", f"{at}.layernorm", "layernorm"):
        tensors |= {f"{name}.weight": torch.ones(8), f"{name}.bias": torch.zeros(8)}
    save_file({f"convnext.{n}": v for n, v in tensors.items()}, folder / "model.safetensors")
    return folder


def _linear(name: str, width_in: int, width: int) -> dict[str, Tensor]:
    weight = torch.randn(width, width_in) / width_in**0.5
    return {f"{name}.weight": weight, f"{name}.bias": torch.zeros(width)}


def _norm(name: str) -> dict[str, Tensor]:
    return {f"{name}.weight": torch.ones(WIDTH), f"{name}.bias": torch.zeros(WIDTH)}


def gpt2_folder(folder: Path) -> Path:
    """Write config, weights, vocabulary and merges of a GPT-2."""
    folder.mkdir(parents=True, exist_ok=True)
    pieces = [*byte_characters(), "Ġt", "he", "Ġthe", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({p: n for n, p in enumerate(pieces)}))
    (folder / "merges.txt").write_text("#version: 0.2\nĠ t\nh e\nĠt he\n")
    config = {"model_type": "gpt2", "n_embd": WIDTH, "n_layer": 1, "n_head": 2, "n_positions": 256}
    (folder / "config.json").write_text(json.dumps(config))
    torch.manual_seed(0)
    tensors = {
        "wte.weight": torch.randn(len(pieces), WIDTH),
        "wpe.weight": 0.1 * torch.randn(256, WIDTH),
        **_norm("ln_f"),
        **_norm("h.0.ln_1"),
        **_norm("h.0.ln_2"),
    }
    # Its matrices lie the other way round.
    for name, width_in, width in (
        ("attn.c_attn", WIDTH, 3 * WIDTH),
        ("attn.c_proj", WIDTH, WIDTH),
        ("mlp.c_fc", WIDTH, 4 * WIDTH),
        ("mlp.c_proj", 4 * WIDTH, WIDTH),
    ):
        layer = _linear(f"h.0.{name}", width_in, width)
        layer[f"h.0.{name}.weight"] = layer[f"h.0.{name}.weight"].t().contiguous()
        tensors |= layer
    save_file(tensors, folder / "model.safetensors")
    return folder
