"""Config and weights from files."""

import json

import pytest
import torch
from safetensors.torch import save_file

from lamina.core.errors import BundleError
from lamina.networks.pretrained.files import Settings, read_settings, read_weights


def test_settings_are_checked() -> None:
    settings = Settings({"a": 3, "b": "x", "c": [1, 2], "d": None}, "config.json")
    assert (settings.integer("a"), settings.text("b"), settings.integers("c")) == (3, "x", (1, 2))
    assert (settings.integer("d", 4) if settings.has("d") else 4, settings.number("e", 0.1)) == (
        4,
        0.1,
    )
    for read in (
        lambda: settings.integer("b"),
        lambda: settings.integers("a"),
        lambda: settings.number("b", 1.0),
        lambda: settings.text("a"),
        lambda: settings.integer("missing"),
        lambda: settings.must_be(b="y"),
    ):
        with pytest.raises(BundleError, match=r"config\.json"):
            read()


def test_half_precision_becomes_float32(tmp_path) -> None:
    save_file({"a": torch.ones(2, dtype=torch.bfloat16)}, tmp_path / "model.safetensors")
    assert read_weights(tmp_path)["a"].dtype == torch.float32


def shards(folder, places):
    save_file({"a": torch.zeros(1)}, folder / "model-00001-of-00002.safetensors")
    save_file({"b": torch.ones(1)}, folder / "model-00002-of-00002.safetensors")
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": places}))
    return folder


def test_shards_are_read_by_their_index(tmp_path) -> None:
    one, two = (f"model-0000{n}-of-00002.safetensors" for n in (1, 2))
    assert set(read_weights(shards(tmp_path, {"a": one, "b": two}))) == {"a", "b"}
    with pytest.raises(BundleError, match="names 1 tensors that no file has: 'c'"):
        read_weights(shards(tmp_path, {"a": one, "c": two}))
    with pytest.raises(BundleError, match="lies in another folder"):
        read_weights(shards(tmp_path, {"a": "../other.safetensors"}))
    with pytest.raises(BundleError, match="has no weight_map"):
        read_weights(shards(tmp_path, [one]))


def test_pickles_are_refused_unread(tmp_path) -> None:
    with pytest.raises(BundleError, match=r"is missing\. Give the folder"):
        read_weights(tmp_path)
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(BundleError, match="can execute code"):
        read_weights(tmp_path)


def test_damage_is_named(tmp_path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"\xff" * 64)
    with pytest.raises(BundleError, match="is damaged"):
        read_weights(tmp_path)
    with pytest.raises(BundleError, match=r"cannot read .*config\.json"):
        read_settings(tmp_path)
