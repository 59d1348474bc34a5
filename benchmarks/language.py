"""Language models: letters of tinyshakespeare beside a plain nanoGPT, and words of Penn Treebank.

    python benchmarks/language.py                    all cases
    python benchmarks/language.py lamina/180 nanogpt/180
    python benchmarks/language.py ptb/recurrent      about an hour and a half on one core

The first 90 % of the text are learnt from, but for the .5 % before the last 10 %, which only show
how training goes; the last 10 % are measured on. (Without the text right before it, with its people
and places, the end is much harder: see docs/log.md.) "lamina/SECONDS" is `lamina fit` with
`--time`; its figure is that of the report, over all stretches of the test part. "nanogpt/180" is
nanoGPT's setting for a processor (4 blocks, 4 heads, width 128, stretches of 64, batches of 12,
AdamW .001 with cosine, no dropout), hand-written in plain PyTorch, stopped by the same clock and
measured on the same characters. Both also give tokens per second; "share" is that of the matrix
product rate of this machine, six operations for each weight and token.

"ptb/NAME" is a language model of words with the decoder of that name, on the official parts of Penn
Treebank (10,000 words; the break of a line counts as a word, as is usual): perplexity of the test
part, all stretches, nothing learnt from it. Goal: below 90. "with_cache" is the same network, to
which `network.cache_share` and `cache_sharpness` were given that the validation part liked best.
"""

import dataclasses
import json
import math
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from common import data_folder, fit, read_results, write_results
from torch import Tensor, nn
from torch.nn import functional as F

import lamina
from lamina.networks.continuous_cache import CachedDecoder
from lamina.networks.language_model import LanguageModel

CASES = ("nanogpt/180", "lamina/180", "lamina/3600", "ptb/recurrent", "ptb/transformer")
PTB_GOAL = 90.0
PTB = {
    "recurrent": (
        "network.decoder=recurrent_decoder",
        "network.decoder.width=400",
        "network.decoder.dropout=0.4",
        "network.decoder.embedding_dropout=0.1",
        "network.decoder.weight_dropout=0.4",
        "network.context=64",
        "network.answering_context=2048",
        "training.batch_size=32",
        "training.steps=9000",
        "training.optimizer.rest.rate=0.002",
        "answering.batch_size=2",
    ),
    "transformer": (
        "network.decoder.width=256",
        "network.decoder.depth=4",
        "network.decoder.num_heads=8",
        "network.decoder.dropout=0.3",
        "network.decoder.embedding_dropout=0.1",
        "network.context=128",
        "training.batch_size=16",
        "training.steps=6000",
        "answering.batch_size=16",
    ),
}
"""Settings of language models of words."""
SHARES = (0.1, 0.06, 0.2)
SHARPNESSES = (4.0, 6.0, 8.0, 12.0, 16.0)
"""Of the caches that are tried."""
TEST_SHARE = 0.1
VALIDATION_SHARE = 0.005


class PlainBlock(nn.Module):
    """Block of nanoGPT: layer norms before, GELU, learned positions outside."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.joint, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Return the sequence after attention and feed-forward."""
        batch, length, width = x.shape
        parts = self.joint(self.first(x)).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.out(seen.transpose(1, 2).reshape(batch, length, width))
        return x + self.narrow(F.gelu(self.wide(self.second(x))))


