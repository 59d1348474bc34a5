"""Whether the two texts of a table are compared: decided before they are cut into tokens."""

from dataclasses import replace

import polars as pl

from lamina.data.schema import Schema
from lamina.data.text_pairs import pair_evidence
from lamina.networks.architectures import ARCHITECTURES
from lamina.networks.pairs.whole import PairConfig
from lamina.runs.plan import DataConfig
from lamina.runs.request import FitRequest
from lamina.runs.settings import split_setting


def named_network(request: FitRequest) -> str | None:
    """Return the whole network that a setting names; None where none does.

    Args:
        request: What the user asks.
    """
    named = [split_setting(text)[1] for text in request.settings if names_network(text)]
    return named[-1] if named else None


def names_network(setting: str) -> bool:
    """Return whether a setting names a whole network.

    Args:
        setting: NAME=VALUE.
    """
    name, value = split_setting(setting)
    return name in ("network", "network.name") and value in ARCHITECTURES


def why_paired(request: FitRequest, schema: Schema, frame: pl.DataFrame) -> str:
    """Return why the two texts of a table are compared; "" where they are not.

    Args:
        request: What the user asks, with settings of the data under their full names.
        schema: The schema, fitted or not.
        frame: Raw rows, all or a sample.
    """
    named = named_network(request)
    if named is not None:
        is_asked = ARCHITECTURES[named].value is PairConfig
        return "asked for with --set network" if is_asked else ""
    said = dict(split_setting(text) for text in request.settings)
    if said.get("data.fitting.is_joint", "true").lower() != "true":
        return ""
    return pair_evidence(schema, frame)


def for_pair(
    request: FitRequest, data: DataConfig, schema: Schema, frame: pl.DataFrame
) -> DataConfig:
    """Return the data section with one vocabulary for two texts that are compared.

    Args:
        request: What the user asks, with settings of the data under their full names.
        data: The data section.
        schema: The schema as inferred.
        frame: Raw rows, all or a sample.
    """
    if not why_paired(request, schema, frame):
        return data
    return replace(data, fitting=replace(data.fitting, is_joint=True))
