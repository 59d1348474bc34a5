"""Folders of published models."""

import json
import sys
import types

import pytest

from lamina.core import hub
from lamina.core.errors import BundleError, ConfigError, MissingExtraError


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    (tmp_path / "model.safetensors").write_bytes(b"abc")
    return tmp_path


def test_a_folder_is_itself(folder) -> None:
    assert hub.model_folder(str(folder)) == folder


def test_what_is_no_model_is_refused(tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"no folder 'bert-base'.*write hub:bert-base"):
        hub.model_folder("bert-base")
    with pytest.raises(ConfigError, match=r"config\.json is missing"):
        hub.model_folder(str(tmp_path))


def test_the_digest_is_of_what_is_read(folder) -> None:
    before = hub.model_digest(folder)
    (folder / "README.md").write_text("not read")
    (folder / "code.py").write_text("never run")
    assert hub.model_digest(folder) == before
    (folder / "vocab.txt").write_text("a")
    assert hub.model_digest(folder) != before


def test_json_is_read_or_refused(tmp_path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"a": 1}))
    assert hub.read_json(path) == {"a": 1}
    for text, why in (("[1]", "no object"), ("{", "no JSON")):
        path.write_text(text)
        with pytest.raises(BundleError, match=why):
            hub.read_json(path)
    with pytest.raises(BundleError, match="cannot read"):
        hub.read_json(tmp_path / "missing.json")


def _client(answer):
    client, errors = types.ModuleType("huggingface_hub"), types.ModuleType("huggingface_hub.errors")
    client.snapshot_download = answer
    errors.HfHubHTTPError = type("HfHubHTTPError", (Exception,), {})
    errors.LocalEntryNotFoundError = type("LocalEntryNotFoundError", (Exception,), {})
    client.errors = errors
    return {"huggingface_hub": client, "huggingface_hub.errors": errors}


def test_a_model_on_the_hub_is_fetched_without_code(folder, monkeypatch) -> None:
    asked = []

    def fetch(name, **options):
        asked.append((name, options))
        return str(folder)

    for name, module in _client(fetch).items():
        monkeypatch.setitem(sys.modules, name, module)
    assert hub.model_folder("hub:owner/name@v1") == folder
    name, options = asked[0]
    assert (name, options["revision"]) == ("owner/name", "v1")
    assert not any(p.endswith((".py", ".bin", "*")) for p in options["allow_patterns"])


def test_a_hub_that_fails_is_explained(monkeypatch) -> None:
    def fail(name, **options):
        raise OSError(f"no route to {name}")

    for name, module in _client(fail).items():
        monkeypatch.setitem(sys.modules, name, module)
    with pytest.raises(ConfigError, match="does not give 'a/b': no route"):
        hub.model_folder("hub:a/b")
    with pytest.raises(ConfigError, match="named hub:owner/name"):
        hub.model_folder("hub:../../etc passwd")
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match=r"lamina\[hub\]"):
        hub.model_folder("hub:a/b")
