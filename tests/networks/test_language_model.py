"""Language model."""

import json

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.decoder import DecoderConfig
from lamina.networks.generation import write_on
from lamina.networks.language_model import LanguageModelConfig, decoder_of
from lamina.networks.layers.mixture_of_experts import MixtureOfExpertsConfig
from lamina.networks.recurrent_decoder import RecurrentDecoderConfig
from lamina.runtime.document import Fields
from lamina.runtime.sampling import SamplingConfig
from lamina.runtime.writers.table import WRITERS

SIZES = np.array([0, 0, 0, 1, 1, 2, 3])
SPEC = InputSpec("text", "text", ("text",), (), vocabulary_size=7, token_bytes=SIZES)

DECODER_CASES = {
    "decoder": DecoderConfig(depth=2, width=8, num_heads=2),
    "experts": DecoderConfig(
        depth=1, width=8, num_heads=2, feed_forward=MixtureOfExpertsConfig(num_experts=3)
    ),
    **{cell: RecurrentDecoderConfig(cell=cell, width=8) for cell in ("rnn", "gru", "lstm")},
}
CONFIGS = {
    **{
        name: LanguageModelConfig(decoder=decoder, context=6)
        for name, decoder in DECODER_CASES.items()
    },
    **{
        f"{name} with a cache": LanguageModelConfig(
            decoder=DECODER_CASES[name], context=6, cache_share=0.3
        )
        for name in ("decoder", "lstm")
    },
}


def _model(context: int = 4):
    torch.manual_seed(0)
    decoder = DecoderConfig(depth=1, width=8, num_heads=2)
    config = LanguageModelConfig(decoder=decoder, context=context)
    model = config.build([SPEC], [OutputSpec("likelihood", 3)]).eval()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.5)
    return model


def test_nats_tokens_and_bytes_are_those_of_each_token_but_the_first() -> None:
    model = _model(8)
    tokens = torch.tensor([[2, 3, 5, 6], [2, 4, 2, 0]])
    found = model({"text": tokens})["likelihood"]
    logs = model.decoder(tokens[:, :-1]).log_softmax(2)
    first = -(logs[0, 0, 3] + logs[0, 1, 5] + logs[0, 2, 6])
    # Marks (2) and padding (0) are read, and not counted.
    torch.testing.assert_close(found[0], torch.stack([first, *torch.tensor([3.0, 6.0])]))
    torch.testing.assert_close(found[1], torch.stack([-logs[1, 0, 4], *torch.tensor([1.0, 1.0])]))


def test_long_texts_are_read_stretch_by_stretch() -> None:
    model = _model(4)
    tokens = torch.randint(3, 7, (2, 11))
    parts = [model({"text": tokens[:, a : a + 5]})["likelihood"] for a in (0, 4, 8)]
    torch.testing.assert_close(model({"text": tokens})["likelihood"], torch.stack(parts).sum(0))


@pytest.mark.parametrize("length", [1, 2, 4, 5, 6, 9])
def test_padding_changes_nothing(length) -> None:
    model = _model(4)
    tokens = torch.randint(3, 7, (3, length))
    padded = F.pad(tokens, (0, 7))
    for name in ("features", "forward"):
        one, other = (getattr(model, name)({"text": t}) for t in (tokens, padded))
        if name == "forward":
            one, other = one["likelihood"], other["likelihood"]
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


def test_a_text_of_one_token_says_nothing() -> None:
    assert _model()({"text": torch.tensor([[2]])})["likelihood"].tolist() == [[0.0, 0.0, 0.0]]


def test_what_it_cannot_read_is_explained() -> None:
    config = LanguageModelConfig()
    number = InputSpec("number", "number", ("x",), (1,))
    for inputs in ([], [number], [SPEC, SPEC]):
        with pytest.raises(ConfigError, match="a language model reads one text"):
            config.build(inputs, [OutputSpec("likelihood", 3)])
    with pytest.raises(ConfigError, match="context must be at least 1"):
        LanguageModelConfig(context=0)
    with pytest.raises(ConfigError, match="writes no texts"):
        decoder_of(nn.Linear(1, 1))


class InTorch:
    """Runs a graph without a file, on arrays by name, as runtimes do."""

    def __init__(self, graph) -> None:
        self.graph = graph

    def __call__(self, inputs):
        given = [torch.from_numpy(inputs[port.name]) for port in self.graph.inputs]
        with torch.no_grad():
            return dict(zip(self.graph.outputs, (one.numpy() for one in self.graph.module(*given))))


