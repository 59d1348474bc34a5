"""Starting from a published model: its tokeniser or picture scale, its weights, their tuning."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from lamina.core.config import from_document, to_document
from lamina.core.errors import ConfigError
from lamina.core.hub import model_digest, model_folder
from lamina.core.random import derive
from lamina.data.modalities.text import Text
from lamina.data.modalities.words import Words
from lamina.data.schema import Schema, input_name
from lamina.networks.architecture import AbstractModel
from lamina.networks.layers.lora import LoraLinear, with_lora
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig
from lamina.networks.pretrained.load import family_of, load_pretrained, pretrained_encoder
from lamina.networks.transformer import TransformerConfig
from lamina.runs.masked import masked_network
from lamina.runs.plan import DataConfig, Plan, StartConfig
from lamina.runs.request import FitRequest
from lamina.runs.settings import apply_settings, split_setting
from lamina.runs.watch import Watch
from lamina.tasks.recipes.pretrained import Tuning
from lamina.training.transfer import freeze

RANK = 8
"""Rank of corrections where the planner chooses them."""


def for_pretrained(request: FitRequest, data: DataConfig) -> DataConfig:
    """Return the data section with what a published model needs of texts or pictures.

    Args:
        request: What the user asks.
        data: The data section.

    Raises:
        ConfigError: There is no such model.
        BundleError: It is of no known family.
    """
    if request.pretrained is None:
        return data
    folder = model_folder(request.pretrained)
    family, fitting = family_of(folder), data.fitting
    if family.kind == "image":
        return replace(data, fitting=replace(fitting, picture_scale=request.pretrained))
    return replace(data, fitting=replace(fitting, tokeniser=request.pretrained))


def reach_of(request: FitRequest) -> int:
    """Return how many tokens the encoder to start from reads at a time; 0 where nothing says so.

    Args:
        request: What the user asks.
    """
    if request.pretrained is not None:
        encoder = pretrained_encoder(model_folder(request.pretrained))
        return int(getattr(encoder, "max_length", 0))
    network = masked_network(request.from_run)
    return 0 if network is None else network.context


def within_reach(request: FitRequest, data: DataConfig, schema: Schema) -> DataConfig:
    """Return the data section with texts no longer than the encoder to start from reads at a time.

    The words of sentences are read in stretches, so that these may be longer.

    Args:
        request: What the user asks.
        data: The data section.
        schema: The schema as inferred.
    """
    fitting = data.fitting
    is_named = fitting.vocabulary_of is not None or fitting.tokeniser is not None
    reach = reach_of(request) if is_named else 0
    if not reach or not any(column.modality == "text" for column in schema.inputs):
        return data
    return replace(data, fitting=replace(fitting, max_length=min(fitting.max_length, reach)))


def published_encoders(request: FitRequest) -> Mapping[str, AbstractEncoderConfig]:
    """Return the encoder of a published model by its kind of input; none where none is asked for.

    Args:
        request: What the user asks.
    """
    if request.pretrained is None:
        return {}
    folder = model_folder(request.pretrained)
    return {family_of(folder).kind: pretrained_encoder(folder)}


def check_kinds(name: str | None, encoders: Mapping[str, Any], kinds: frozenset[str]) -> None:
    """Refuse a published model for a kind of input that the data have not.

    Args:
        name: The model.
        encoders: Its encoder by kind of input.
        kinds: Kinds that there are.

    Raises:
        ConfigError: None of its kinds is there.
    """
    if not kinds & set(encoders):
        wanted = ", ".join(encoders)
        raise ConfigError(
            f"{name} is a model of the kind {wanted!r}, and the data have "
            f"{', '.join(sorted(kinds))}. "
            f"Choose another model, or say which column is a {wanted} with --as COLUMN={wanted}."
        )


def wanted_way(request: FitRequest) -> str | None:
    """Return how much of a published model the user wants to train; None where nothing was said.

    Args:
        request: What the user asks.
    """
    start = _with_settings(StartConfig(), request)
    if start.lora.rank:
        return "lora"
    if start.frozen_layers == "all":
        return "frozen"
    return "whole" if start.frozen_layers else None


def start_for(
    request: FitRequest, tuning: Tuning, run: str | None, *, is_tuned: bool
) -> StartConfig:
    """Return the section of the plan that says what to start from.

    Args:
        request: What the user asks.
        tuning: How a pretrained encoder is trained.
        run: Run to start from; None for none.
        is_tuned: Whether an encoder of that run is trained further as a published one would be.
    """
    if request.pretrained is None:
        if run is None or not is_tuned:
            return StartConfig(run=run)
        start = StartConfig(
            run=run,
            frozen_layers="all" if tuning.way == "frozen" else tuning.frozen_layers,
            rate_factor=tuning.rate_factor,
            rate_factor_per_layer=tuning.rate_factor_per_layer,
        )
        return _with_lora(start, tuning)
    start = StartConfig(
        run=run,
        pretrained=request.pretrained,
        pretrained_sha256=model_digest(model_folder(request.pretrained)),
        frozen_layers="all" if tuning.way == "frozen" else tuning.frozen_layers,
        rate_factor=tuning.rate_factor,
        rate_factor_per_layer=tuning.rate_factor_per_layer,
    )
    return _with_lora(start, tuning)


def _with_lora(start: StartConfig, tuning: Tuning) -> StartConfig:
    if tuning.way != "lora":
        return start
    return replace(start, lora=replace(start.lora, rank=RANK))


def take_pretrained(plan: Plan, model: nn.Module, schema: Schema, watch: Watch) -> None:
    """Copy the weights of the plan's published model into the encoders that it fits.

    Args:
        plan: Every decision.
        model: The network with its first weights; changed in place.
        schema: The fitted schema.
        watch: Takes what happens.

    Raises:
        ConfigError: The model has changed since the plan was made, or fits no input.
        BundleError: Its weights cannot be used.
    """
    start = plan.transfer
    if start.pretrained is None:
        return
    folder = model_folder(start.pretrained)
    if start.pretrained_sha256 not in (None, model_digest(folder)):
        raise ConfigError(
            f"the files of {start.pretrained} are not those that the plan was made with. Put them "
            "back, or set transfer.pretrained_sha256 to null to take them as they are."
        )
    found = list(_pretrained_encoders(plan, model, schema))
    for name, encoder in found:
        load_pretrained(encoder, folder, unknown=_unknown(schema, name))
        numbers = sum(p.numel() for p in encoder.parameters())
        watch.say(f"From {start.pretrained}: {numbers:,} weights for {name!r}")
    if not found:
        wanted = type(pretrained_encoder(folder)).__name__.removesuffix("Config")
        raise ConfigError(
            f"{start.pretrained} is a {wanted} for inputs of the kind {family_of(folder).kind!r}, "
            "and no input has such an encoder. Check what the columns are with --as, and leave "
            "network.encoders as it is planned."
        )


def tune(plan: Plan, model: nn.Module, schema: Schema, watch: Watch) -> dict[str, float]:
    """Freeze layers of a pretrained encoder, or give them corrections of low rank.

    Args:
        plan: Every decision.
        model: The network; changed in place.
        schema: The fitted schema.
        watch: Takes what happens.

    Returns:
        Factors on the learning rate by parameter.

    Raises:
        ConfigError: A setting fits nothing.
    """
    start = plan.transfer
    if start.pretrained is None and masked_network(start.run) is None:
        return {}
    rates: dict[str, float] = {}
    for name, encoder in _pretrained_encoders(plan, model, schema):
        layers = encoder.layers_in_order()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(derive(plan.seed, "lora"))
            with_lora(encoder, start.lora)
        frozen = len(layers) if start.frozen_layers == "all" else start.frozen_layers
        if not 0 <= frozen <= len(layers):
            raise ConfigError(
                f'transfer.frozen_layers must be "all" or from 0 to {len(layers)}, which the '
                f"encoder of {name!r} has, got {start.frozen_layers!r}."
            )
        for layer in [encoder] if frozen == len(layers) else layers[:frozen]:
            layer.requires_grad_(False)
        rates |= _rates(start, model, encoder)
        watch.say(_told(encoder, name))
    freeze(model, start.freeze)
    return rates


def _with_settings(start: StartConfig, request: FitRequest) -> StartConfig:
    """Return a section with those of the user's settings that belong to it."""
    document = {"transfer": to_document(start)}
    for text in request.settings:
        try:
            if split_setting(text)[0].split(".")[0] == "transfer":
                document, _ = apply_settings(document, [text])
        except ConfigError:
            continue  # told where the whole plan is changed
    return from_document(StartConfig, document["transfer"], where="transfer")


