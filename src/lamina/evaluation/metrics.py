"""The table of metrics, and scoring by name.

Each row names a function of (predictions, targets, weights), the kinds of predictions it reads and
whether more is better. The functions live in `classification`, `multilabel` and `regression`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from lamina.core.errors import ConfigError
from lamina.core.table import Entry, look_up, table
from lamina.evaluation import (
    classification,
    correlation,
    detection,
    forecasts,
    likelihood,
    multilabel,
    regression,
    segmentation,
    tagging,
    verification,
    written,
)
from lamina.evaluation.predictions import Predictions, check_targets


@dataclass(frozen=True, slots=True)
class Metric:
    """One way to score predictions."""

    function: Callable[..., np.ndarray]
    """`(predictions, targets, *, weights=None)`: weights [..., rows] give an answer [...]."""
    kinds: tuple[str, ...]
    """Kinds of predictions it reads."""
    greater_is_better: bool | None
    """Whether more is better; None where neither more nor less is, so that it ranks nothing."""
    is_share: bool = False
    """Whether it lies in [0, 1] and reads well as a percentage."""
    influence: Callable[[Predictions, np.ndarray], np.ndarray] | None = None
    """Derivative by the weight of each row, where the function itself is slow on resamples."""
    prepared: Callable[[Predictions, np.ndarray], Callable[..., np.ndarray]] | None = None
    """The metric of fixed rows as a function of weights alone, where much of the work does not
    depend on them."""


_CLASSES = ("classes",)
_LABELS = ("labels",)
_NUMBERS = ("numbers", "quantiles")
_QUANTILES = ("quantiles",)
_LIKELIHOODS = ("likelihoods",)
_FILL_INS = ("fill_ins",)
_FORECASTS = ("forecasts",)
_EMBEDDINGS = ("embeddings",)
_MASKS = ("masks",)
_BOXES = ("boxes",)
_TEXTS = ("texts",)
_TAGS = ("tag_sequences",)

METRICS: Mapping[str, Entry[Metric]] = table(
    Entry(
        "mean_iou",
        Metric(segmentation.mean_iou, _MASKS, True, is_share=True),
        "Mean over classes of the pixels rightly given to a class among all that are or got it.",
        "Everingham et al. 2010",
    ),
    Entry(
        "pixel_accuracy",
        Metric(segmentation.pixel_accuracy, _MASKS, True, is_share=True),
        "Share of known pixels of the right class.",
        "textbook",
    ),
    Entry(
        "frequency_weighted_iou",
        Metric(segmentation.frequency_weighted_iou, _MASKS, True, is_share=True),
        "As the mean IoU, classes counted by their pixels.",
        "Long et al. 2015",
    ),
    Entry(
        "map50",
        Metric(detection.map50, _BOXES, True, is_share=True, prepared=detection.map50_score),
        "Mean average precision of boxes; right from an overlap of .5 on.",
        "arXiv:1405.0312",
    ),
    Entry(
        "map50_95",
        Metric(detection.map50_95, _BOXES, True, is_share=True, prepared=detection.map50_95_score),
        "Mean average precision of boxes over overlaps from .5 to .95.",
        "arXiv:1405.0312",
    ),
    Entry(
        "map75",
        Metric(detection.map75, _BOXES, True, is_share=True, prepared=detection.map75_score),
        "Mean average precision of boxes; right from an overlap of .75 on.",
        "arXiv:1405.0312",
    ),
    Entry(
        "accuracy",
        Metric(classification.accuracy, _CLASSES, True, is_share=True),
        "Share of rows answered rightly.",
        "textbook",
    ),
    Entry(
        "balanced_accuracy",
        Metric(classification.balanced_accuracy, _CLASSES, True, is_share=True),
        "Mean recall over classes.",
        "Brodersen et al. 2010",
    ),
    Entry(
        "macro_f1",
        Metric(classification.macro_f1, _CLASSES, True, is_share=True),
        "Mean F1 over classes.",
        "van Rijsbergen 1979",
    ),
    Entry(
        "log_loss",
        Metric(classification.log_loss, _CLASSES, False),
        "Mean negative log-probability of the true class.",
        "Good 1952",
    ),
    Entry(
        "roc_auc",
        Metric(
            classification.roc_auc,
            _CLASSES,
            True,
            is_share=True,
            influence=classification.roc_auc_influence,
        ),
        "Area under the ROC curve (one class against the rest, mean).",
        "Hanley and McNeil 1982",
    ),
    Entry(
        "average_precision",
        Metric(
            classification.average_precision,
            _CLASSES,
            True,
            is_share=True,
            influence=classification.average_precision_derivative,
        ),
        "Area under the precision-recall curve, step-wise.",
        "scikit-learn's definition",
    ),
    Entry(
        "brier",
        Metric(classification.brier, _CLASSES, False),
        "Mean squared distance of probabilities from the truth.",
        "Brier 1950",
    ),
    Entry(
        "mcc",
        Metric(classification.matthews_correlation, _CLASSES, True),
        "Correlation of answered and true classes.",
        "Gorodkin 2004",
    ),
    Entry(
        "calibration_error",
        Metric(classification.calibration_error, _CLASSES, False, is_share=True),
        "Mean gap between confidence and accuracy, 15 bins.",
        "Guo et al. 2017",
    ),
    Entry(
        "micro_f1",
        Metric(multilabel.micro_f1, _LABELS, True, is_share=True),
        "F1 over all pairs of row and label.",
        "Tsoumakas and Katakis 2007",
    ),
    Entry(
        "macro_label_f1",
        Metric(multilabel.macro_label_f1, _LABELS, True, is_share=True),
        "Mean F1 over labels.",
        "Tsoumakas and Katakis 2007",
    ),
    Entry(
        "subset_accuracy",
        Metric(multilabel.subset_accuracy, _LABELS, True, is_share=True),
        "Share of rows with every label right.",
        "Tsoumakas and Katakis 2007",
    ),
    Entry(
        "mean_average_precision",
        Metric(
            multilabel.mean_average_precision,
            _LABELS,
            True,
            is_share=True,
            influence=multilabel.mean_average_precision_influence,
        ),
        "Mean average precision over labels.",
        "Everingham et al. 2010",
    ),
    Entry(
        "hamming_loss",
        Metric(multilabel.hamming_loss, _LABELS, False, is_share=True),
        "Share of wrong pairs of row and label.",
        "Schapire and Singer 1999",
    ),
    Entry(
        "rmse",
        Metric(regression.rmse, _NUMBERS, False),
        "Root of the mean squared error.",
        "Gauss 1809",
    ),
    Entry("mae", Metric(regression.mae, _NUMBERS, False), "Mean absolute error.", "Laplace 1774"),
    Entry(
        "r2",
        Metric(regression.r2, _NUMBERS, True),
        "Share of the variance explained.",
        "Wright 1921",
    ),
    Entry(
        "median_absolute_error",
        Metric(regression.median_absolute_error, _NUMBERS, False),
        "Median of the absolute error.",
        "textbook",
    ),
    Entry(
        "mape",
        Metric(regression.mape, _NUMBERS, False, is_share=True),
        "Mean error as a share of the true value, where that means something.",
        "Makridakis 1993",
    ),
    Entry(
        "pearson",
        Metric(correlation.pearson, _NUMBERS, True),
        "Correlation of the answers with the truth.",
        "Pearson 1896",
    ),
    Entry(
        "spearman",
        Metric(correlation.spearman, _NUMBERS, True),
        "Correlation of their ranks.",
        "Spearman 1904",
    ),
    Entry(
        "pinball_loss",
        Metric(regression.pinball_loss, _QUANTILES, False),
        "Mean quantile loss.",
        "Koenker and Bassett 1978",
    ),
    Entry(
        "coverage",
        Metric(regression.coverage, _QUANTILES, None, is_share=True),
        "Share of targets between the outer quantiles; best where it is as promised.",
        "textbook",
    ),
    Entry(
        "coverage_error",
        Metric(regression.coverage_error, _QUANTILES, False, is_share=True),
        "Distance of the coverage from what the levels promise.",
        "textbook",
    ),
    Entry(
        "nats_per_token",
        Metric(likelihood.nats_per_token, (*_LIKELIHOODS, *_FILL_INS), False),
        "Mean negative log-likelihood of a token.",
        "Shannon 1948",
    ),
    Entry(
        "bits_per_byte",
        Metric(likelihood.bits_per_byte, _LIKELIHOODS, False),
        "Negative log-likelihood per byte of the text, whatever it is cut into.",
        "Shannon 1948",
    ),
    Entry(
        "fill_accuracy",
        Metric(likelihood.fill_accuracy, _FILL_INS, True, is_share=True),
        "Share of hidden tokens that are filled in rightly.",
        "arXiv:1810.04805",
    ),
    Entry(
        "perplexity",
        Metric(likelihood.perplexity, (*_LIKELIHOODS, *_FILL_INS), False),
        "Exponential of the nats per token: choices as good as open at each.",
        "Jelinek et al. 1977",
    ),
    Entry(
        "crps",
        Metric(partial(forecasts.measured, forecasts.crps), _FORECASTS, False),
        "Distance of the forecast distribution from the truth, in deviations of the series.",
        "Gneiting and Ranjan 2011",
    ),
    Entry(
        "scaled_mse",
        Metric(partial(forecasts.measured, forecasts.scaled_mse), _FORECASTS, False),
        "Mean squared error, of series scaled to a deviation of 1.",
        "arXiv:2012.07436",
    ),
    Entry(
        "scaled_mae",
        Metric(partial(forecasts.measured, forecasts.scaled_mae), _FORECASTS, False),
        "Mean absolute error, of series scaled to a deviation of 1.",
        "arXiv:2012.07436",
    ),
    Entry(
        "mase",
        Metric(partial(forecasts.measured, forecasts.mase), _FORECASTS, False),
        "Mean absolute error, in those of the seasonal naive before.",
        "Hyndman and Koehler 2006",
    ),
    Entry(
        "smape",
        Metric(partial(forecasts.measured, forecasts.smape), _FORECASTS, False),
        "Symmetric percentage error, 0 to 200.",
        "Makridakis et al. 2020",
    ),
    Entry(
        "interval_coverage",
        Metric(
            partial(forecasts.measured, forecasts.interval_coverage),
            _FORECASTS,
            None,
            is_share=True,
        ),
        "Share of the truth between the outer levels; best where it is as promised.",
        "textbook",
    ),
    Entry(
        "interval_width",
        Metric(partial(forecasts.measured, forecasts.interval_width), _FORECASTS, False),
        "Mean width of the interval, in deviations of the series.",
        "textbook",
    ),
    Entry(
        "bleu",
        Metric(written.bleu, _TEXTS, True),
        "Pieces of one to four words that are right, 0 to 100.",
        "Papineni et al. 2002",
    ),
    Entry(
        "chrf",
        Metric(written.chrf, _TEXTS, True),
        "Pieces of one to six characters that are right, 0 to 100.",
        "Popović 2015",
    ),
    Entry(
        "exact_match",
        Metric(written.exact_match, _TEXTS, True, is_share=True),
        "Share of answers that are right to the letter.",
        "textbook",
    ),
    Entry(
        "word_error_rate",
        Metric(written.word_error_rate, _TEXTS, False, is_share=True),
        "Words changed, put in or left out, by the words of the truth.",
        "Levenshtein 1966",
    ),
    Entry(
        "character_error_rate",
        Metric(written.character_error_rate, _TEXTS, False, is_share=True),
        "Characters changed, put in or left out, by those of the truth.",
        "Levenshtein 1966",
    ),
    Entry(
        "equal_error_rate",
        Metric(verification.equal_error_rate, _EMBEDDINGS, False, is_share=True),
        "Share of pairs answered wrongly where both kinds of mistakes are as frequent.",
        "Huang et al. 2007",
    ),
    Entry(
        "rank_1",
        Metric(verification.rank_1, _EMBEDDINGS, True, is_share=True),
        "Share of rows whose nearest other row is of the same identity.",
        "NIST IR 8238",
    ),
    Entry(
        "verification_auc",
        Metric(verification.verification_auc, _EMBEDDINGS, True, is_share=True),
        "Chance that a pair of one identity is closer than a pair of two.",
        "Hanley and McNeil 1982",
    ),
    Entry(
        "accepted_at_1_percent",
        Metric(verification.accepted_at_1_percent, _EMBEDDINGS, True, is_share=True),
        "Share of pairs of one identity accepted where 1 % of others are.",
        "NIST IR 8238",
    ),
    Entry(
        "span_f1",
        Metric(tagging.span_f1, _TAGS, True, is_share=True),
        "Harmonic mean of precision and recall of spans.",
        "Sang and De Meulder 2003",
    ),
    Entry(
        "span_precision",
        Metric(tagging.span_precision, _TAGS, True, is_share=True),
        "Share of the spans found that are right, in ends and kind.",
        "Sang and De Meulder 2003",
    ),
    Entry(
        "span_recall",
        Metric(tagging.span_recall, _TAGS, True, is_share=True),
        "Share of the true spans that are found.",
        "Sang and De Meulder 2003",
    ),
    Entry(
        "tag_accuracy",
        Metric(tagging.tag_accuracy, _TAGS, True, is_share=True),
        "Share of words with the right tag.",
        "textbook",
    ),
)


def metric_named(name: str) -> Metric:
    """Return the metric with this name.

    Args:
        name: Its name in METRICS.

    Raises:
        ConfigError: There is no such metric.
    """
    return look_up(METRICS, name, what="metric")


def direction(name: str) -> float:
    """Return 1 where more of a metric is better, -1 where less is.

    Args:
        name: Its name in METRICS.

    Raises:
        ConfigError: There is no such metric, or neither more nor less of it is better.
    """
    is_better = metric_named(name).greater_is_better
    if is_better is None:
        raise ConfigError(
            f"metric {name!r} cannot rank: neither more nor less of it is better. "
            f"Use {name}_error or another metric."
        )
    return 1.0 if is_better else -1.0


def metrics_of(kind: str) -> tuple[str, ...]:
    """Return the names of all metrics that read a kind of predictions, in the order of the table.

    Args:
        kind: Kind of predictions.
    """
    return tuple(name for name, entry in METRICS.items() if kind in entry.value.kinds)


def score(name: str, predictions: Predictions, targets: np.ndarray) -> float:
    """Return one metric; NaN where it is not defined on this sample.

    Args:
        name: Its name in METRICS.
        predictions: The answers.
        targets: The truth; shapes in `Predictions`.

    Raises:
        ConfigError: The metric is unknown or does not read this kind of predictions.
        DataError: The shapes disagree.
    """
    metric = metric_named(name)
    if predictions.kind not in metric.kinds:
        raise ConfigError(
            f"metric {name!r} does not read {predictions.kind}; use one of "
            f"{', '.join(metrics_of(predictions.kind))}."
        )
    truth = check_targets(predictions, targets)
    if not predictions.num_rows:
        return float("nan")
    return float(metric.function(predictions, truth))
