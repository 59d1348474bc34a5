"""Layers of any network."""

import pytest
import torch
from torch import nn

from lamina.explanation.layers import layers_of, representations
from lamina.networks.parts import AbstractEncoderConfig
from lamina.networks.table import NETWORKS
from tests.explanation.made import Convolutions, Reader
from tests.networks.specs import (
    category_spec,
    image_spec,
    number_spec,
    series_spec,
    sound_spec,
    text_spec,
)


def test_layers_are_blocks_of_stacks_or_modules_with_weights():
    block = lambda: nn.Sequential(nn.Linear(4, 4), nn.ReLU())  # noqa: E731
    network = nn.ModuleDict(
        {
            "first": nn.Linear(4, 4),
            "norm": nn.LayerNorm(4),
            "stack": nn.ModuleList([block(), block()]),
            "act": nn.ReLU(),
        }
    )
    assert layers_of(network) == ("first", "stack.0", "stack.1")
    assert layers_of(Convolutions()) == ("first", "second", "last")
    many = nn.Sequential(*(nn.Linear(2, 2) for _ in range(40)))
    thin = layers_of(many, most=5)
    assert (thin[0], thin[-1], len(thin)) == ("0", "39", 5)


def test_places_are_averaged_and_samples_stand_in_order():
    network = Convolutions().eval()
    pictures = torch.randn(5, 3, 8, 8)
    batches = [{"x": pictures[:3]}, {"x": pictures[3:]}]
    seen = representations(
        network, batches, layers=layers_of(network), forward=lambda own, given: own(given["x"])
    )
    assert {name: tuple(own.shape) for name, own in seen.items()} == {
        "first": (5, 6), "second": (5, 4), "last": (5, 2),
    }  # fmt: skip
    with torch.no_grad():
        assert torch.allclose(seen["first"], network.first(pictures).mean(dim=(2, 3)), atol=1e-6)
        assert torch.allclose(seen["last"], network(pictures), atol=1e-6)


def test_sequences_are_averaged():
    network = Reader().eval()
    ids = torch.randint(1, 9, (4, 6))
    seen = representations(
        network,
        [{"x": ids}],
        layers=("embedding", "last"),
        forward=lambda own, given: own(given["x"]),
    )
    assert torch.allclose(seen["embedding"], network.embedding(ids).mean(dim=1))


SPECS = {
    "number": number_spec(), "category": category_spec(), "image": image_spec(side=32),
    "text": text_spec(), "series": series_spec(), "sound": sound_spec(),
}  # fmt: skip
ENCODERS = [
    (name, kind)
    for name, entry in NETWORKS.items()
    if issubclass(entry.value, AbstractEncoderConfig)
    for kind in entry.value.kinds
]


@pytest.mark.parametrize(("name", "kind"), ENCODERS)
def test_every_encoder_has_layers_and_tells_where_its_vectors_are(name, kind):
    config = NETWORKS[name].value
    encoder = config().build(SPECS[kind]).eval()
    inputs = {
        "number": torch.randn(3, 3),
        "category": torch.randint(0, 3, (3, 3)),
        "image": torch.randint(0, 255, (3, 3, 32, 32), dtype=torch.uint8),
        "text": torch.randint(2, 50, (3, 7)),
        "series": torch.randn(3, 60, 1),
        "sound": torch.randn(3, 1600),
    }[kind]
    seen = representations(
        encoder, [{"x": inputs}], layers=layers_of(encoder),
        forward=lambda own, given: own(given["x"]),
    )  # fmt: skip
    has_weights = any(True for _ in encoder.parameters())
    if len(layers_of(encoder)) > 0:
        assert seen
        assert all(len(own) == 3 for own in seen.values())
    else:
        assert not has_weights or any(True for _ in encoder.parameters(recurse=False))
    vectors = encoder.vectors()
    if vectors is None:
        return
    kept = []
    handle = vectors.module.register_forward_hook(lambda _m, _i, output: kept.append(output))
    encoder(inputs)
    handle.remove()
    if vectors.owners is None:
        assert kept[0].dim() == 3
        assert kept[0].shape[:2] == inputs.shape[:2]
    else:
        assert kept[0].shape == (3, len(vectors.owners))
        assert set(vectors.owners.tolist()) == set(range(inputs.shape[1]))


def test_a_layer_that_is_used_twice_is_left_out_whatever_the_lengths():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.read, self.once = nn.Conv1d(2, 3, 1), nn.Linear(6, 1)

        def forward(self, inputs):
            ends = [self.read(inputs[name]).mean(2) for name in ("a", "b")]
            return self.once(torch.cat(ends, 1))

    inputs = {"a": torch.randn(4, 2, 5), "b": torch.randn(4, 2, 7)}
    assert list(representations(Twice(), [inputs], layers=("read", "once"))) == ["once"]
