"""Starting from another run: its words or pieces, and the encoder of one that learnt to fill in."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from lamina.data.taught import taught_columns
from lamina.networks.masked_language_model import MaskedLanguageModelConfig
from lamina.networks.model import ModelConfig
from lamina.networks.parts import AbstractEncoderConfig
from lamina.runs.folder import open_run_folder
from lamina.runs.plan import DataConfig, read_plan
from lamina.runs.request import FitRequest
from lamina.runs.settings import split_setting


def masked_network(run: Path | str | None) -> MaskedLanguageModelConfig | None:
    """Return the network of a run that learnt to fill in; None for any other.

    Args:
        run: Folder of the run; None for none.
    """
    if run is None:
        return None
    network = read_plan(open_run_folder(run).plan).recipe.network
    return network if isinstance(network, MaskedLanguageModelConfig) else None


def encoders_of_run(request: FitRequest) -> Mapping[str, AbstractEncoderConfig]:
    """Return the encoder of a run that learnt to fill in, by its kind of input; none of others.

    Args:
        request: What the user asks.
    """
    network = masked_network(request.from_run)
    return {} if network is None else {"text": network.encoder}


def for_start(request: FitRequest, data: DataConfig) -> DataConfig:
    """Return the data section with the words or pieces of the run to start from.

    A joined network that reads whole words finds the vectors of those that it knows, and goes on
    to learn others; all other networks need the very same tokens.

    Args:
        request: What the user asks, with settings under their full names.
        data: The data section.

    Raises:
        BundleError: That run's model cannot be read.
    """
    named = ("data.fitting.vocabulary_of", "data.fitting.tokens")
    is_named = any(split_setting(text)[0] in named for text in request.settings)
    if request.from_run is None or is_named or request.pretrained is not None:
        return data
    start = open_run_folder(request.from_run).path.resolve()
    theirs = read_plan(open_run_folder(start).plan)
    columns, network = taught_columns(start), theirs.recipe.network
    has_pieces = any("subwords" in row["fitted"] for row in columns)
    is_published = theirs.data.fitting.tokeniser is not None
    if not columns or is_published or (isinstance(network, ModelConfig) and not has_pieces):
        return data
    fitting = replace(data.fitting, vocabulary_of=str(start), tokens=theirs.data.fitting.tokens)
    return replace(data, fitting=fitting)
