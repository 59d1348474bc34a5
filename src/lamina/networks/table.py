"""All networks that a plan can name: encoders, trunks and heads.

Each value is a config class; its class attributes say which role it plays (`role`) and which kinds
of input an encoder takes (`kinds`).
"""

from collections.abc import Mapping

from lamina.core.table import Entry, table
from lamina.networks.category_embedding import CategoryEmbeddingConfig
from lamina.networks.heads import LinearHeadConfig, ScaledHeadConfig, ZeroHeadConfig
from lamina.networks.mlp import MLPConfig
from lamina.networks.number_linear import NumberLinearConfig
from lamina.networks.parts import AbstractEncoderConfig, AbstractHeadConfig, AbstractTrunkConfig
from lamina.networks.perceptron import PerceptronConfig

NetworkConfig = type[AbstractEncoderConfig] | type[AbstractTrunkConfig] | type[AbstractHeadConfig]
"""Class of the config of a part."""

NETWORKS: Mapping[str, Entry[NetworkConfig]] = table(
    # Encoders of numbers and categories
    Entry("number_linear", NumberLinearConfig, "Numbers as they are.", "Little and Rubin 2002"),
    Entry(
        "category_embedding",
        CategoryEmbeddingConfig,
        "Few categories one-hot, many as learned vectors.",
        "Guo and Berkhahn 2016, arXiv:1604.06737",
    ),
    # Trunks
    Entry("perceptron", PerceptronConfig, "No hidden layer: a linear model.", "Rosenblatt 1958"),
    Entry("mlp", MLPConfig, "Fully connected layers.", "Rumelhart, Hinton and Williams 1986"),
    # Heads
    Entry("linear", LinearHeadConfig, "A linear map.", "Rosenblatt 1958"),
    Entry(
        "zero", ZeroHeadConfig, "A linear map that begins at zero.", "Zhang 2019, arXiv:1901.09321"
    ),
    Entry(
        "scaled",
        ScaledHeadConfig,
        "Unit-variance weights with a fixed factor.",
        "Jordan 2024, arXiv:2404.00498",
    ),
)
"""All networks by name."""