def _pretrained_encoders(
    plan: Plan, model: nn.Module, schema: Schema
) -> Iterator[tuple[str, AbstractEncoder]]:
    """Yield name and encoder of each input that the published model or the run fits."""
    network = plan.recipe.network
    encoders = model.taught_encoders() if isinstance(model, AbstractModel) else {}
    if not encoders:
        if plan.transfer.pretrained is None:
            return
        raise ConfigError(
            f"the task {plan.task} starts from no published model. Leave out --pretrained."
        )
    kind: str = "text"
    wanted: type[AbstractEncoderConfig] = TransformerConfig
    if plan.transfer.pretrained is not None:
        folder = model_folder(plan.transfer.pretrained)
        kind, wanted = family_of(folder).kind, type(pretrained_encoder(folder))
    for spec in schema.input_specs():
        read = spec.pieces or spec
        if spec.name not in encoders:
            continue  # one encoder may read several inputs
        if read.kind == kind and isinstance(network.encoder_of(spec), wanted):
            yield spec.name, encoders[spec.name]


def _unknown(schema: Schema, name: str) -> int:
    """Return the number of the unknown piece of texts or words; 0 for other inputs."""
    for column in schema.inputs:
        fitted = column.fitted.pieces if isinstance(column.fitted, Words) else column.fitted
        if isinstance(fitted, Text) and input_name(column.name) == name:
            if fitted.subwords is None:
                raise ConfigError(
                    f"the texts of {name!r} are cut into words, and a published model needs its "
                    "own tokeniser. Set data.fitting.tokeniser to what transfer.pretrained is."
                )
            return fitted.subwords.unknown
    return 0


def _rates(start: StartConfig, model: nn.Module, encoder: AbstractEncoder) -> dict[str, float]:
    """Return factors on the learning rate of an encoder's parameters, layer by layer."""
    layers = encoder.layers_in_order()
    factors = {id(p): start.rate_factor for p in encoder.parameters()}
    for place, layer in enumerate(layers):
        factor = start.rate_factor * start.rate_factor_per_layer ** (len(layers) - 1 - place)
        factors |= dict.fromkeys(map(id, layer.parameters()), factor)
    names = ((name, factors.get(id(p))) for name, p in model.named_parameters())
    return {name: factor for name, factor in names if factor is not None}


def _told(encoder: AbstractEncoder, name: str) -> str:
    every = list(encoder.parameters())
    trained = sum(p.numel() for p in every if p.requires_grad)
    corrected = sum(isinstance(module, LoraLinear) for module in encoder.modules())
    adapters = f" in corrections of {corrected} layers" if corrected else ""
    share = f"{trained:,} of {sum(p.numel() for p in every):,} weights{adapters}"
    return f"Of the encoder of {name!r}, {share} are trained"
