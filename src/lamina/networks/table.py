"""All networks that a plan can name: encoders, trunks and heads.

Each value is a config class; its class attributes say which role it plays (`role`) and which kinds
of input an encoder takes (`kinds`).
"""

from collections.abc import Mapping

from lamina.core.table import Entry, table
from lamina.networks.angular import AngularHeadConfig
from lamina.networks.bert import BertConfig
from lamina.networks.category_embedding import CategoryEmbeddingConfig
from lamina.networks.committee import CommitteeConfig
from lamina.networks.convnet import ConvNetConfig
from lamina.networks.convnext import ConvNeXtConfig
from lamina.networks.fcn import FCNConfig
from lamina.networks.gpt2 import GPT2Config
from lamina.networks.heads import (
    DiagonalHeadConfig,
    LinearHeadConfig,
    ScaledHeadConfig,
    ZeroHeadConfig,
)
from lamina.networks.inception_time import InceptionTimeConfig
from lamina.networks.mlp import MLPConfig
from lamina.networks.ngram_bag import NgramBagConfig
from lamina.networks.number_linear import NumberLinearConfig
from lamina.networks.number_neighbours import NumberNeighboursConfig
from lamina.networks.number_periodic import NumberPeriodicConfig
from lamina.networks.number_piecewise import NumberPiecewiseConfig
from lamina.networks.parts import AbstractEncoderConfig, AbstractHeadConfig, AbstractTrunkConfig
from lamina.networks.perceptron import PerceptronConfig
from lamina.networks.random_kernels import RandomKernelsConfig
from lamina.networks.residual_mlp import ResidualMLPConfig
from lamina.networks.resnet import ResNetConfig
from lamina.networks.ridge import RidgeHeadConfig
from lamina.networks.rnn import RNNConfig
from lamina.networks.series_resnet import SeriesResNetConfig
from lamina.networks.series_rnn import SeriesRNNConfig
from lamina.networks.sound_convnet import SoundConvNetConfig
from lamina.networks.tabm import TabMConfig
from lamina.networks.tabular import NTKHeadConfig, TabularConfig
from lamina.networks.text_cnn import TextCNNConfig
from lamina.networks.text_joint import TextJointConfig
from lamina.networks.transformer import TransformerConfig
from lamina.networks.vit import ViTConfig
from lamina.networks.vit_original import OriginalViTConfig

NetworkConfig = type[AbstractEncoderConfig] | type[AbstractTrunkConfig] | type[AbstractHeadConfig]
"""Class of the config of a part."""

NETWORKS: Mapping[str, Entry[NetworkConfig]] = table(
    # Encoders of numbers
    Entry("number_linear", NumberLinearConfig, "Numbers as they are.", "Little and Rubin 2002"),
    Entry(
        "number_periodic",
        NumberPeriodicConfig,
        "Numbers with learned waves of them.",
        "arXiv:2407.04491, arXiv:2203.05556",
    ),
    Entry(
        "number_piecewise",
        NumberPiecewiseConfig,
        "Numbers as progress through their quantiles.",
        "arXiv:2203.05556",
    ),
    Entry(
        "number_neighbours",
        NumberNeighboursConfig,
        "Numbers with the answers of rows near by.",
        "arXiv:2407.03257",
    ),
    # Encoders of categories
    Entry(
        "category_embedding",
        CategoryEmbeddingConfig,
        "Few categories one-hot, many as learned vectors.",
        "arXiv:1604.06737",
    ),
    # Encoders of pictures
    Entry("convnet", ConvNetConfig, "Small, fast convolutional network.", "arXiv:2404.00498"),
    Entry("resnet", ResNetConfig, "Residual convolutional network.", "arXiv:1512.03385"),
    Entry("vit", ViTConfig, "Vision Transformer.", "arXiv:2010.11929, arXiv:2205.01580"),
    Entry("convnext", ConvNeXtConfig, "ConvNeXt, as published.", "arXiv:2201.03545"),
    Entry(
        "vit_original", OriginalViTConfig, "Vision Transformer, as published.", "arXiv:2010.11929"
    ),
    # Encoders of texts
    Entry(
        "ngram_bag",
        NgramBagConfig,
        "Bag of hashed word n-grams.",
        "arXiv:1607.01759, Wang and Manning 2012",
    ),
    Entry("text_cnn", TextCNNConfig, "Convolutions over a few words.", "arXiv:1408.5882"),
    Entry(
        "text_joint",
        TextJointConfig,
        "Bag of n-grams beside convolutions.",
        "arXiv:1501.00102, arXiv:1408.5882",
    ),
    Entry("rnn", RNNConfig, "Recurrent network: simple, LSTM or GRU.", "arXiv:1705.02364"),
    Entry("transformer", TransformerConfig, "Transformer encoder.", "arXiv:1706.03762"),
    Entry(
        "bert",
        BertConfig,
        "BERT, RoBERTa and DistilBERT, as published.",
        "arXiv:1810.04805, arXiv:1907.11692, arXiv:1910.01108",
    ),
    Entry("gpt2", GPT2Config, "GPT-2, as published.", "Radford et al. 2019"),
    # Encoders of series
    Entry(
        "random_kernels",
        RandomKernelsConfig,
        "Thousands of convolutions that are never learnt.",
        "arXiv:2203.13652, arXiv:2102.00457",
    ),
    Entry("fcn", FCNConfig, "Three convolutions and a mean.", "arXiv:1611.06455"),
    Entry("series_resnet", SeriesResNetConfig, "Residual convolutions.", "arXiv:1611.06455"),
    Entry(
        "inception_time",
        InceptionTimeConfig,
        "Convolutions of several lengths side by side.",
        "arXiv:1909.04939",
    ),
    Entry(
        "series_rnn",
        SeriesRNNConfig,
        "Recurrent network over steps: simple, LSTM or GRU.",
        "Graves and Schmidhuber 2005",
    ),
    # Encoders of sounds
    Entry(
        "sound_convnet",
        SoundConvNetConfig,
        "Convolutions over log-mel bands.",
        "arXiv:1609.09430, arXiv:1904.08779",
    ),
    # Trunks
    Entry("perceptron", PerceptronConfig, "No hidden layer.", "Rosenblatt 1958"),
    Entry("committee", CommitteeConfig, "Features cut into members.", "arXiv:1511.06314"),
    Entry("mlp", MLPConfig, "Fully connected layers.", "Rumelhart, Hinton and Williams 1986"),
    Entry("residual_mlp", ResidualMLPConfig, "Fully connected blocks.", "arXiv:2106.11959"),
    Entry("tabular", TabularConfig, "RealMLP: a perceptron made for tables.", "arXiv:2407.04491"),
    Entry("tabm", TabMConfig, "TabM-mini: many networks in one.", "arXiv:2410.24210"),
    # Heads
    Entry("linear", LinearHeadConfig, "A linear map.", "Rosenblatt 1958"),
    Entry("zero", ZeroHeadConfig, "A linear map, zero at first.", "arXiv:1901.09321"),
    Entry("ridge", RidgeHeadConfig, "A linear map in closed form.", "arXiv:1910.13051"),
    Entry("scaled", ScaledHeadConfig, "Unit weights, fixed factor.", "arXiv:2404.00498"),
    Entry("ntk", NTKHeadConfig, "The head of RealMLP.", "arXiv:2407.04491"),
    Entry("angular", AngularHeadConfig, "An embedding, and cosines.", "arXiv:1801.07698"),
    Entry("diagonal", DiagonalHeadConfig, "Feature i is answer i at first.", "arXiv:1504.00941"),
)
"""All networks by name."""
