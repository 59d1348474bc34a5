"""The table of networks."""

import pytest

from lamina.core.config import name_of, part_from_document, part_to_document
from lamina.networks.model import KINDS, encoders_of
from lamina.networks.table import NETWORKS


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_an_encoder(kind) -> None:
    assert encoders_of(kind)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_row_round_trips_through_a_document(name) -> None:
    config = part_from_document(NETWORKS, name, what="network")
    assert name_of(NETWORKS, config) == name
    document = part_to_document(name, config)
    assert part_from_document(NETWORKS, document, what="network") == config


def test_a_feed_forward_layer_is_swapped_by_its_name() -> None:
    document = {
        "name": "residual_mlp",
        "feed_forward": {"name": "mixture_of_experts", "num_experts": 4},
    }
    config = part_from_document(NETWORKS, document, what="trunk")
    assert config.feed_forward.num_experts == 4
    assert part_to_document("residual_mlp", config)["feed_forward"]["name"] == "mixture_of_experts"
