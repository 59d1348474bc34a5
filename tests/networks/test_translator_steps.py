"""A translator cut into steps writes what its own search writes."""

import json

import numpy as np
import pytest
import torch

from lamina.networks.answers import MARK
from lamina.networks.beam_search import SearchConfig, search
from lamina.networks.recurrent_translator import RecurrentTranslatorConfig
from lamina.networks.translator import TranslatorConfig
from lamina.networks.translator_steps import translator_steps
from lamina.networks.translators import TRANSLATORS
from lamina.runtime.document import Fields
from lamina.runtime.writers.table import WRITERS

SIZE = 12
BANNED = torch.tensor([0, 1, 7])
SMALL = {
    "transformer": [TranslatorConfig(depth_read=1, depth_written=2, width=16, num_heads=2)],
    "recurrent": [RecurrentTranslatorConfig(cell=c, width=16) for c in ("lstm", "gru", "rnn")],
}
CASES = [(name, config) for name, configs in SMALL.items() for config in configs]
SEARCHES = (
    SearchConfig(beam=1, most_tokens=9),
    SearchConfig(beam=3, most_tokens=9, length_penalty=0.0),
    SearchConfig(beam=5, tokens_per_token=0.3),
    SearchConfig(beam=9, most_tokens=4, length_penalty=1.4),
)


def built(config, seed=0):
    torch.manual_seed(seed)
    translator = config.build(SIZE, SIZE, is_shared=True).eval()
    for parameter in translator.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return translator


def texts(rows, seed=1):
    """Texts of different lengths, each begun by a mark, padded with 0."""
    torch.manual_seed(seed)
    tokens = torch.randint(3, SIZE, (rows, 9))
    tokens[:, 0] = MARK
    lengths = torch.randint(2, 10, (rows, 1))
    return tokens.masked_fill(torch.arange(9) >= lengths, 0)


def in_torch(graph):
    """Run a graph without a file, on arrays by name, as runtimes do."""

    def run(inputs):
        given = [torch.from_numpy(np.ascontiguousarray(inputs[port.name])) for port in graph.inputs]
        with torch.no_grad():
            return dict(zip(graph.outputs, (one.numpy() for one in graph.module(*given))))

    return run


def writer_of(steps, runs):
    """The writer that an exported file would have."""
    document = json.loads(json.dumps(steps.document))
    return WRITERS[document["name"]].from_document(Fields(document, "test"), runs)


def own(translator, read, config):
    """What the network's own search writes, as arrays."""
    with torch.no_grad():
        found = search(translator, read, config, mark=MARK, banned=BANNED)
    figures = torch.stack([found.nats, found.counts.float()], dim=1)
    return torch.cat([figures, found.tokens.float()], dim=1).double().numpy()


def test_every_translator_is_tested() -> None:
    assert set(SMALL) == set(TRANSLATORS)


@pytest.mark.parametrize(("name", "config"), CASES)
@pytest.mark.parametrize("search_config", SEARCHES, ids=lambda one: f"beam{one.beam}")
def test_the_search_outside_finds_what_the_search_inside_finds(name, config, search_config) -> None:
    for seed in range(3):
        translator = built(config, seed)
        with torch.no_grad():
            steps = translator_steps(translator, search_config, banned=BANNED)
        writer = writer_of(steps, {n: in_torch(g) for n, g in steps.graphs.items()})
        for rows in (1, 7):
            read = texts(rows, seed)
            found = writer({"input_0": read.numpy()})
            expected = own(translator, read, search_config)
            assert found.shape == expected.shape
            np.testing.assert_array_equal(found[:, 1:], expected[:, 1:])
            np.testing.assert_allclose(found[:, 0], expected[:, 0], rtol=1e-5)


@pytest.mark.parametrize(("name", "config"), CASES)
def test_an_answer_costs_outside_what_it_costs_inside(name, config) -> None:
    translator = built(config)
    with torch.no_grad():
        steps = translator_steps(translator, SEARCHES[1], banned=BANNED)
    writer = writer_of(steps, {n: in_torch(g) for n, g in steps.graphs.items()})
    read = texts(5)
    _, count, *tokens = writer({"input_0": read[:1].numpy()})[0].astype(int).tolist()
    text = [token for token in tokens if token]
    found = writer.weigh({"input_0": read.numpy()}, text)
    told = writer({"input_0": read[:1].numpy()})[0, 0]
    if count == len(text) + 1:  # it was not cut
        assert -found[0].sum() == pytest.approx(told, rel=1e-4)
    with torch.no_grad():
        every = torch.tensor([[MARK, *text]]).repeat(5, 1)
        scores = translator.scores(translator.states(every, translator.read(read)))
        after = torch.tensor([[*text, MARK]]).repeat(5, 1)
        logs = scores.log_softmax(dim=2).gather(2, after[:, :, None])[:, :, 0]
    np.testing.assert_allclose(found, logs.numpy(), atol=1e-4)


def test_no_rows_have_no_answers() -> None:
    config = SEARCHES[1]
    translator = built(CASES[0][1])
    with torch.no_grad():
        steps = translator_steps(translator, config, banned=BANNED)
    writer = writer_of(steps, {n: in_torch(g) for n, g in steps.graphs.items()})
    assert writer({"input_0": np.zeros((0, 1), dtype=np.int64)}).shape == (0, 2)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "config"), CASES)
def test_every_translator_is_expressed_for_any_rows_and_lengths(name, config) -> None:
    from lamina.export.onnx import step_graph
    from lamina.export.whole import exportable
    from lamina.runtime.session import GraphSession

    translator, search_config = built(config, 4), SEARCHES[1]
    steps = translator_steps(_known(exportable, translator), search_config, banned=BANNED)
    graphs = {name: step_graph(graph) for name, graph in steps.graphs.items()}
    writer = writer_of(steps, {n: GraphSession(g, threads=1) for n, g in graphs.items()})
    for rows in (1, 2, 33):
        read = texts(rows, rows)
        expected = own(translator, read, search_config)
        found = writer({"input_0": read.numpy()})
        np.testing.assert_array_equal(found[:, 1:], expected[:, 1:])
        np.testing.assert_allclose(found[:, 0], expected[:, 0], rtol=1e-4)


def _known(exportable, translator):
    """The translator as it is exported: inside a network."""
    return exportable(torch.nn.ModuleDict({"own": translator}))["own"]
