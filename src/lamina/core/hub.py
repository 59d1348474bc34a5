"""Folders of published models: where one is, and a digest of what it holds.

A model is named by its folder or, where the network may be used, by `hub:owner/name`. Only the
files that are read are fetched, and none of them can hold code.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lamina.core.errors import BundleError, ConfigError, MissingExtraError
from lamina.core.files import sha256_of

HUB = "hub:"
"""Begins the name of a model on a hub."""

FILES = (
    "config.json",
    "model.safetensors",
    "model.safetensors.index.json",
    "model-*.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "preprocessor_config.json",
    "sentence_bert_config.json",
    "1_Pooling/config.json",
)
"""Patterns of the files that are read."""

_NAME = re.compile(r"[\w.-]+(?:/[\w.-]+)?(?:@[\w./-]+)?")


def model_folder(name: str) -> Path:
    """Return the folder of a published model; one on a hub is fetched, or taken from the cache.

    Args:
        name: A folder, or "hub:owner/name" with "@revision" behind it where one is meant.

    Raises:
        ConfigError: There is no such folder, it holds no model, or the hub does not give it.
        MissingExtraError: A hub is asked for, and its client is not installed.
    """
    folder = fetched(name, FILES) if name.startswith(HUB) else Path(name).expanduser()
    if not folder.is_dir():
        hint = f" For a model on the hub write {HUB}{name}." if _NAME.fullmatch(name) else ""
        raise ConfigError(f"there is no folder {name!r} of a pretrained model.{hint}")
    if not (folder / "config.json").is_file():
        raise ConfigError(
            f"{name} holds no pretrained model: config.json is missing. Give the folder with "
            "config.json and model.safetensors."
        )
    return folder


def fetched(name: str, files: Sequence[str]) -> Path:
    """Return the folder of a model on a hub, fetched or taken from the cache.

    Args:
        name: "hub:owner/name", with "@revision" behind it where one is meant.
        files: Patterns of the files to fetch.

    Raises:
        ConfigError: The name is none, or the hub does not give it.
        MissingExtraError: The hub's client is not installed.
    """
    name = name.removeprefix(HUB)
    if not _NAME.fullmatch(name):
        raise ConfigError(f"a model on the hub is named {HUB}owner/name, got {HUB + name!r}.")
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    except ImportError as error:
        raise MissingExtraError(
            "huggingface_hub", extra="hub", purpose=f"a model from {HUB}{name}"
        ) from error
    repository, _, revision = name.partition("@")
    try:
        place = snapshot_download(repository, revision=revision or None, allow_patterns=list(files))
    except (HfHubHTTPError, LocalEntryNotFoundError, ValueError, OSError) as error:
        reason = str(error).strip().split("\n")[0]
        raise ConfigError(
            f"the hub does not give {name!r}: {reason} Check the name and the connection, or give "
            "a folder."
        ) from error
    return Path(place)


def model_digest(folder: Path) -> str:
    """Return the SHA-256 over the names and bytes of all files that are read of a model.

    Args:
        folder: Its folder.
    """
    digest = hashlib.sha256()
    for path in model_files(folder):
        digest.update(f"{path.relative_to(folder).as_posix()}\n{sha256_of(path)}\n".encode())
    return digest.hexdigest()


def model_files(folder: Path) -> Iterator[Path]:
    """Yield the files of a model that are read, in the order of their names.

    Args:
        folder: Its folder.
    """
    yield from sorted({path for pattern in FILES for path in folder.glob(pattern)})


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file.

    Args:
        path: The file.

    Raises:
        BundleError: It cannot be read, or holds no object.
    """
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise BundleError(f"cannot read {path}: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{path} is damaged: it holds no JSON.") from error
    if not isinstance(value, dict):
        raise BundleError(f"{path} is damaged: its JSON is no object.")
    return value
