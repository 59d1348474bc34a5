import asyncio

import pytest

from lamina.core.errors import ConfigError, LaminaError
from lamina.serving.config import ServingConfig
from lamina.serving.meter import Meter
from lamina.serving.models import Models, check_name, model_name
from lamina.serving.refusal import Refusal
from tests.serving.fakes import Shop


def models() -> Models:
    return Models(ServingConfig(), Meter())


def test_a_model_is_found_by_name():
    every = models()
    every.put(every.prepare("shop", Shop()))
    assert every.get("shop").name == "shop"
    assert len(every) == 1
    with pytest.raises(Refusal, match="no model 'shpo'; known: shop") as refused:
        every.get("shpo")
    assert refused.value.status == 404


def test_a_model_that_fails_on_a_typical_row_is_not_taken():
    every, broken = models(), Shop()
    broken.is_broken = True
    with pytest.raises(LaminaError, match="fails on a typical row"):
        every.prepare("shop", broken)
    assert len(every) == 0


def test_requests_of_the_old_version_are_finished_by_it():
    old, new = Shop(bias=-9.0), Shop(bias=9.0)

    async def main():
        every = models()
        every.put(every.prepare("shop", old))
        first = every.get("shop")
        old.gate.clear()
        waiting = asyncio.create_task(first.batcher.answer([{"age": 45}], timeout_s=10))
        await asyncio.sleep(0.02)
        every.put(every.prepare("shop", new))
        second = every.get("shop")
        (now,) = await second.batcher.answer([{"age": 45}], timeout_s=10)
        old.gate.set()
        (then,) = await waiting
        await every.close()
        return then["buys"], now["buys"], first.version != second.version

    assert asyncio.run(main()) == ("no", "yes", True)


def test_a_refused_file_is_remembered_until_a_good_one_comes():
    async def main():
        every = models()
        every.put(every.prepare("shop", Shop()))
        every.refuse("shop", "it is damaged.")
        problems = dict(every.problems)
        every.put(every.prepare("shop", Shop()))
        await every.close()
        return problems, every.problems

    assert asyncio.run(main()) == ({"shop": "it is damaged."}, {})


def test_names_come_from_files_and_folders(tmp_path):
    assert model_name(tmp_path / "adult.onnx") == "adult"
    assert model_name(tmp_path / "über model.v2.onnx") == "ber-model"
    assert model_name(tmp_path / "!!.onnx") == "model"
    folder = tmp_path / "adult-1.5"
    folder.mkdir()
    assert model_name(folder) == "adult-1.5"


@pytest.mark.parametrize("name", ["", "a/b", "..", "a b", "-a", "x" * 81, "ü", "a\n"])
def test_names_that_cannot_stand_in_a_path_are_refused(name):
    with pytest.raises(ConfigError, match="NAME=FILE"):
        check_name(name)
    assert check_name("adult-1.5_b") == "adult-1.5_b"
