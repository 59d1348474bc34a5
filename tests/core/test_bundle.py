"""Files load equal or are refused with BundleError; nothing in them can execute."""

import json
import random
from pathlib import Path

import pytest
import torch

from lamina.core.bundle import (
    Bundle,
    load_bundle,
    pack_bundle,
    pack_tensors,
    read_tensors,
    save_bundle,
    unpack_bundle,
    unpack_tensors,
    write_tensors,
)
from lamina.core.errors import BundleError

TENSORS = {
    "weight": torch.arange(6.0).reshape(2, 3),
    "half": torch.ones(3, dtype=torch.bfloat16),
    "count": torch.tensor(7),
    "none": torch.zeros(0, 4),
    "flags": torch.tensor([True, False]),
}
DOCUMENT = {"name": "é", "numbers": [1, 2.5, None], "nested": {"a": {"b": "</script>"}}}


def _equal(one: dict, other: dict) -> bool:
    return set(one) == set(other) and all(
        torch.equal(one[name], other[name]) and one[name].dtype == other[name].dtype for name in one
    )


def test_tensor_files_round_trip(tmp_path: Path) -> None:
    write_tensors(tmp_path / "x.safetensors", TENSORS, DOCUMENT)
    tensors, document = read_tensors(tmp_path / "x.safetensors")
    assert _equal(tensors, TENSORS)
    assert document == DOCUMENT


def test_tied_weights_round_trip() -> None:
    shared = torch.ones(4)
    tensors, _ = unpack_tensors(pack_tensors({"a": shared, "b": shared}, {}), where="x")
    assert torch.equal(tensors["a"], tensors["b"])


def test_bundles_in_memory_are_the_bytes_of_the_files(tmp_path: Path) -> None:
    files = pack_bundle(Bundle(TENSORS, DOCUMENT))
    save_bundle(tmp_path, Bundle(TENSORS, DOCUMENT))
    assert files == {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert _equal(dict(unpack_bundle(files, where="x").tensors), TENSORS)
    files["network.safetensors"] = files["network.safetensors"][:-1]
    with pytest.raises(BundleError, match="does not belong"):
        unpack_bundle(files, where="x")
    with pytest.raises(BundleError, match=r"x lacks its bundle\.json"):
        unpack_bundle({}, where="x")


def test_bundles_round_trip(tmp_path: Path) -> None:
    save_bundle(tmp_path / "model", Bundle(TENSORS, DOCUMENT))
    bundle = load_bundle(tmp_path / "model")
    assert _equal(dict(bundle.tensors), TENSORS)
    assert bundle.document == DOCUMENT
    assert sorted(p.name for p in (tmp_path / "model").iterdir()) == [
        "bundle.json",
        "network.safetensors",
    ]


def test_a_newer_schema_is_refused_with_the_way_out(tmp_path: Path) -> None:
    save_bundle(tmp_path, Bundle({}, {}))
    body = json.loads((tmp_path / "bundle.json").read_text())
    body["schema"] = 99
    (tmp_path / "bundle.json").write_text(json.dumps(body))
    with pytest.raises(BundleError, match="pip install -U lamina"):
        load_bundle(tmp_path)


def test_parts_of_two_models_do_not_mix(tmp_path: Path) -> None:
    save_bundle(tmp_path / "a", Bundle({"w": torch.ones(2)}, {}))
    save_bundle(tmp_path / "b", Bundle({"w": torch.zeros(2)}, {}))
    weights = (tmp_path / "b" / "network.safetensors").read_bytes()
    (tmp_path / "a" / "network.safetensors").write_bytes(weights)
    with pytest.raises(BundleError, match="does not belong"):
        load_bundle(tmp_path / "a")


def test_missing_and_foreign_files(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="cannot read"):
        load_bundle(tmp_path)
    (tmp_path / "x").write_bytes(b"\x80\x04cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(BundleError, match="no tensor file"):
        read_tensors(tmp_path / "x")


def _mutate(data: bytes, chance: random.Random) -> bytes:
    mutated = bytearray(data)
    kind = chance.randrange(5)
    if kind == 0:
        return bytes(mutated[: chance.randrange(len(mutated))])
    if kind == 1:
        position = chance.randrange(len(mutated))
        mutated[position:position] = chance.randbytes(chance.randrange(1, 9))
    elif kind == 2:
        start = chance.randrange(len(mutated))
        del mutated[start : start + chance.randrange(1, 9)]
    else:
        # Flips in the header matter most: half of them go there.
        limit = min(len(mutated), 400) if kind == 3 else len(mutated)
        for _ in range(chance.randrange(1, 4)):
            mutated[chance.randrange(limit)] = chance.randrange(256)
    return bytes(mutated)


def test_mutated_tensor_files_load_equal_or_are_refused() -> None:
    data, chance, refused = pack_tensors(TENSORS, DOCUMENT), random.Random(0), 0
    for _ in range(1500):
        try:
            tensors, document = unpack_tensors(_mutate(data, chance), where="x")
        except BundleError:
            refused += 1
            continue
        assert _equal(tensors, TENSORS)
        assert document == DOCUMENT
    assert refused > 1300


def test_mutated_bundles_load_equal_or_are_refused(tmp_path: Path) -> None:
    save_bundle(tmp_path, Bundle(TENSORS, DOCUMENT))
    data, chance = (tmp_path / "bundle.json").read_bytes(), random.Random(1)
    for _ in range(300):
        (tmp_path / "bundle.json").write_bytes(_mutate(data, chance))
        try:
            bundle = load_bundle(tmp_path)
        except BundleError:
            continue
        assert bundle.document == DOCUMENT


def test_equal_content_gives_equal_bytes():
    tensors = {f"layer.{i}.weight": torch.full((i + 1, 3), float(i)) for i in range(20)}
    tensors["count"] = torch.tensor(3)
    first = pack_tensors(tensors, {"a": 1, "ü": [1, 2]})
    again = dict(reversed(tensors.items()))
    assert all(pack_tensors(again, {"ü": [1, 2], "a": 1}) == first for _ in range(20))
    found, document = unpack_tensors(first, where="memory")
    assert document == {"a": 1, "ü": [1, 2]}
    assert all(torch.equal(found[name], value) for name, value in tensors.items())
