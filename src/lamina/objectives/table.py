"""The table of objectives: name to config."""

from collections.abc import Mapping
from typing import Any, Protocol

from torch import Tensor

from lamina.core.table import Entry, table
from lamina.objectives.angular import AngularMarginConfig, TripletCenterConfig
from lamina.objectives.classification import (
    BinaryCrossEntropyConfig,
    CrossEntropyConfig,
    FocalConfig,
    MultiLabelConfig,
)
from lamina.objectives.detection import DetectionConfig
from lamina.objectives.language import MaskedConfig, NextTokenConfig, TranscriptConfig
from lamina.objectives.members import Objective
from lamina.objectives.regression import HuberConfig, MAEConfig, MSEConfig, PinballConfig
from lamina.objectives.segmentation import PixelClassesConfig
from lamina.objectives.tagging import AllTagsConfig


class ObjectiveConfig(Protocol):
    """What every config of the table can do."""

    def build(self, *, class_counts: Tensor | None = None) -> Objective:
        """Return the objective: output and target to one loss per sample.

        Args:
            class_counts: Training samples of each class, where the target is a class.
        """


OBJECTIVES: Mapping[str, Entry[Any]] = table(
    Entry(
        "cross_entropy",
        CrossEntropyConfig,
        "Softmax cross-entropy over classes; label smoothing, class weights, soft targets.",
        "Szegedy et al. 2016, arXiv:1512.00567",
    ),
    Entry(
        "binary_cross_entropy",
        BinaryCrossEntropyConfig,
        "Cross-entropy of one logit.",
        "Cox 1958",
    ),
    Entry(
        "multi_label",
        MultiLabelConfig,
        "Binary cross-entropy of each of several labels.",
        "Nam et al. 2014, arXiv:1312.5419",
    ),
    Entry(
        "focal",
        FocalConfig,
        "Cross-entropy that plays down samples the network is sure of.",
        "Lin et al. 2017, arXiv:1708.02002",
    ),
    Entry(
        "angular_margin",
        AngularMarginConfig,
        "Cross-entropy of cosines with centres, the own one made harder by an angle.",
        "Deng et al. 2019, arXiv:1801.07698",
    ),
    Entry(
        "triplet_center",
        TripletCenterConfig,
        "Hinge on the nearest other centre and the own one.",
        "He et al. 2018, arXiv:1803.06189",
    ),
    Entry(
        "pixel_classes",
        PixelClassesConfig,
        "Cross-entropy of pixels and Dice loss; class weights, void pixels.",
        "Isensee et al. 2021; Milletari et al. 2016, arXiv:1606.04797",
    ),
    Entry(
        "detection",
        DetectionConfig,
        "Classes, overlaps and sides of boxes; places are assigned by what they answer.",
        "arXiv:2006.04388, arXiv:2108.07755",
    ),
    Entry("mse", MSEConfig, "Squared error.", "Gauss 1809"),
    Entry("huber", HuberConfig, "Squared error, absolute for large errors.", "Huber 1964"),
    Entry("mae", MAEConfig, "Absolute error.", "Laplace 1774"),
    Entry(
        "pinball",
        PinballConfig,
        "Quantile loss; several quantiles in one output.",
        "Koenker and Bassett 1978",
    ),
    Entry(
        "next_token",
        NextTokenConfig,
        "Negative log-likelihood of each token, given those before it.",
        "Bengio et al. 2003",
    ),
    Entry(
        "masked",
        MaskedConfig,
        "Negative log-likelihood of hidden tokens, given those around them.",
        "Devlin et al. 2018, arXiv:1810.04805",
    ),
    Entry(
        "transcript",
        TranscriptConfig,
        "Negative log-likelihood of a text over all ways in which it can lie in time.",
        "Graves et al. 2006",
    ),
    Entry(
        "all_tags",
        AllTagsConfig,
        "Negative log-likelihood of all tags of a sentence together.",
        "Lafferty et al. 2001",
    ),
)
"""Every objective that a plan can name."""
