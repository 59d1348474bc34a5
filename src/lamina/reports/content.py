"""Everything a report shows, as frozen JSON-like records: one piece, since they nest.

`runs` fills them from the files of a run folder; `render.py` and `terminal.py` show them. All of
them survive `core.config.to_document` and `from_document`, so a report can be written again without
the data. A section that holds nothing is left out of the page. Texts are plain: escaping,
shortening and the removal of control characters are the work of `render.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lamina.core.records import Finding, Interval, Problem
from lamina.explanation.records import CheckRecord, RowExplanation


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One labelled value, large at the top of the page."""

    label: str
    """What it is, such as "Accuracy on 9,769 test rows"."""
    value: str
    """Such as "87.3 %"."""
    note: str = ""
    """A second line, such as "95 % interval 86.7 – 87.9 %"."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """How the network stands against the baselines."""

    kind: str
    """"better", "equal", "worse" or "unknown" than the best baseline."""
    sentence: str
    """The same in one plain sentence with figures."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """The top of the page."""

    text: str
    """What was learnt, how good it is, against what, in one paragraph of plain words."""
    verdict: Verdict | None = None
    """How the network stands against the baselines."""
    facts: tuple[Fact, ...] = ()
    """Up to six values a reader wants first."""
    warnings: tuple[str, ...] = ()
    """What a reader must know before trusting the figures, one sentence each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Histogram:
    """Counts over ranges of a number, or over values of a category."""

    counts: tuple[int, ...]
    """Rows per bar."""
    edges: tuple[float, ...] = ()
    """Of a number: one more than there are bars."""
    labels: tuple[str, ...] = ()
    """Of a category: one per bar."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnSummary:
    """One column of the data."""

    name: str
    """Name in the source."""
    role: str
    """"input", "target", "ignored", "group", "time" or "split"."""
    modality: str
    """Name of the modality, such as "number"."""
    evidence: str = ""
    """Why it was taken for this modality."""
    missing: float = 0.0
    """Share of cells that are missing, in [0, 1]."""
    num_distinct: int | None = None
    """Distinct values; None where not counted."""
    examples: tuple[str, ...] = ()
    """Some cells as text."""
    histogram: Histogram | None = None
    """Distribution, where it has one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitPart:
    """One part of the rows."""

    name: str
    """"train", "validation" or "test"."""
    num_rows: int
    """Rows in it."""
    reason: str = ""
    """How its rows were chosen."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A thumbnail."""

    uri: str
    """`data:image/png|webp|jpeg;base64,…`; anything else is not shown (see `pictures.py`)."""
    label: str = ""
    """Its class or caption."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TextSample:
    """A sample text."""

    text: str
    """The text; shortened when shown."""
    label: str = ""
    """Its class or caption."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SeriesSample:
    """A sample series."""

    lines: tuple[tuple[float, ...], ...]
    """Its points over equal steps, a line per channel."""
    label: str = ""
    """Its class or caption."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DataSection:
    """Where the rows come from and what is in them."""

    source: str
    """File, folder, name or query."""
    kind: str = ""
    """Kind of source, such as "csv"."""
    num_rows: int | None = None
    """Rows in all."""
    num_bytes: int | None = None
    """Size of the source."""
    fingerprint: str = ""
    """Hash of the source."""
    split_reason: str = ""
    """Why the rows were split this way."""
    splits: tuple[SplitPart, ...] = ()
    """Parts of the rows."""
    columns: tuple[ColumnSummary, ...] = ()
    """The schema, in the order of the source."""
    pictures: tuple[Picture, ...] = ()
    """Some pictures (at most 32 are shown)."""
    texts: tuple[TextSample, ...] = ()
    """Some texts (at most 12 are shown)."""
    series: tuple[SeriesSample, ...] = ()
    """Some series (at most 12 are shown)."""
    problems: tuple[Problem, ...] = ()
    """Pieces that could not be read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanStep:
    """One decision of the plan, with the decisions inside it."""

    name: str
    """What is decided, such as "optimizer"."""
    value: Any = None
    """JSON-like; None where only the steps inside say it."""
    reason: str = ""
    """Why, in one sentence."""
    steps: tuple["PlanStep", ...] = ()
    """Decisions inside this one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """A quantity over training."""

    name: str
    """Name in the legend."""
    steps: tuple[float, ...]
    """Where it was measured, in units of the panel's horizontal axis."""
    values: tuple[float, ...]
    """As many values; a gap where one is not finite."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CurvePanel:
    """Curves that share two axes."""

    title: str
    """What the panel shows."""
    curves: tuple[Curve, ...]
    """At most six are told apart by colour."""
    x_label: str = "step"
    """Unit of the horizontal axis."""
    mark: float | None = None
    """Step of the weights that were kept, drawn as a vertical line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProbeTrial:
    """One machine setting that was tried before training."""

    setting: str
    """Such as "bfloat16, channels last, 2 threads"."""
    samples_per_second: float | None
    """Training throughput; None where the setting failed before it was timed."""
    difference: float | None = None
    """Greatest relative difference of the numbers computed from the reference setting."""
    note: str = ""
    """Why it was dropped, or what it needs."""
    is_kept: bool = False
    """The run used it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """What the run was allowed and what it took."""

    kind: str
    """"time" (seconds) or "energy" (joules)."""
    limit: float
    """Allowed."""
    used: float
    """Taken."""
    note: str = ""
    """How the schedule was sized to it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Energy:
    """Energy of the run."""

    joules: Interval
    """Estimate with its range."""
    method: str
    """How it was measured or estimated."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingSection:
    """How training went."""

    panels: tuple[CurvePanel, ...] = ()
    """Curves; see `curves.py` to make them from the rows of log.jsonl."""
    note: str = ""
    """How long, how many steps, why it stopped."""
    probe: tuple[ProbeTrial, ...] = ()
    """Machine settings tried."""
    budgets: tuple[Budget, ...] = ()
    """Budgets given."""
    energy: Energy | None = None
    """Energy taken."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """A column of the score table."""

    name: str
    """Key in `ModelScores.scores`."""
    is_higher_better: bool | None
    """Which way is better; None where neither is."""
    meaning: str = ""
    """What it measures, in a few words."""
    unit: str = ""
    """Unit, where it has one; "%" multiplies shares by 100."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelScores:
    """One row of the score table."""

    name: str
    """Such as "network" or "gradient-boosted trees"."""
    kind: str
    """"network", "baseline" (classical) or "trivial"."""
    scores: Mapping[str, Interval]
    """By name of the metric; a model may lack some."""
    seconds: float | None = None
    """Time to train it."""
    note: str = ""
    """On which rows it was fitted, and which it answered."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReliabilityBin:
    """Predictions of similar confidence."""

    confidence: float
    """Their mean confidence, in [0, 1]."""
    accuracy: float
    """Share of them that is right, in [0, 1]."""
    count: int
    """How many they are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """Whether a stated confidence can be believed."""

    after: tuple[ReliabilityBin, ...]
    """Bins of the model as it is delivered."""
    before: tuple[ReliabilityBin, ...] = ()
    """Bins before the temperature was fitted."""
    error_after: float | None = None
    """Expected calibration error as delivered, in [0, 1]."""
    error_before: float | None = None
    """Expected calibration error before."""
    temperature: float | None = None
    """Divisor of the logits, fitted on validation rows."""
    note: str = ""
    """What the reader should conclude."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Confusion:
    """Which classes are taken for which."""

    classes: tuple[str, ...]
    """Names, in the order of the rows and columns."""
    counts: tuple[tuple[int, ...], ...]
    """Row: truth; column: prediction."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberFit:
    """Predicted against true numbers, of the test rows."""

    truth: tuple[float, ...]
    """True numbers."""
    prediction: tuple[float, ...]
    """As many predictions."""
    target: str = ""
    """Name of the target column."""
    unit: str = ""
    """Its unit."""
    note: str = ""
    """Such as the share of truths inside the predicted intervals."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawnForecast:
    """One forecast, beside what came."""

    title: str
    """Which series, from when."""
    past: tuple[float, ...]
    """The last known steps."""
    median: tuple[float, ...]
    """The forecast, one number per step."""
    low: tuple[float, ...] = ()
    """Lower end of the interval; () for none."""
    high: tuple[float, ...] = ()
    """Upper end."""
    truth: tuple[float, ...] = ()
    """What came; () where nobody knows."""
    share: float = 0.0
    """Share that the interval promises, in [0, 1]."""
    x_label: str = "steps after the last known one"
    """Unit of the horizontal axis."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TaggedSpan:
    """Neighbouring words of a sentence that are one thing."""

    kind: str
    """What they are."""
    first: int
    """Place of the first word."""
    end: int
    """Place behind the last word."""
    how: str
    """"right", "wrong" (answered, and not so) or "missed" (so, and not answered)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TaggedSentence:
    """One sentence with the spans found and missed in it."""

    row: int
    """Row number in the source."""
    words: tuple[str, ...]
    """Its words, or the first of them."""
    spans: tuple[TaggedSpan, ...] = ()
    """Its spans, by their first words."""
    is_mistake: bool = False
    """Whether some are wrong or missed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnsweredText:
    """One written answer of the test part."""

    row: int
    """Row number in the source."""
    read: str
    """The text that was read; empty where it was no text."""
    answer: str
    """What the network wrote."""
    truth: str
    """What is right."""
    error: float
    """Characters to be changed, by those of the truth."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawnMask:
    """A picture of the test part with the truth and the answer over it."""

    row: int
    """Row number in the source."""
    mean_iou: float
    """Mean over its classes of intersection over union."""
    picture: Picture
    """The picture."""
    truth: Picture
    """The picture with the colours of the true classes over it."""
    answer: Picture
    """The same with those of the answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawnBoxes:
    """A picture of the test part with the true boxes, and with those that were answered."""

    row: int
    """Row number in the source."""
    missed: int
    """True boxes that were not found."""
    wrong: int
    """Boxes that were answered and are none."""
    truth: Picture
    """The picture with the true boxes, missed ones crossed."""
    answer: Picture
    """The same with those of the answer, wrong ones crossed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MaskClass:
    """A class of masks or boxes in the legend of drawn pictures."""

    name: str
    """Its name."""
    colour: str
    """Such as "#804080"."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Looks:
    """How much each piece of a written answer rests on each place of the input."""

    row: int
    """Row number in the source."""
    across: tuple[str, ...]
    """Places of the input."""
    down: tuple[str, ...]
    """Pieces of the answer."""
    shares: tuple[tuple[float, ...], ...]
    """By piece: one per place, in [0, 1]."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupScores:
    """Scores of some of the test rows: a class, or a slice."""

    name: str
    """Such as "cat", or "age over 60"."""
    num_rows: int
    """Test rows in it."""
    scores: Mapping[str, Interval]
    """By metric; equal ends where there is no interval."""
    note: str = ""
    """Such as "worse than all rows together"."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultSection:
    """How good the network is."""

    metrics: tuple[Metric, ...] = ()
    """Columns of the score table; the first is the one that ranks."""
    models: tuple[ModelScores, ...] = ()
    """The network and the baselines."""
    note: str = ""
    """On which rows, and how the intervals were made."""
    calibration: Calibration | None = None
    """Of a classifier."""
    confusion: Confusion | None = None
    """Of a classifier."""
    fits: tuple[NumberFit, ...] = ()
    """Of a regression, one per target."""
    forecasts: tuple[DrawnForecast, ...] = ()
    """Some forecasts of the test part."""
    forecast_note: str = ""
    """Which ones, and what of their intervals was measured."""
    verification: CurvePanel | None = None
    """Of embeddings: both kinds of errors by threshold."""
    tagged: tuple[TaggedSentence, ...] = ()
    """Some sentences of the test part, those with most mistakes first."""
    answers: tuple[AnsweredText, ...] = ()
    """Some written answers of the test part, the worst first."""
    looks: tuple[Looks, ...] = ()
    """What some of them rest on."""
    masks: tuple[DrawnMask, ...] = ()
    """Some pictures of the test part with masks over them, the worst first."""
    legend: tuple[MaskClass, ...] = ()
    """What their colours mean."""
    regions: tuple[GroupScores, ...] = ()
    """Of masks: scores per class, over known pixels."""
    boxes: tuple[DrawnBoxes, ...] = ()
    """Some pictures of the test part with boxes, those with most mistakes first."""
    things: tuple[GroupScores, ...] = ()
    """Of boxes: scores per class."""
    kinds: tuple[GroupScores, ...] = ()
    """Scores per kind of span."""
    classes: tuple[GroupScores, ...] = ()
    """Scores per class."""
    slices: tuple[GroupScores, ...] = ()
    """Scores per slice of the data."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """One test row that the network answered badly."""

    row: int
    """Row number in the source."""
    truth: str
    """Right answer."""
    prediction: str
    """The network's answer."""
    confidence: float | None = None
    """Stated probability of its answer, in [0, 1]."""
    cells: Mapping[str, str] = field(default_factory=dict)
    """The row as text, by column."""
    text: str = ""
    """The text, where the row is one."""
    picture: Picture | None = None
    """The picture, where the row has one."""
    lines: tuple[tuple[float, ...], ...] = ()
    """The lines of the series, where the row has one."""
    note: str = ""
    """Such as "may be mislabelled"."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenText:
    """One text that the network wrote."""

    text: str
    """The text."""
    copied: str = ""
    """The longest run of it that stands in the training text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenSection:
    """What the network writes."""

    texts: tuple[WrittenText, ...]
    """Some texts."""
    sentence: str
    """What is known about copies."""
    temperature: float
    """How daring it was."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FilledPiece:
    """A piece of a text of which some were hidden."""

    text: str
    """What stands there."""
    filled: str | None = None
    """What the network filled in; None where nothing was hidden."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainedRow:
    """One row with what moved the answer to it."""

    explanation: RowExplanation
    """What was found and measured."""
    truth: str = ""
    """Right answer, where it is known."""
    is_mistake: bool = False
    """Whether it is one of the worst mistakes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleMap:
    """Samples in two dimensions."""

    title: str
    """How they were brought there."""
    points: tuple[tuple[float, float], ...]
    """Two numbers each."""
    labels: tuple[str, ...]
    """Target of each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LayerPictures:
    """What some channels of a layer look for."""

    layer: str
    """Name of the layer."""
    pictures: tuple[str, ...]
    """Data URIs, one per channel."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplanationSection:
    """Why the network answers as it does, and how far that can be relied on."""

    method: str = ""
    """Name of the method."""
    unit: str = ""
    """Unit of attributions."""
    check: CheckRecord | None = None
    """What was measured about the method on test rows."""
    importances: Mapping[str, Interval] = field(default_factory=dict)
    """Rise of the error when a column is shuffled, by column."""
    importance_note: str = ""
    """On which rows, and of which error."""
    rows: tuple[ExplainedRow, ...] = ()
    """Some rows explained."""
    layers: Mapping[str, Interval] = field(default_factory=dict)
    """What a linear probe reaches, by layer, first to last."""
    layer_metric: str = ""
    """What it is measured by."""
    layer_chance: float = 0.0
    """What guessing reaches."""
    layer_rows: int = 0
    """Test rows it was measured on."""
    maps: tuple[SampleMap, ...] = ()
    """Test rows in two dimensions, as the network sees them."""
    features: tuple[LayerPictures, ...] = ()
    """What convolutional layers look for."""
    left_out: tuple[str, ...] = ()
    """Parts for which there was no time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """From which the run can be repeated."""

    command: str = ""
    """The command that repeats it."""
    seeds: Mapping[str, int] = field(default_factory=dict)
    """Seeds by purpose."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Versions by library."""
    hardware: Mapping[str, str] = field(default_factory=dict)
    """The machine."""
    hashes: Mapping[str, str] = field(default_factory=dict)
    """Hashes of data, code, plan and model."""
    started: str = ""
    """Date and time, ISO 8601."""
    seconds: float | None = None
    """How long the run took in all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportContent:
    """One report."""

    title: str
    """Name of the run, such as "adult-1"."""
    summary: Summary
    """The top of the page."""
    subtitle: str = ""
    """The question in one line, such as "income from 14 columns"."""
    data: DataSection | None = None
    """Where the rows come from."""
    findings: tuple[Finding, ...] = ()
    """What the checks before training found."""
    plan: tuple[PlanStep, ...] = ()
    """What was decided, and why."""
    training: TrainingSection | None = None
    """How training went."""
    results: ResultSection | None = None
    """How good the network is."""
    written: WrittenSection | None = None
    """What the network writes, where it does."""
    filled: tuple[tuple[FilledPiece, ...], ...] = ()
    """Texts of the test part with what the network fills in."""
    mistakes: tuple[Mistake, ...] = ()
    """Worst first."""
    explanation: ExplanationSection | None = None
    """Why the network answers as it does."""
    receipt: Receipt | None = None
    """From which the run can be repeated."""
