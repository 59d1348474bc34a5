"""Writing: tokens per second with what was read remembered, and without; beam search in batches.

    python benchmarks/generation.py

A GPT-like decoder with fresh weights (what it writes takes as long whatever they are) writes 256
tokens after a prompt of one, with its memory and reading the whole text anew for each token, in
turns; goal: five times as fast. A Transformer from text to text answers 64 texts with a
beam of 5, all at once and one after the other. One thread.
"""

import time
from collections.abc import Callable

import numpy as np
import torch
from common import write_results

from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.beam_search import SearchConfig
from lamina.networks.decoder import DecoderConfig
from lamina.networks.generation import SamplingConfig, write_on
from lamina.networks.text_to_text import TextToTextConfig
from lamina.networks.translator import TranslatorConfig

LENGTH, TURNS = 256, 3
SIZES = ((4, 128), (8, 256))


def medians(ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median seconds of each way, measured in turns after one that is not counted."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(TURNS + 1):
        for name, work in ways.items():
            start = time.perf_counter()
            work()
            times[name].append(time.perf_counter() - start)
    return {name: float(np.median(some[1:])) for name, some in times.items()}


def writing(depth: int, width: int) -> dict[str, float]:
    """Return how fast a decoder writes, with its memory and without."""
    torch.manual_seed(0)
    decoder = DecoderConfig(depth=depth, width=width, num_heads=width // 32).build(259).eval()
    prompt = torch.tensor([[5]])
    greedy = SamplingConfig(temperature=0.0)

    def remembered() -> list[torch.Tensor]:
        return list(write_on(decoder, prompt, num_tokens=LENGTH, config=greedy))

    @torch.inference_mode()
    def anew() -> torch.Tensor:
        tokens = prompt
        for _ in range(LENGTH):
            last = decoder.scores(decoder.states(tokens)[:, -1])
            tokens = torch.cat([tokens, last.argmax(1, keepdim=True)], dim=1)
        return tokens

    assert torch.cat(remembered()).tolist() == anew()[0, 1:].tolist()
    found = medians({"remembered": remembered, "anew": anew})
    return {
        "tokens_per_second": round(LENGTH / found["remembered"], 1),
        "tokens_per_second_anew": round(LENGTH / found["anew"], 1),
        "times_faster": round(found["anew"] / found["remembered"], 2),
    }


def searching() -> dict[str, float]:
    """Return how fast texts are answered by a beam of 5, together and one by one."""
    specs = [
        InputSpec(
            name, "text", (name,), (), vocabulary_size=4000, token_bytes=np.ones(4000, np.int64)
        )
        for name in ("read", "written")
    ]
    torch.manual_seed(0)
    config = TextToTextConfig(
        translator=TranslatorConfig(width=128), search=SearchConfig(beam=5, most_tokens=24)
    )
    model = config.build(specs, (OutputSpec("written", 2),)).eval()
    texts = torch.randint(3, 4000, (64, 16))

    @torch.inference_mode()
    def together() -> object:
        return model({"read": texts})

    @torch.inference_mode()
    def alone() -> object:
        return [model({"read": text[None]}) for text in texts]

    found = medians({"together": together, "alone": alone})
    return {
        "texts_per_second": round(len(texts) / found["together"], 1),
        "texts_per_second_one_by_one": round(len(texts) / found["alone"], 1),
        "times_faster": round(found["alone"] / found["together"], 2),
    }


def main() -> None:
    """Measure all and write the results."""
    torch.set_num_threads(1)
    results: dict[str, dict[str, float]] = {}
    for depth, width in SIZES:
        results[f"decoder {depth} x {width}"] = writing(depth, width)
    results["beam of 5, 64 texts"] = searching()
    for name, found in results.items():
        print(name, found)
    write_results("generation", results, length=LENGTH, threads=1)


if __name__ == "__main__":
    main()
