"""All backbones of forecasters that a plan can name."""

from collections.abc import Mapping

from lamina.core.table import Entry, table
from lamina.networks.forecasters.base import AbstractBackboneConfig
from lamina.networks.forecasters.linear import LinearForecasterConfig
from lamina.networks.forecasters.mixer import MixerForecasterConfig
from lamina.networks.forecasters.patch_transformer import PatchForecasterConfig
from lamina.networks.forecasters.recurrent import RecurrentForecasterConfig
from lamina.networks.forecasters.tcn import TCNForecasterConfig

BACKBONES: Mapping[str, Entry[type[AbstractBackboneConfig]]] = table(
    Entry("linear", LinearForecasterConfig, "A linear map over time.", "arXiv:2205.13504"),
    Entry(
        "recurrent",
        RecurrentForecasterConfig,
        "LSTM or GRU over the past.",
        "Hochreiter and Schmidhuber 1997, arXiv:1711.11053",
    ),
    Entry("tcn", TCNForecasterConfig, "Causal convolutions over the past.", "arXiv:1803.01271"),
    Entry(
        "patch_transformer",
        PatchForecasterConfig,
        "Attention over stretches of the past.",
        "arXiv:2211.14730",
    ),
    Entry(
        "mixer",
        MixerForecasterConfig,
        "Linear forecasts mixed over the series by scalar LSTMs.",
        "arXiv:2410.16928",
    ),
)
"""All backbones by name."""
