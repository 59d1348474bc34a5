"""A published model as one of our encoders: which network it is, and its weights.

config = pretrained_encoder(folder)
encoder = config.build(spec)
load_pretrained(encoder, folder, unknown=...)
"""

from dataclasses import replace
from pathlib import Path

from lamina.core.errors import BundleError, unknown_name
from lamina.core.hub import read_json
from lamina.networks.bert import BertConfig
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig
from lamina.networks.pretrained.family import Family
from lamina.networks.pretrained.files import read_settings, read_weights
from lamina.networks.pretrained.names import take_weights
from lamina.networks.pretrained.table import FAMILIES

_POOLINGS = {
    "pooling_mode_cls_token": "first",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
}
"""By the name that sentence encoders give it: our pooling."""


def family_of(folder: Path) -> Family:
    """Return the family of a published model.

    Args:
        folder: Folder of the model.

    Raises:
        BundleError: It is of none that is known.
    """
    name = read_settings(folder).text("model_type")
    if name not in FAMILIES:
        raise BundleError(f"{folder}: {unknown_name('model_type', name, FAMILIES)}")
    return FAMILIES[name].value


def pretrained_encoder(folder: Path) -> AbstractEncoderConfig:
    """Return the config of the network that computes what a published model computes.

    Args:
        folder: Folder of the model.

    Raises:
        BundleError: It is of no known family, or has a setting that our network has not.
    """
    config = family_of(folder).config(read_settings(folder))
    path = folder / "1_Pooling" / "config.json"
    if isinstance(config, BertConfig) and path.is_file():
        given = read_json(path)
        pooling = next((ours for name, ours in _POOLINGS.items() if given.get(name)), None)
        return config if pooling is None else replace(config, pooling=pooling)
    return config


def load_pretrained(encoder: AbstractEncoder, folder: Path, *, unknown: int = 0) -> None:
    """Copy the weights of a published model into an encoder.

    Args:
        encoder: As the config of `pretrained_encoder` builds it; changed in place.
        folder: Folder of the model.
        unknown: Row of the published vocabulary that stands for an unknown word.

    Raises:
        BundleError: A tensor is missing, unknown or of another shape; the encoder is unchanged.
    """
    names = family_of(folder).names(pretrained_encoder(folder))
    take_weights(encoder, read_weights(folder), names, unknown=unknown)
