"""All whole networks that a plan can name.

A plan that names none means the joined one, of encoders, a trunk and heads.
"""

from collections.abc import Mapping
from typing import Any

from lamina.core.config import name_of
from lamina.core.errors import ConfigError
from lamina.core.table import Entry, look_up, table
from lamina.networks.architecture import AbstractModelConfig
from lamina.networks.detector import DetectorConfig
from lamina.networks.forecasters.whole import ForecasterConfig
from lamina.networks.language_model import LanguageModelConfig
from lamina.networks.masked_language_model import MaskedLanguageModelConfig
from lamina.networks.model import ModelConfig
from lamina.networks.pairs.whole import PairConfig
from lamina.networks.taggers.pieces import PieceTaggerConfig
from lamina.networks.taggers.whole import TaggerConfig
from lamina.networks.text_to_text import TextToTextConfig
from lamina.networks.transcriber import TranscriberConfig
from lamina.networks.two_branch import TwoBranchConfig
from lamina.networks.unet import UNetConfig

ARCHITECTURES: Mapping[str, Entry[type[AbstractModelConfig]]] = table(
    Entry("joined", ModelConfig, "An encoder per input, a trunk, heads.", "arXiv:2106.11959"),
    Entry(
        "detector",
        DetectorConfig,
        "What lies where in a picture.",
        "arXiv:1904.01355, arXiv:2006.04388",
    ),
    Entry(
        "forecaster",
        ForecasterConfig,
        "The next steps of series, from their past.",
        "arXiv:2409.18479",
    ),
    Entry("language_model", LanguageModelConfig, "Scores the next token of a text.", "GPT-2"),
    Entry(
        "masked_language_model",
        MaskedLanguageModelConfig,
        "Fills in the hidden tokens of a text.",
        "arXiv:1810.04805",
    ),
    Entry("pair", PairConfig, "Two texts, read alike and compared.", "arXiv:1705.02364"),
    Entry("text_to_text", TextToTextConfig, "Reads a text and writes another.", "arXiv:1409.3215"),
    Entry("tagger", TaggerConfig, "One tag for each word of a sentence.", "arXiv:1508.01991"),
    Entry(
        "piece_tagger",
        PieceTaggerConfig,
        "The same, with an encoder of pieces of words.",
        "arXiv:1810.04805",
    ),
    Entry("transcriber", TranscriberConfig, "Writes what it hears.", "Graves et al. 2006"),
    Entry("unet", UNetConfig, "The class of every pixel: down and up again.", "arXiv:1505.04597"),
    Entry(
        "two_branch",
        TwoBranchConfig,
        "The class of every pixel: details beside the whole.",
        "arXiv:1808.00897",
    ),
)
"""All whole networks by name."""

DEFAULT = "joined"
"""What a plan without a name means."""


def architecture_to_document(config: AbstractModelConfig) -> dict[str, Any]:
    """Return the config of a whole network as a plan holds it.

    Args:
        config: The config.
    """
    name = name_of(ARCHITECTURES, config)
    return config.to_document() if name == DEFAULT else {"name": name, **config.to_document()}


def architecture_from_document(document: Any) -> AbstractModelConfig:
    """Return the config of a whole network that a plan holds.

    Args:
        document: As `architecture_to_document` returns it, or a name alone.

    Raises:
        ConfigError: A name or a setting is unknown or wrong.
    """
    if isinstance(document, str):
        document = {"name": document}
    if not isinstance(document, Mapping):
        raise ConfigError(f"network must be a mapping of settings or a name, got {document!r}.")
    kind = look_up(ARCHITECTURES, str(document.get("name", DEFAULT)), what="network")
    return kind.from_document({key: value for key, value in document.items() if key != "name"})
