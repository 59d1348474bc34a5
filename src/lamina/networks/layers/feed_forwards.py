"""All feed-forward layers that a config can name."""

from collections.abc import Mapping

from lamina.core.table import Entry, table
from lamina.networks.layers.feed_forward import (
    AbstractFeedForwardConfig,
    FeedForwardConfig,
    GatedFeedForwardConfig,
)
from lamina.networks.layers.mixture_of_experts import MixtureOfExpertsConfig

FEED_FORWARDS: Mapping[str, Entry[type[AbstractFeedForwardConfig]]] = table(
    Entry("plain", FeedForwardConfig, "Linear, activation, linear.", "arXiv:1706.03762"),
    Entry("gated", GatedFeedForwardConfig, "With gated hidden units.", "arXiv:2002.05202"),
    Entry(
        "mixture_of_experts",
        MixtureOfExpertsConfig,
        "Many layers, of which each position uses a few.",
        "arXiv:1701.06538, arXiv:2101.03961",
    ),
)
"""All feed-forward layers by name."""
