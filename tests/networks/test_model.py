"""Encoder–trunk–head as a whole."""

from dataclasses import replace

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.core.records import OutputSpec
from lamina.networks.category_embedding import CategoryEmbeddingConfig
from lamina.networks.mlp import MLPConfig
from lamina.networks.model import ModelConfig, encoders_of
from lamina.networks.number_linear import NumberLinearConfig
from lamina.networks.tabm import TabMConfig
from lamina.networks.tabular import TabularConfig
from tests.networks.specs import categories, category_spec, number_spec

CONFIG = ModelConfig(
    encoders={"number": NumberLinearConfig(), "category": CategoryEmbeddingConfig()},
    trunk=MLPConfig(depth=1, width=8),
)


def _model():
    return CONFIG.build([number_spec(), category_spec()], [OutputSpec("y", 2), OutputSpec("z", 1)])


def test_every_output_has_its_size() -> None:
    inputs = {"number": torch.randn(5, 3), "category": categories(category_spec(), 5)}
    outputs = _model()(inputs)
    assert {name: tuple(value.shape) for name, value in outputs.items()} == {
        "y": (5, 2),
        "z": (5, 1),
    }


def test_the_encoder_of_a_column_goes_before_that_of_its_kind() -> None:
    config = ModelConfig(
        encoders={
            "category": CategoryEmbeddingConfig(width=4),
            "shop": CategoryEmbeddingConfig(width=6),
        }
    )
    assert config.encoder_of(category_spec()) == CategoryEmbeddingConfig(width=4)
    shop = replace(category_spec(), name="shop")
    assert config.encoder_of(shop) == CategoryEmbeddingConfig(width=6)


def test_document_round_trip() -> None:
    document = CONFIG.to_document()
    assert document["trunk"]["name"] == "mlp"
    assert document["trunk"]["width"] == 8
    assert ModelConfig.from_document(document) == CONFIG


def test_a_document_may_name_a_part_only() -> None:
    config = ModelConfig.from_document({"encoders": {"number": "number_linear"}, "trunk": "mlp"})
    assert config.trunk == MLPConfig()


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"trunk": {"name": "mpl"}}, "Did you mean 'mlp'"),
        ({"trunk": {"name": "mlp", "widht": 3}}, "Did you mean 'width'"),
        ({"trunk": "number_linear"}, "is not of the role trunk, but encoder"),
        ({"trunks": "mlp"}, "Did you mean 'trunk'"),
        ({"encoders": ["mlp"]}, "must map inputs or kinds"),
    ],
)
def test_a_wrong_document_is_explained(document, message) -> None:
    with pytest.raises(ConfigError, match=message):
        ModelConfig.from_document(document)


def test_an_input_without_encoder_is_explained() -> None:
    with pytest.raises(ConfigError, match=r"has no encoder\. Add one under the key 'number'"):
        ModelConfig().build([number_spec()], [OutputSpec("y", 1)])


def test_an_encoder_of_another_kind_is_explained() -> None:
    config = ModelConfig(encoders={"number": CategoryEmbeddingConfig()})
    with pytest.raises(ConfigError, match="takes category, but input 'number' is of kind"):
        config.build([number_spec()], [OutputSpec("y", 1)])


def test_an_encoder_without_input_is_explained() -> None:
    config = ModelConfig(encoders={"nubmer": NumberLinearConfig()})
    with pytest.raises(ConfigError, match="Did you mean 'number'"):
        config.build([number_spec()], [OutputSpec("y", 1)])


def test_encoders_of_a_kind() -> None:
    assert "number_linear" in encoders_of("number")
    assert "number_linear" not in encoders_of("category")


def test_names_of_columns_may_hold_anything() -> None:
    spec = replace(number_spec(), name="a.b/ç keys")
    config = ModelConfig(encoders={"a.b/ç keys": NumberLinearConfig()})
    model = config.build([spec], [OutputSpec("the y.", 1)])
    assert set(model({"a.b/ç keys": torch.randn(2, 3)})) == {"the y."}


def test_features_are_what_the_heads_see() -> None:
    model = _model()
    inputs = {"number": torch.randn(5, 3), "category": categories(category_spec(), 5)}
    features = model.features(inputs)
    assert features.shape == (5, 8)
    assert torch.equal(model.heads[0](features), model(inputs)["y"])


def test_initialising_walks_from_inputs_to_outputs() -> None:
    config = ModelConfig(encoders={"number": NumberLinearConfig()}, trunk=TabularConfig(width=16))
    model = config.build([number_spec()], [OutputSpec("y", 2)]).train()
    numbers = torch.randn(200, 3) * 40.0
    model.initialise({"number": numbers}, {"y": torch.zeros(200, dtype=torch.int64)})
    assert model.training
    first = model.trunk.layers[0](model.encoders[0](numbers)).std(dim=0, correction=0)
    torch.testing.assert_close(first, torch.ones(16), rtol=1e-3, atol=1e-3)


def test_the_number_of_members_is_that_of_the_trunk() -> None:
    config = ModelConfig(encoders={"number": NumberLinearConfig()}, trunk=TabMConfig(members=3))
    model = config.build([number_spec()], [OutputSpec("y", 2)])
    assert model.num_members == 3
    assert model({"number": torch.randn(4, 3)})["y"].shape == (4, 3, 2)


def test_parts_that_take_nothing_from_data_cost_nothing(monkeypatch) -> None:
    config = ModelConfig(encoders={"number": NumberLinearConfig()}, trunk=TabMConfig(members=3))
    model = config.build([number_spec()], [OutputSpec("y", 2)])
    monkeypatch.setattr(model, "encoded", None)
    model.initialise({"number": torch.randn(9, 3)}, {"y": torch.zeros(9, dtype=torch.int64)})
