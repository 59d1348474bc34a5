"""Config and weights of a published model from its folder: JSON and safetensors, nothing else.

A pickle such as pytorch_model.bin can execute code when it is read, so it is refused.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

import torch
from torch import Tensor

from lamina.core.errors import BundleError
from lamina.core.hub import read_json

_PICKLES = (
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
    "tf_model.h5",
    "flax_model.msgpack",
)


@final
class Settings:
    """The values of a config.json, each checked where it is read.

    Args:
        document: The values.
        where: Name of the file for messages.
    """

    def __init__(self, document: Mapping[str, Any], where: str) -> None:
        self._document, self._where = document, where

    def integer(self, name: str, default: int | None = None) -> int:
        """Return a whole number from 1.

        Args:
            name: Its name.
            default: Its value where it is missing; None refuses that.
        """
        value = self._get(name, default)
        if type(value) is not int or value < 1:
            raise self._refusal(name, value, "a whole number from 1")
        return value

    def integers(self, name: str) -> tuple[int, ...]:
        """Return a list of whole numbers from 1.

        Args:
            name: Its name.
        """
        values = self._get(name, None)
        if not isinstance(values, list) or any(type(v) is not int or v < 1 for v in values):
            raise self._refusal(name, values, "a list of whole numbers from 1")
        return tuple(values)

    def number(self, name: str, default: float) -> float:
        """Return a number of 0 or above.

        Args:
            name: Its name.
            default: Its value where it is missing.
        """
        value = self._get(name, default)
        if type(value) not in (int, float) or not 0 <= value < 1e9:
            raise self._refusal(name, value, "a number of 0 or above")
        return float(value)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text.

        Args:
            name: Its name.
            default: Its value where it is missing; None refuses that.
        """
        value = self._get(name, default)
        if not isinstance(value, str):
            raise self._refusal(name, value, "a text")
        return value

    def has(self, name: str) -> bool:
        """Return whether a setting has a value.

        Args:
            name: Its name.
        """
        return self._document.get(name) is not None

    def must_be(self, **wanted: Any) -> None:
        """Refuse a model that computes otherwise than our network.

        Args:
            **wanted: The only value taken of each setting, which is also the default.

        Raises:
            BundleError: A value is another.
        """
        for name, value in wanted.items():
            if self._document.get(name, value) != value:
                raise self._refusal(name, self._document[name], repr(value))

    def _get(self, name: str, default: Any) -> Any:
        value = self._document.get(name, default)
        if value is None and default is None:
            raise BundleError(f"{self._where} has no {name!r}, which the network needs.")
        return value

    def _refusal(self, name: str, value: Any, wanted: str) -> BundleError:
        return BundleError(f"{name!r} in {self._where} must be {wanted}, got {value!r:.80}.")


def read_settings(folder: Path) -> Settings:
    """Return the values of a model's config.json.

    Args:
        folder: Folder of the model.

    Raises:
        BundleError: It is missing or no JSON.
    """
    return Settings(read_json(folder / "config.json"), str(folder / "config.json"))


def read_weights(folder: Path) -> dict[str, Tensor]:
    """Return the weights of a model as float32, from one file or from several with an index.

    Args:
        folder: Folder of the model.

    Raises:
        BundleError: They are missing, damaged, or there as a pickle only.
    """
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return _read_file(folder, "model.safetensors")
    places = read_json(index).get("weight_map")
    if not isinstance(places, dict) or not all(isinstance(name, str) for name in places.values()):
        raise BundleError(f"{index} is damaged: it has no weight_map.")
    tensors: dict[str, Tensor] = {}
    for name in sorted(set(places.values())):
        if Path(name).name != name:
            raise BundleError(f"{index} names the file {name!r}, which lies in another folder.")
        tensors |= _read_file(folder, name)
    absent = sorted(set(places) - set(tensors))
    if absent:
        raise BundleError(f"{index} names {len(absent)} tensors that no file has: {absent[0]!r}.")
    return tensors


def _read_file(folder: Path, name: str) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    path = folder / name
    if not path.is_file():
        pickle = next((p for p in _PICKLES if (folder / p).exists()), None)
        why = (
            f"{pickle} is there, but such a file can execute code when it is read, so it is never "
            "opened. Convert it where you trust it, with save_pretrained of transformers"
            if pickle
            else "Give the folder that holds it"
        )
        raise BundleError(f"{path} is missing. {why}.")
    try:
        tensors = load_file(path)
    except (SafetensorError, ValueError, KeyError, RuntimeError, OverflowError, TypeError) as error:
        raise BundleError(f"{path} is damaged: {error}.") from error
    return {
        name: tensor.to(torch.float32) if tensor.is_floating_point() else tensor
        for name, tensor in tensors.items()
    }