class Plain(nn.Module):
    """nanoGPT."""

    def __init__(self, size: int, width: int = 128, depth: int = 4, length: int = 64) -> None:
        super().__init__()
        self.tokens, self.places = nn.Embedding(size, width), nn.Embedding(length, width)
        self.blocks = nn.Sequential(*(PlainBlock(width, 4) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)
        self.apply(_start)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores of the next character."""
        places = torch.arange(x.shape[1])
        hidden = self.norm(self.blocks(self.tokens(x) + self.places(places)))
        return F.linear(hidden, self.tokens.weight)


def _start(module: nn.Module) -> None:
    if isinstance(module, (nn.Linear, nn.Embedding)):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)


def plain(seconds: float) -> dict[str, Any]:
    """Train nanoGPT for some seconds and measure it on the test characters."""
    text = (data_folder("tinyshakespeare") / "input.txt").read_text(encoding="utf-8")
    letters = sorted(set(text))
    tokens = torch.tensor([letters.index(letter) for letter in text])
    cut, length, batch = int((1 - TEST_SHARE) * len(tokens)), 64, 12
    torch.manual_seed(0)
    model = Plain(len(letters))
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.1, fused=True
    )
    begin, steps = time.monotonic(), 0
    while (progress := (time.monotonic() - begin) / seconds) < 1:
        rate = 1e-4 + 9e-4 * 0.5 * (1 + math.cos(math.pi * progress))
        optimizer.param_groups[0]["lr"] = rate * min(1.0, (steps + 1) / 100)
        starts = torch.randint(0, cut - length - 1, (batch, 1))
        window = tokens[starts + torch.arange(length + 1)]
        loss = F.cross_entropy(model(window[:, :-1]).flatten(0, 1), window[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        steps += 1
    took = time.monotonic() - begin
    test = tokens[cut:]
    rows = test[: (len(test) - 1) // length * length + 1].unfold(0, length + 1, length)
    with torch.no_grad():
        parts = [
            F.cross_entropy(model(r[:, :-1]).flatten(0, 1), r[:, 1:].flatten(), reduction="sum")
            for r in rows.split(64)
        ]
    return {
        "nats": float(sum(parts) / rows[:, 1:].numel()),
        "steps": steps,
        "seconds": took,
        "tokens_per_second": steps * batch * length / took,
        "parameters": sum(p.numel() for p in model.parameters()),
    }


def ours(seconds: float) -> dict[str, Any]:
    """Fit with `--time` and return what the run says."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "run"
        source = data_folder("tinyshakespeare") / "input.txt"
        shares = {"test": TEST_SHARE, "validation": VALIDATION_SHARE}
        parts = [word for n, v in shares.items() for word in ("--set", f"data.split.{n}={v}")]
        told = fit(source, "--time", f"{seconds:g}s", "--overrule", *parts, keep=out)
        plan = (out / "plan.yaml").read_text(encoding="utf-8")
        rows = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    context = int(_after(plan, "context: "))
    batch = int(_after(plan, "batch_size: "))
    took, steps = told["training"]["seconds"], told["training"]["steps"]
    speed = steps * batch * context / took
    found = {
        "nats": told["metrics"]["nats_per_token"],
        "bits_per_byte": told["metrics"]["bits_per_byte"],
        "baselines": {n: b["nats_per_token"] for n, b in told["baselines"].items()},
        "steps": steps,
        "seconds": took,
        "tokens_per_second": speed,
        "parameters": told["parameters"],
        "depth": int(_after(plan, "depth: ")),
        "context": context,
        "batch": batch,
        "validation_share": VALIDATION_SHARE,
    }
    probed = next((row for row in rows if row.get("kind") == "probe"), None)
    if probed is not None:
        found["matmul_gflops"] = probed["matmul_gflops"]
        found["share"] = 6e-9 * told["parameters"] * speed / probed["matmul_gflops"]
    return found


def words(name: str) -> dict[str, Any]:
    """Fit a language model of words on Penn Treebank and return what its report says."""
    train, validation, test = (
        data_folder("ptb") / f"ptb.{part}.txt" for part in ("train", "valid", "test")
    )
    common = (
        "data.fitting.tokens=plain_words",
        "training.clip=1.0",
        "training.validation.every=.125",
    )
    settings = [word for one in (*common, *PTB[name]) for word in ("--set", one)]
    parts = ("--validation", str(validation), "--test", str(test), "--overrule")
    with tempfile.TemporaryDirectory() as place:
        told = fit(train, *parts, *settings, keep=Path(place) / "run")
        return told_of(name, told, Path(place) / "run")


def told_of(name: str, told: dict[str, Any], run: Path) -> dict[str, Any]:
    """Return the figures of a language model of words, and those of the same with a cache."""
    value = told["metrics"]["perplexity"]
    return {
        "perplexity": value,
        "goal": PTB_GOAL,
        "reached": value["value"] < PTB_GOAL,
        "baselines": {n: b["perplexity"] for n, b in told["baselines"].items()},
        "steps": told["training"]["steps"],
        "passes": 8 * told["training"]["epochs"],
        "seconds": told["training"]["seconds"],
        "parameters": told["parameters"],
        "settings": list(PTB[name]),
        "with_cache": with_cache(run),
    }


def with_cache(path: Path) -> dict[str, Any]:
    """Return the perplexity of a run that looks back in the way that suits the validation part."""
    run = lamina.load(path)
    model = run.predictor.model
    assert isinstance(model, LanguageModel)
    decoder = model.decoder

    def measured(part: str, share: float, sharpness: float) -> dict[str, float]:
        model.decoder = CachedDecoder(decoder, share, sharpness).eval()
        scored = run.score(data_folder("ptb") / f"ptb.{part}.txt")
        return dataclasses.asdict(scored["perplexity"])

    tried: dict[tuple[float, float], float] = {}
    for share, sharpness in ((SHARES[0], one) for one in SHARPNESSES):
        tried[share, sharpness] = measured("valid", share, sharpness)["value"]
    sharpness = min(tried, key=tried.__getitem__)[1]
    for share in SHARES[1:]:
        tried[share, sharpness] = measured("valid", share, sharpness)["value"]
    best = min(tried, key=tried.__getitem__)
    return {
        "cache_share": best[0],
        "cache_sharpness": best[1],
        "validation_perplexity": {f"{a:g}, {b:g}": value for (a, b), value in tried.items()},
        "perplexity": measured("test", *best),
    }


def _after(text: str, word: str) -> str:
    return text.split(word, 1)[1].split("\n", 1)[0]


def main() -> None:
    results = dict(read_results("language"))
    for name in sys.argv[1:] or CASES:
        kind, _, rest = name.partition("/")
        if kind == "ptb":
            results[name] = words(rest)
        else:
            results[name] = (plain if kind == "nanogpt" else ours)(float(rest))
        print(name, json.dumps(results[name]), flush=True)
        write_results("language", results, seed=0)


if __name__ == "__main__":
    main()
