"""All families of published networks whose weights can be taken over, by their `model_type`."""

from collections.abc import Mapping

from lamina.core.table import Entry, table
from lamina.networks.pretrained.bert import BERT
from lamina.networks.pretrained.convnext import CONVNEXT
from lamina.networks.pretrained.distilbert import DISTILBERT
from lamina.networks.pretrained.family import Family
from lamina.networks.pretrained.gpt2 import GPT2
from lamina.networks.pretrained.resnet import RESNET
from lamina.networks.pretrained.roberta import ROBERTA
from lamina.networks.pretrained.vit import VIT

FAMILIES: Mapping[str, Entry[Family]] = table(
    Entry("bert", BERT, "BERT and sentence encoders made of it.", "arXiv:1810.04805"),
    Entry("convnext", CONVNEXT, "ConvNeXt.", "arXiv:2201.03545"),
    Entry("distilbert", DISTILBERT, "DistilBERT.", "arXiv:1910.01108"),
    Entry("gpt2", GPT2, "GPT-2 and DistilGPT-2.", "Radford et al. 2019"),
    Entry("resnet", RESNET, "ResNet.", "arXiv:1512.03385"),
    Entry("roberta", ROBERTA, "RoBERTa and DistilRoBERTa.", "arXiv:1907.11692"),
    Entry("vit", VIT, "Vision Transformer.", "arXiv:2010.11929"),
)
"""By the name that config.json gives as `model_type`."""
