"""All comparisons of two texts that a plan can name."""

from collections.abc import Mapping

from lamina.core.table import Entry, table
from lamina.networks.pairs.aligned import AlignedConfig
from lamina.networks.pairs.base import AbstractComparisonConfig
from lamina.networks.pairs.siamese import SiameseConfig

COMPARISONS: Mapping[str, Entry[type[AbstractComparisonConfig]]] = table(
    Entry("siamese", SiameseConfig, "Whole texts beside each other.", "arXiv:1705.02364"),
    Entry(
        "aligned",
        AlignedConfig,
        "Each word beside its like in the other text.",
        "arXiv:1606.01933, arXiv:1609.06038",
    ),
)
"""All comparisons by name."""
