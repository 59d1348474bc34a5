"""The table of whole networks."""

import pytest

from lamina.core.errors import ConfigError
from lamina.networks.architectures import (
    ARCHITECTURES,
    architecture_from_document,
    architecture_to_document,
)
from lamina.networks.language_model import LanguageModelConfig
from lamina.networks.model import ModelConfig
from lamina.networks.recurrent_decoder import RecurrentDecoderConfig


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_documents_round_trip(name) -> None:
    config = ARCHITECTURES[name].value()
    assert architecture_from_document(architecture_to_document(config)) == config
    assert architecture_from_document(name) == config


def test_parts_keep_their_names() -> None:
    config = LanguageModelConfig(decoder=RecurrentDecoderConfig(cell="gru"), context=32)
    document = architecture_to_document(config)
    assert document["decoder"]["name"] == "recurrent_decoder"
    assert architecture_from_document(document) == config


def test_without_a_name_it_is_the_joined_one() -> None:
    assert architecture_from_document({}) == ModelConfig()
    assert "name" not in architecture_to_document(ModelConfig())


def test_wrong_names_are_explained() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'language_model'"):
        architecture_from_document({"name": "language_modle"})
    with pytest.raises(ConfigError, match="contxt"):
        architecture_from_document({"name": "language_model", "contxt": 3})
    with pytest.raises(ConfigError, match="mapping of settings or a name"):
        architecture_from_document(3)
