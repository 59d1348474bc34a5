"""Realistic reports for the tests: a binary table, pictures of ten classes, a regression, texts.

All figures are made here from fixed seeds; they look like those of real runs but are none.
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from lamina.core.config import from_document, to_document
from lamina.core.records import Finding, Interval, Problem
from lamina.explanation.records import (
    CheckRecord,
    CurveRecord,
    FeatureAttribution,
    InputAttribution,
    Measured,
    NeighbourRecord,
    RowExplanation,
)
from lamina.reports.content import (
    AnsweredText,
    Budget,
    Calibration,
    ColumnSummary,
    Confusion,
    DataSection,
    Energy,
    ExplainedRow,
    ExplanationSection,
    Fact,
    GroupScores,
    Histogram,
    LayerPictures,
    Looks,
    Metric,
    Mistake,
    ModelScores,
    NumberFit,
    Picture,
    PlanStep,
    ProbeTrial,
    Receipt,
    ReliabilityBin,
    ReportContent,
    ResultSection,
    SampleMap,
    SplitPart,
    Summary,
    TextSample,
    TrainingSection,
    Verdict,
)
from lamina.reports.curves import panels_from_log
from lamina.reports.pictures import thumbnail_uri

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def interval(value: float, half: float) -> Interval:
    """Return a symmetric interval."""
    return Interval(value, value - half, value + half)


def log_rows(*, steps: int = 1200, metric: str = "accuracy", best: float = 0.873) -> list[dict]:
    """Return rows as a run writes them."""
    random = np.random.default_rng(0)
    rows: list[dict] = []
    for step in range(0, steps, 4):
        progress = step / steps
        row = {
            "step": step,
            "loss": 0.31 + 0.4 * math.exp(-6 * progress) + 0.02 * random.standard_normal(),
            "rate": 0.004 * min(1, step / 60) * (0.5 + 0.5 * math.cos(math.pi * progress)),
        }
        if step % 80 == 0:
            row["validation"] = {
                "loss": 0.33 + 0.36 * math.exp(-5 * progress) + 0.02 * progress**3,
                metric: best - 0.16 * math.exp(-7 * progress),
            }
        rows.append(row)
    return rows


def receipt(command: str) -> Receipt:
    """Return a receipt."""
    return Receipt(
        command=command,
        seeds={"run": 0, "split": 0},
        versions={"lamina": "0.1.0", "python": "3.11.7", "torch": "2.13.0", "numpy": "2.4.1"},
        hardware={"processor": "Intel Xeon 2.1 GHz", "cores": "2", "memory": "15.6 GB"},
        hashes={"data": "9f" * 32, "plan": "3c" * 32, "model": "e1" * 32},
        started="2026-03-02T10:14:05+00:00",
        seconds=284.0,
    )


def _bell(bars: int, centre: float, width: float, rows: int) -> tuple[int, ...]:
    return tuple(
        int(rows * math.exp(-(((n - centre) / width) ** 2)) / (1.77 * width)) for n in range(bars)
    )


def _adult_columns() -> tuple[ColumnSummary, ...]:
    number = "every one of 48,842 cells is a number; 74 distinct values"
    category = "9 distinct texts among 48,842 cells, each repeated 5,427 times on average"
    return (
        ColumnSummary(
            name="age",
            role="input",
            modality="number",
            evidence=number,
            num_distinct=74,
            examples=("39", "50", "28"),
            histogram=Histogram(
                counts=_bell(20, 6, 6, 48_842), edges=tuple(17 + 3.65 * n for n in range(21))
            ),
        ),
        ColumnSummary(
            name="workclass",
            role="input",
            modality="category",
            evidence=category,
            missing=0.0573,
            num_distinct=8,
            examples=("Private", "Self-emp-not-inc", "State-gov"),
            histogram=Histogram(
                counts=(33906, 3862, 3136, 1981, 1695, 1432, 21, 10),
                labels=("Private", "Self", "Local", "State", "Inc", "Federal", "Unpaid", "Never"),
            ),
        ),
        ColumnSummary(
            name="capital-gain",
            role="input",
            modality="number",
            evidence="every cell is a number; 92 % are zero",
            num_distinct=123,
            examples=("0", "14084", "2174"),
            histogram=Histogram(
                counts=(46_902, 900, 500, 280, 90, 20, 5, 1, 0, 144),
                edges=tuple(n * 1e4 for n in range(11)),
            ),
        ),
        ColumnSummary(
            name="fnlwgt",
            role="ignored",
            modality="number",
            evidence="a sampling weight by its name; it says nothing of the person",
            num_distinct=28_523,
            examples=("77516", "83311"),
        ),
        ColumnSummary(
            name="income",
            role="target",
            modality="category",
            evidence="2 distinct texts among 48,842 cells",
            num_distinct=2,
            examples=("<=50K", ">50K"),
            histogram=Histogram(counts=(37_155, 11_687), labels=("<=50K", ">50K")),
        ),
    )


def _adult_models() -> tuple[ModelScores, ...]:
    def scores(accuracy: float, auc: float, loss: float) -> dict[str, Interval]:
        return {
            "accuracy": interval(accuracy, 0.0064),
            "ROC AUC": interval(auc, 0.0052),
            "log loss": interval(loss, 0.011),
        }

    return (
        ModelScores(
            name="majority class",
            kind="trivial",
            scores={"accuracy": interval(0.7607, 0.0085), "ROC AUC": Interval(0.5, 0.5, 0.5)},
            seconds=0.01,
        ),
        ModelScores(
            name="network", kind="network", scores=scores(0.8741, 0.9279, 0.2758), seconds=212.4
        ),
        ModelScores(
            name="gradient-boosted trees",
            kind="baseline",
            scores=scores(0.8735, 0.9281, 0.2766),
            seconds=4.8,
        ),
        ModelScores(
            name="logistic regression",
            kind="baseline",
            scores=scores(0.8521, 0.9045, 0.3191),
            seconds=1.9,
        ),
    )


def _bins(shift: float) -> tuple[ReliabilityBin, ...]:
    return tuple(
        ReliabilityBin(
            confidence=0.525 + 0.05 * n,
            accuracy=min(1.0, 0.525 + 0.05 * n - shift * math.sin(math.pi * n / 9)),
            count=int(200 + 60 * n**2),
        )
        for n in range(10)
    )


METRICS = (
    Metric(
        name="accuracy", is_higher_better=True, meaning="share of rows answered right", unit="%"
    ),
    Metric(
        name="ROC AUC",
        is_higher_better=True,
        meaning="chance that a random positive row is ranked above a random negative one",
    ),
    Metric(name="log loss", is_higher_better=False, meaning="surprise per row, in nats"),
)


def binary_table() -> ReportContent:
    """Return a report as of a table with two classes."""
    return ReportContent(
        title="adult-1",
        subtitle="income from 13 columns of adult.csv",
        summary=Summary(
            text=(
                "The network learnt to tell whether a person earns more than 50K from 13 columns. "
                "On 9,769 rows that it never saw it is right for 87.4 % of them (95 % interval "
                "86.8 to 88.1 %). Always answering with the commonest class would be right for "
                "76.1 %, and gradient-boosted trees, the strongest baseline, for 87.4 %."
            ),
            verdict=Verdict(
                kind="equal",
                sentence=(
                    "The network and gradient-boosted trees differ by 0.06 points of accuracy "
                    "(95 % interval -0.31 to 0.43), which chance explains. The trees train 44 "
                    "times faster."
                ),
            ),
            facts=(
                Fact(label="Accuracy", value="87.4 %", note="86.8 – 88.1 on 9,769 test rows"),
                Fact(label="Best baseline", value="87.4 %", note="gradient-boosted trees"),
                Fact(label="Always the commonest", value="76.1 %", note="majority class"),
                Fact(label="Time", value="4 m 44 s", note="of 5 m 00 s allowed"),
            ),
            warnings=(
                "52 rows appear both in the training and in the test part; they were removed from "
                "training.",
            ),
        ),
        data=DataSection(
            source="adult.csv",
            kind="csv",
            num_rows=48_842,
            num_bytes=5_326_368,
            fingerprint="9f" * 32,
            split_reason="Rows are independent and classes unequal, so parts are stratified.",
            splits=(
                SplitPart(name="train", num_rows=31_258, reason="what the network learns from"),
                SplitPart(name="validation", num_rows=7_815, reason="chooses when to stop"),
                SplitPart(name="test", num_rows=9_769, reason="touched once, for the figures here"),
            ),
            columns=_adult_columns(),
            problems=(Problem("adult.csv, line 20,114", "3 cells where 15 were expected"),),
        ),
        findings=(
            Finding(
                check="duplicate rows",
                severity="warning",
                message="52 rows (0.1 %) are equal in every column to another row.",
                evidence="Hashes of whole rows; for example rows 326 and 25,611.",
                remedy="Nothing: their copies were kept out of the test part.",
                rows=(326, 25_611),
            ),
            Finding(
                check="rare values",
                severity="note",
                message="workclass has 2 values with fewer than 25 rows.",
                evidence="Never-worked (10 rows), Without-pay (21 rows).",
                remedy="They share one code for unseen values.",
                columns=("workclass",),
            ),
        ),
        plan=(
            PlanStep(
                name="task",
                value="classification",
                reason="The target income holds 2 distinct texts.",
            ),
            PlanStep(
                name="network",
                reason="Best of three on this kind of table in our benchmark.",
                steps=(
                    PlanStep(name="trunk", value="ensemble of MLPs"),
                    PlanStep(name="members", value=16, reason="More gave nothing on validation."),
                    PlanStep(
                        name="encoders",
                        value={"number": "piecewise linear, 48 bins", "category": "one-hot"},
                    ),
                ),
            ),
            PlanStep(
                name="training",
                steps=(
                    PlanStep(name="batch size", value=256, reason="31,258 rows give 122 steps."),
                    PlanStep(name="optimizer", value={"name": "adamw", "rate": 0.004}),
                ),
            ),
        ),
        training=TrainingSection(
            panels=panels_from_log(log_rows(), mark=1040),
            note="1,200 steps (10 epochs) in 3 m 32 s; validation no longer improved.",
            probe=(
                ProbeTrial(
                    setting="float32, 1 thread",
                    samples_per_second=41_200,
                    difference=0.0,
                    note="reference",
                ),
                ProbeTrial(
                    setting="float32, 2 threads",
                    samples_per_second=68_900,
                    difference=1.2e-7,
                    is_kept=True,
                ),
                ProbeTrial(
                    setting="bfloat16, 2 threads",
                    samples_per_second=52_300,
                    difference=0.0081,
                    note="slower here",
                ),
            ),
            budgets=(
                Budget(kind="time", limit=300.0, used=284.0, note="the schedule was sized to it"),
            ),
            energy=Energy(
                joules=Interval(8_520.0, 5_900.0, 11_300.0),
                method="Estimated from 284 s of 2 cores at 15 W each; no meter could be read.",
            ),
        ),
        results=ResultSection(
            metrics=METRICS,
            models=_adult_models(),
            note="On 9,769 test rows, touched once. Intervals by 1,000 bootstrap resamples.",
            calibration=Calibration(
                after=_bins(0.008),
                before=_bins(0.05),
                error_after=0.0061,
                error_before=0.0342,
                temperature=1.23,
                note="A stated confidence of 80 % is right in about 80 of 100 rows.",
            ),
            confusion=Confusion(classes=("<=50K", ">50K"), counts=((7_034, 397), (833, 1_505))),
            classes=(
                GroupScores(
                    name="<=50K",
                    num_rows=7_431,
                    scores={"precision": interval(0.894, 0.007), "recall": interval(0.947, 0.005)},
                ),
                GroupScores(
                    name=">50K",
                    num_rows=2_338,
                    scores={"precision": interval(0.791, 0.018), "recall": interval(0.644, 0.019)},
                ),
            ),
            slices=(
                GroupScores(
                    name="age under 30",
                    num_rows=2_931,
                    scores={"accuracy": interval(0.957, 0.007)},
                ),
                GroupScores(
                    name="education = Doctorate",
                    num_rows=118,
                    scores={"accuracy": interval(0.78, 0.075)},
                    note="worse than all rows together",
                ),
            ),
        ),
        mistakes=tuple(
            Mistake(
                row=1_000 + 37 * n,
                truth=">50K" if n % 2 else "<=50K",
                prediction="<=50K" if n % 2 else ">50K",
                confidence=0.994 - 0.004 * n,
                cells={
                    "age": str(24 + 3 * n),
                    "workclass": "Self-emp-not-inc",
                    "education": "Bachelors",
                    "marital-status": "Married-civ-spouse",
                    "occupation": "Exec-managerial",
                    "capital-gain": "0",
                    "hours-per-week": "60",
                },
                note="may be mislabelled" if n == 0 else "",
            )
            for n in range(8)
        ),
        explanation=explanation_section(),
        receipt=receipt("lamina fit adult.csv --target income --time 5m --seed 0"),
    )


def row_explanation() -> RowExplanation:
    """Return why a row of a table, a picture and a text was answered as it was."""
    columns = InputAttribution(
        "columns",
        "columns",
        (
            FeatureAttribution("capital-gain", "7,688", 1.9),
            FeatureAttribution("marital-status", "Married-civ-spouse", 0.7),
            FeatureAttribution("age", "39", -0.4),
        ),
    )
    heat = tuple(float(n) for n in np.random.default_rng(5).normal(size=12))
    picture = InputAttribution("photo", "picture", grid=(3, 4), heat=heat)
    words = ("great", "film", ",", "poor", "sound")
    told = tuple(
        FeatureAttribution(word, word, number)
        for word, number in zip(words, (1.0, 0.1, 0, -0.8, -0.2))
    )
    shares = (0.0, 0.5, 1.0)
    curves = CurveRecord(shares, (2.0, 0.1, 0.0), (0.0, 1.9, 2.0), (2.0, 1.1, 0.0), (0.0, 0.9, 2.0))
    uri = thumbnail_uri(digit_pictures(1)[0])
    return RowExplanation(
        row=4,
        answer="income is >50K",
        value=2.0,
        unit="log-odds",
        reference=-0.2,
        method="occlusion",
        inputs=(columns, picture, InputAttribution("told", "words", told)),
        check=CheckRecord(
            "failed", "Do not rely on it: chance.", Measured(0.1, -0.1, 0.3), curves=curves
        ),
        probability=0.88,
        left_out=("sound",),
        texts={"told": "Great film, poor SOUND"},
        pictures={"photo": uri},
        neighbours=(NeighbourRecord(17, 0.21, ">50K", "age 41, sex Male", uri),),
    )


def explanation_section() -> ExplanationSection:
    """Return a section with everything that it can hold."""
    told = row_explanation()
    assert told.check is not None
    points = tuple((float(x), float(y)) for x, y in np.random.default_rng(6).normal(size=(40, 2)))
    return ExplanationSection(
        method="occlusion",
        unit="log-odds",
        check=replace(told.check, verdict="passed", sentence="Checked: it is better than chance."),
        importances={
            "capital-gain": interval(0.041, 0.004),
            "marital-status": interval(0.032, 0.004),
            "workclass": interval(0.002, 0.003),
        },
        importance_note="rise of the cross entropy when a column is shuffled",
        rows=(ExplainedRow(explanation=told, truth="<=50K", is_mistake=True),),
        layers={"number": interval(0.8, 0.02), "trunk · layers.0": interval(0.86, 0.02)},
        layer_metric="accuracy",
        layer_chance=0.76,
        layer_rows=1000,
        maps=(SampleMap(title="two components", points=points, labels=("a", "b") * 20),),
        features=(LayerPictures(layer="photo · groups.0", pictures=(told.pictures["photo"],)),),
        left_out=("a map",),
    )


def digit_pictures(count: int, *, side: int = 28, seed: int = 0) -> list[np.ndarray]:
    """Return uint8 pictures with a soft stroke each."""
    random = np.random.default_rng(seed)
    grid = np.linspace(-1, 1, side)
    xs, ys = np.meshgrid(grid, grid)
    pictures = []
    for _ in range(count):
        a, b, turn = random.uniform(0.3, 0.8), random.uniform(0.3, 0.8), random.uniform(0, 3)
        u, v = xs * np.cos(turn) - ys * np.sin(turn), xs * np.sin(turn) + ys * np.cos(turn)
        ring = np.exp(-(((np.hypot(u / a, v / b) - 1) / 0.25) ** 2))
        pictures.append((255 * ring).astype(np.uint8))
    return pictures


def ten_class_pictures() -> ReportContent:
    """Return a report as of pictures of ten classes."""
    random = np.random.default_rng(1)
    counts = np.diag(random.integers(930, 990, 10))
    for i in range(10):
        for j in random.choice([k for k in range(10) if k != i], 4, replace=False):
            counts[i, j] = random.integers(1, 22)
    uris = [thumbnail_uri(picture) for picture in digit_pictures(36)]
    metrics = (
        METRICS[0],
        Metric(name="macro F1", is_higher_better=True, meaning="mean over classes"),
    )

    def model(name: str, kind: str, value: float, half: float, seconds: float) -> ModelScores:
        scores = {"accuracy": interval(value, half), "macro F1": interval(value - 0.0004, half)}
        return ModelScores(name=name, kind=kind, scores=scores, seconds=seconds)

    return ReportContent(
        title="digits-3",
        subtitle="class of 70,000 pictures of 28 × 28 pixels",
        summary=Summary(
            text=(
                "The network learnt to tell ten kinds of pictures apart. On 10,000 pictures that "
                "it never saw it is right for 98.1 % of them; nearest neighbours on pixels, the "
                "strongest baseline, for 96.9 %."
            ),
            verdict=Verdict(
                kind="better",
                sentence="1.2 points more accuracy than 5 nearest neighbours (0.9 to 1.6).",
            ),
            facts=(
                Fact(label="Accuracy", value="98.1 %", note="97.8 – 98.4 on 10,000 test pictures"),
                Fact(label="Best baseline", value="96.9 %", note="5 nearest neighbours"),
                Fact(label="Energy", value="0.0024 kWh", note="0.0016 – 0.0031"),
            ),
        ),
        data=DataSection(
            source="digits/",
            kind="folder of classes",
            num_rows=70_000,
            num_bytes=19_400_000,
            splits=(
                SplitPart(name="train", num_rows=54_000, reason="folder train"),
                SplitPart(name="validation", num_rows=6_000, reason="a tenth of train, stratified"),
                SplitPart(name="test", num_rows=10_000, reason="folder test, given by the source"),
            ),
            columns=(
                ColumnSummary(
                    name="image",
                    role="input",
                    modality="image",
                    evidence="70,000 PNG files of 28 × 28 pixels, one channel",
                ),
                ColumnSummary(
                    name="label",
                    role="target",
                    modality="category",
                    evidence="the names of 10 folders",
                    num_distinct=10,
                    examples=DIGITS[:3],
                    histogram=Histogram(
                        counts=tuple(int(n) for n in counts.sum(1) * 7), labels=DIGITS
                    ),
                ),
            ),
            pictures=tuple(
                Picture(uri=uri, label=DIGITS[n % 10]) for n, uri in enumerate(uris[:20])
            ),
        ),
        training=TrainingSection(
            panels=panels_from_log(log_rows(best=0.981), mark=1120),
            note="8 epochs in 1 m 51 s.",
        ),
        results=ResultSection(
            metrics=metrics,
            models=(
                model("network", "network", 0.981, 0.0027, 111.0),
                model("5 nearest neighbours", "baseline", 0.9688, 0.0034, 6.0),
                model("logistic regression on pixels", "baseline", 0.9256, 0.0051, 31.0),
                ModelScores(
                    name="majority class",
                    kind="trivial",
                    scores={"accuracy": interval(0.1135, 0.0062), "macro F1": interval(0.0204, 0)},
                ),
            ),
            note="On 10,000 test pictures. Intervals by Wilson's method and the bootstrap.",
            calibration=Calibration(
                after=_bins(0.01), error_after=0.0043, note="Confidences can be believed."
            ),
            confusion=Confusion(
                classes=DIGITS, counts=tuple(tuple(int(v) for v in row) for row in counts)
            ),
            classes=tuple(
                GroupScores(
                    name=name,
                    num_rows=int(counts[n].sum()),
                    scores={
                        "precision": interval(counts[n, n] / counts[:, n].sum(), 0.0009),
                        "recall": interval(counts[n, n] / counts[n].sum(), 0.01),
                    },
                )
                for n, name in enumerate(DIGITS)
            ),
        ),
        mistakes=tuple(
            Mistake(
                row=311 * n + 8,
                truth=DIGITS[n % 10],
                prediction=DIGITS[(3 * n + 1) % 10],
                confidence=0.999 - 0.003 * n,
                picture=Picture(uri=uris[20 + n], label=DIGITS[n % 10]),
                note="may be mislabelled" if n == 1 else "",
            )
            for n in range(12)
        ),
        receipt=receipt("lamina fit digits/ --seed 0"),
    )


def regression() -> ReportContent:
    """Return a report as of a table with a number as its target, where the network is worse."""
    random = np.random.default_rng(2)
    truth = np.exp(random.normal(12.0, 0.4, 1_200))
    guess = truth * np.exp(random.normal(0.0, 0.12, 1_200))
    metrics = (
        Metric(name="RMSE", is_higher_better=False, meaning="typical error", unit="USD"),
        Metric(name="R²", is_higher_better=True, meaning="share of variance explained"),
    )

    def model(name: str, kind: str, rmse: float, r2: float) -> ModelScores:
        scores = {"RMSE": interval(rmse, 1_420.0), "R²": interval(r2, 0.021)}
        return ModelScores(name=name, kind=kind, scores=scores)

    return ReportContent(
        title="houses-2",
        subtitle="sale price from 79 columns of houses.parquet",
        summary=Summary(
            text=(
                "The network learnt to estimate the sale price of a house from 79 columns. On 586 "
                "houses that it never saw its typical error is 24,180 USD."
            ),
            verdict=Verdict(
                kind="worse",
                sentence=(
                    "Gradient-boosted trees err by 3,060 USD less (95 % interval 900 to 5,300). "
                    "Use them, or give the network more than the 1,875 rows it had."
                ),
            ),
            facts=(
                Fact(label="RMSE", value="24,180 USD", note="22,760 – 25,600 on 586 test rows"),
                Fact(label="R²", value="0.902", note="0.881 – 0.923"),
            ),
            warnings=("Only 1,875 training rows: the intervals are wide.",),
        ),
        data=DataSection(
            source="houses.parquet",
            kind="parquet",
            num_rows=2_930,
            columns=tuple(
                ColumnSummary(
                    name=f"measure {n}",
                    role="target" if n == 41 else "input",
                    modality="number",
                    missing=0.0 if n % 5 else 0.12,
                    num_distinct=400 + n,
                    examples=("1,710", "2,262.5"),
                    evidence="every cell is a number",
                    histogram=Histogram(
                        counts=_bell(16, 4 + n % 9, 4, 2_930),
                        edges=tuple(float(e) for e in range(17)),
                    ),
                )
                for n in range(80)
            ),
        ),
        training=TrainingSection(panels=panels_from_log(log_rows(metric="rmse", best=0.34))),
        results=ResultSection(
            metrics=metrics,
            models=(
                model("network", "network", 24_180, 0.902),
                model("gradient-boosted trees", "baseline", 21_120, 0.925),
                model("linear regression", "baseline", 29_870, 0.851),
                model("mean of training", "trivial", 79_400, 0.0),
            ),
            fits=(
                NumberFit(
                    truth=tuple(truth.tolist()),
                    prediction=tuple(guess.tolist()),
                    target="price",
                    unit="USD",
                    note="90 % intervals hold 88.9 % of the true prices.",
                ),
            ),
        ),
        mistakes=tuple(
            Mistake(
                row=n,
                truth=f"{t:,.0f}",
                prediction=f"{p:,.0f}",
                cells={f"measure {k}": f"{k * 7.5 + n:.1f}" for k in range(14)},
            )
            for n, (t, p) in enumerate(zip(truth[:6], guess[:6]))
        ),
        receipt=receipt("lamina fit houses.parquet --target price --seed 0"),
    )


def texts() -> ReportContent:
    """Return a report as of short texts with two classes."""
    words = "A film that takes its time, and mine. The second half is worth the first. "
    return ReportContent(
        title="reviews-1",
        summary=Summary(text="The network learnt to tell praise from blame."),
        data=DataSection(
            source="reviews.jsonl",
            texts=(
                *(TextSample(text=words * (n + 1), label="praise") for n in range(4)),
                TextSample(text="فيلم جميل جدا", label="praise"),
            ),
        ),
        results=ResultSection(
            answers=(AnsweredText(row=4, read=words, answer=words, truth=words, error=0.25),),
            looks=(Looks(row=4, across=("a", "b"), down=("c",), shares=((0.5, 0.5),)),),
        ),
        mistakes=tuple(
            Mistake(
                row=n, truth="blame", prediction="praise", confidence=0.97, text=words * (n + 1)
            )
            for n in range(4)
        ),
    )


EXAMPLES = {
    "binary_table": binary_table,
    "ten_class_pictures": ten_class_pictures,
    "regression": regression,
    "texts": texts,
}

ATTACKS = (
    "<script>window.hacked=1</script>",
    '"><img src=x onerror="window.hacked=1">',
    "</script><script>window.hacked=1</script>",
    "</style><script>window.hacked=1</script>",
    "</title></bdi></td></table></details>",
    "{{7*7}}{% for x in y %}{{ content }}",
    "javascript:window.hacked=1",
    '<a href="https://evil.example/">x</a>',
    "<svg onload=window.hacked=1>",
    "' onmouseover='window.hacked=1' x='",
    "\u202egnp.exe\u2066\u200b",
    "\x00\x1b[31mred\x07\r\x85",
    "\ud800 alone",
    "<!-- ]]> <![CDATA[",
    "url(https://evil.example/a.png)",
    "[bold red]not bold[/bold red]",
    "ﷺ漢字👩‍👩‍👧" * 40,
    "wide" * 5_000,
)
KEPT = frozenset({"kind", "severity", "role", "uri", "verdict", "picture", "pictures"})
"""Fields with a closed set of values."""
MAPPINGS = frozenset(
    {
        *("scores", "cells", "importances", "seeds", "versions", "hardware", "hashes", "value"),
        *("texts", "layers"),
    }
)
"""Fields whose keys come from the data."""


def hostile(content: ReportContent, *, kept: frozenset[str] = KEPT) -> ReportContent:
    """Return a report in which every text from the data is an attack; equal texts stay equal."""
    known: dict[str, str] = {}

    def attack(text: str) -> str:
        if text and text not in known:
            known[text] = f"{ATTACKS[len(known) % len(ATTACKS)]}{len(known)}"
        return known.get(text, text)

    def change(value: Any, name: str = "") -> Any:
        if isinstance(value, str):
            return value if name in kept else attack(value)
        if isinstance(value, list):
            return [change(item, name) for item in value]
        if name == "pictures" and name in kept and "uri" not in value:
            return {attack(key): item for key, item in value.items()}
        if not isinstance(value, dict):
            return value
        # Keys of a record are ours; those of a mapping come from the data.
        is_mapping = name in MAPPINGS and "label" not in value
        return {
            (attack(key) if is_mapping else key): change(item, "" if is_mapping else key)
            for key, item in value.items()
        }

    return from_document(ReportContent, change(to_document(content)), where="report")
