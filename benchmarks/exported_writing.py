"""Texts written by exported graphs beside PyTorch: tokens and texts per second, the same texts.

    python benchmarks/exported_writing.py                 all
    python benchmarks/exported_writing.py "decoder 4"     some

Networks with fresh weights (what they write takes as long whatever they are) are cut into the
graphs that `lamina export` writes. Decoders write 256 tokens after a prompt of one, one text and
eight side by side; a Transformer and an LSTM from text to text answer one text and 64 texts with a
beam of 5. One thread, in turns with PyTorch, which remembers what it has read as well.
"""

import sys
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from common import read_results, write_results
from generation import LENGTH, medians

from lamina.core.records import InputSpec, OutputSpec
from lamina.export.onnx import step_graph
from lamina.networks.architecture import AbstractModel
from lamina.networks.beam_search import SearchConfig
from lamina.networks.decoder import DecoderConfig
from lamina.networks.generation import write_on
from lamina.networks.language_model import LanguageModelConfig
from lamina.networks.recurrent_decoder import RecurrentDecoderConfig
from lamina.networks.recurrent_translator import RecurrentTranslatorConfig
from lamina.networks.text_to_text import TextToTextConfig
from lamina.networks.translator import TranslatorConfig
from lamina.runtime.document import Fields
from lamina.runtime.sampling import SamplingConfig
from lamina.runtime.session import GraphSession
from lamina.runtime.writers.beam_search import BeamSearch
from lamina.runtime.writers.next_token import NextToken
from lamina.runtime.writers.table import WRITERS

DECODERS = {
    "decoder 4 x 128": DecoderConfig(depth=4, width=128, num_heads=4),
    "decoder 8 x 256": DecoderConfig(depth=8, width=256, num_heads=8),
    "LSTM 2 x 256": RecurrentDecoderConfig(cell="lstm", depth=2, width=256),
}
TRANSLATORS = {
    "Transformer 4 + 4 x 128": TranslatorConfig(width=128),
    "LSTM 2 + 2 x 256": RecurrentTranslatorConfig(cell="lstm", width=256),
}
PIECES = 4000


def text(name: str, size: int) -> InputSpec:
    """Return what data say of a text."""
    sizes = np.ones(size, np.int64)
    sizes[:3] = 0
    return InputSpec(name, "text", (name,), (), vocabulary_size=size, token_bytes=sizes)


def exported(model: AbstractModel) -> object:
    """Return the writer of the file that a network is exported to."""
    with torch.no_grad():
        steps = model.stepwise()
    assert steps is not None
    graphs = {name: GraphSession(step_graph(g), threads=1) for name, g in steps.graphs.items()}
    fields = Fields({**steps.document, "is_running": False}, "the benchmark")
    return WRITERS[str(steps.document["name"])].from_document(fields, graphs)


def compared(
    unit: str, amount: int, own: Callable[[], object], other: Callable[[], object]
) -> dict[str, float]:
    """Return how fast both are, and how many times faster the exported file is."""
    found = medians({"exported": own, "torch": other})
    return {
        f"{unit}_per_second": round(amount / found["exported"], 1),
        f"{unit}_per_second_torch": round(amount / found["torch"], 1),
        "times_faster": round(found["torch"] / found["exported"], 2),
    }


def writing(config: object, num_texts: int) -> dict[str, float]:
    """Return how fast texts are written on, side by side."""
    torch.manual_seed(0)
    network = LanguageModelConfig(decoder=config, context=512)  # type: ignore[arg-type]
    model = network.build([text("text", 259)], [OutputSpec("likelihood", 3)]).eval()
    writer = exported(model)
    assert isinstance(writer, NextToken)
    sampling = SamplingConfig(temperature=0.8)

    def own() -> list[list[int]]:
        found = writer.write_on(
            [2], num_texts=num_texts, num_tokens=LENGTH, config=sampling, seed=1
        )
        return [some.tolist() for some in found]

    def other() -> list[list[int]]:
        prompt = torch.tensor([[2]] * num_texts)
        found = write_on(model.decoder, prompt, num_tokens=LENGTH, config=sampling, seed=1)
        return [some.tolist() for some in found]

    assert own() == other(), "the file writes what the network writes"
    return compared("tokens", LENGTH * num_texts, own, other)


def searching(config: object, num_texts: int) -> dict[str, float]:
    """Return how fast texts are answered by a beam of 5."""
    torch.manual_seed(0)
    network = TextToTextConfig(
        translator=config,  # type: ignore[arg-type]
        search=SearchConfig(beam=5, most_tokens=24),
    )
    specs = [text("read", PIECES), text("written", PIECES)]
    model = network.build(specs, (OutputSpec("written", 2),)).eval()
    writer = exported(model)
    assert isinstance(writer, BeamSearch)
    texts = torch.randint(3, PIECES, (num_texts, 16))

    def own() -> np.ndarray:
        return writer({"input_0": texts.numpy()})

    @torch.inference_mode()
    def other() -> np.ndarray:
        return model({"read": texts})["written"].numpy()

    np.testing.assert_array_equal(own()[:, 2:], other()[:, 2:])
    return compared("texts", num_texts, own, other)


def main() -> None:
    """Measure those that were named, or all, and write the results."""
    torch.set_num_threads(1)
    wanted = sys.argv[1:]
    cases: dict[str, Callable[[], dict[str, float]]] = {}
    for name, config in DECODERS.items():
        for count in (1, 8):
            cases[f"{name}, {count} at a time"] = partial(writing, config, count)
    for name, translator in TRANSLATORS.items():
        for count in (1, 64):
            called = f"{name}, beam of 5, {count} at a time"
            cases[called] = partial(searching, translator, count)
    for name, measure in cases.items():
        if not wanted or any(name.startswith(word) for word in wanted):
            found = measure()
            print(name, found, flush=True)
            every = {**read_results("exported_writing"), name: found}
            write_results("exported_writing", every, length=LENGTH, threads=1)


if __name__ == "__main__":
    main()