def _writer(model):
    with torch.no_grad():
        steps = model.stepwise()
    document = json.loads(json.dumps({**steps.document, "is_running": False}))
    runs = {name: InTorch(graph) for name, graph in steps.graphs.items()}
    return WRITERS[document["name"]].from_document(Fields(document, "test"), runs)


@pytest.mark.parametrize("name", CONFIGS)
def test_cut_into_steps_it_measures_and_writes_the_same(name) -> None:
    torch.manual_seed(0)
    model = CONFIGS[name].build([SPEC], [OutputSpec("likelihood", 3)]).eval()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.5)
    writer = _writer(model)
    for length in (1, 2, 6, 7, 8, 20):
        tokens = torch.randint(0, 7, (3, length))
        with torch.no_grad():
            expected = model({"text": tokens})["likelihood"]
        found = writer({"input_0": tokens.numpy()})
        np.testing.assert_allclose(found, expected.numpy(), rtol=1e-4, atol=1e-4)
    prompt = [2, 3, 5, 6, 4, 4, 3]
    for sampling in (SamplingConfig(temperature=0.0), SamplingConfig(temperature=0.9, top_p=0.8)):
        options = {"num_tokens": 17, "config": sampling, "seed": 3, "banned": [0, 1]}
        own = write_on(
            model.decoder, torch.tensor([prompt[-6:]] * 2), context=model.context, **options
        )
        found = writer.write_on(prompt, num_texts=2, **options)
        assert [one.tolist() for one in found] == [one.tolist() for one in own]


@pytest.mark.parametrize("name", CONFIGS)
def test_rows_of_different_lengths_write_side_by_side_what_they_write_alone(name) -> None:
    torch.manual_seed(0)
    model = CONFIGS[name].build([SPEC], [OutputSpec("likelihood", 3)]).eval()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.5)
    writer, prompts = _writer(model), ([2, 3, 5, 6], [4], [6, 6], [3, 4, 5, 3, 3])
    for sampling in (SamplingConfig(temperature=0.0), SamplingConfig(temperature=0.9)):
        options = {"num_texts": 2, "num_tokens": 20, "config": sampling, "seed": 1}
        strands = [writer.strand(prompt, **options) for prompt in prompts]
        for _ in range(20):
            strands[0].strands.step(strands)
        for strand, prompt in zip(strands, prompts, strict=True):
            alone = [one.tolist() for one in writer.write_on(prompt, **options)]
            assert [one.tolist() for one in strand] == alone


@pytest.mark.slow
@pytest.mark.parametrize("name", CONFIGS)
def test_its_steps_are_expressed_for_any_rows_and_lengths(name) -> None:
    from lamina.export.onnx import step_graph
    from lamina.export.whole import exportable
    from lamina.runtime.session import GraphSession

    torch.manual_seed(1)
    model = CONFIGS[name].build([SPEC], [OutputSpec("likelihood", 3)]).eval()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.5)
    with torch.no_grad():
        steps = exportable(model).stepwise()
    document = {**steps.document, "is_running": False}
    graphs = {name: step_graph(graph) for name, graph in steps.graphs.items()}
    assert len(memory_lengths(graphs["step"], steps.document["memories"])) <= 1
    sessions = {name: GraphSession(graph, threads=1) for name, graph in graphs.items()}
    writer = WRITERS[document["name"]].from_document(Fields(document, "test"), sessions)
    for rows, length in ((1, 1), (1, 2), (5, 7), (2, 20)):
        tokens = torch.randint(0, 7, (rows, length))
        with torch.no_grad():
            expected = model({"text": tokens})["likelihood"]
        found = writer({"input_0": tokens.numpy()})
        np.testing.assert_allclose(found, expected.numpy(), rtol=1e-4, atol=1e-4)
    options = {"num_tokens": 14, "config": SamplingConfig(temperature=0.0)}
    own = write_on(model.decoder, torch.tensor([[2, 3, 5]] * 2), context=6, **options)
    found = writer.write_on([2, 3, 5], num_texts=2, **options)
    own = [one.tolist() for one in own]
    assert [one.tolist() for one in found] == own
    strands = [writer.strand(prompt, num_texts=2, **options) for prompt in ([4], [2, 3, 5])]
    for _ in range(14):
        strands[0].strands.step(strands)
    assert [one.tolist() for one in strands[1]] == own


def memory_lengths(graph: bytes, memories) -> set[str]:
    """Return the names of the lengths of what a graph is given of the steps before."""
    import onnx

    inputs = {one.name: one for one in onnx.load_model_from_string(graph).graph.input}
    found = set()
    for place, memory in enumerate(memories):
        if memory["length"] is not None:
            sizes = inputs[f"memory_{place}"].type.tensor_type.shape.dim
            found.add(sizes[memory["length"]].dim_param)
    return found
