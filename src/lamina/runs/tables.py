"""The results of an evaluation as the records of a report."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lamina.core.records import Interval
from lamina.evaluation.metrics import METRICS
from lamina.reports import content as page
from lamina.runs.prepare import Material

_TRIVIAL = ("constant",)
_MOST_METRICS = 6
_MOST_SLICES = 20


def result_section(evaluation: Mapping[str, Any], material: Material) -> page.ResultSection:
    """Return how good the network is.

    Args:
        evaluation: Content of evaluation.json.
        material: Rows, schema, split.
    """
    names = list(evaluation["metrics"])[:_MOST_METRICS]
    return page.ResultSection(
        metrics=tuple(_metric(name, promised(evaluation)) for name in names),
        models=_models(evaluation, names),
        note=_note(evaluation),
        calibration=_calibration(evaluation),
        confusion=_confusion(evaluation),
        fits=_fits(evaluation, material),
        forecasts=_forecasts(evaluation),
        forecast_note=_forecast_note(evaluation),
        verification=_verification(evaluation),
        tagged=_tagged(evaluation),
        answers=_answers(evaluation),
        looks=_looks(evaluation),
        masks=_masks(evaluation),
        boxes=_boxes(evaluation),
        legend=_legend(evaluation),
        regions=_regions(evaluation),
        things=_things(evaluation),
        kinds=_kinds(evaluation),
        classes=_classes(evaluation),
        slices=_slices(evaluation),
    )


def promised(evaluation: Mapping[str, Any]) -> str:
    """Return the share that lies between the outer quantiles by promise; empty without quantiles.

    Args:
        evaluation: Content of evaluation.json.
    """
    levels = evaluation.get("levels")
    return f"{100 * (levels[-1] - levels[0]):.4g} % promised" if levels else ""


def _verification(evaluation: Mapping[str, Any]) -> page.CurvePanel | None:
    points = evaluation.get("error_curve", ())
    if not points:
        return None
    thresholds, accepted, rejected = (tuple(column) for column in zip(*points))
    kinds = (("two, accepted", accepted), ("one, rejected", rejected))
    return page.CurvePanel(
        title="Both kinds of errors",
        curves=tuple(
            page.Curve(name=name, steps=thresholds, values=tuple(100 * value for value in values))
            for name, values in kinds
        ),
        x_label="threshold of the cosine",
    )


def _tagged(evaluation: Mapping[str, Any]) -> tuple[page.TaggedSentence, ...]:
    return tuple(
        page.TaggedSentence(
            row=one["row"],
            words=tuple(one["words"]),
            spans=tuple(page.TaggedSpan(**span) for span in one["spans"]),
            is_mistake=one["is_mistake"],
        )
        for one in evaluation.get("tagged", {}).get("sentences", ())
    )


def _answers(evaluation: Mapping[str, Any]) -> tuple[page.AnsweredText, ...]:
    rows = evaluation.get("answers", {}).get("rows", ())
    return tuple(page.AnsweredText(**row) for row in rows)


def _looks(evaluation: Mapping[str, Any]) -> tuple[page.Looks, ...]:
    return tuple(
        page.Looks(
            row=one["row"],
            across=tuple(one["across"]),
            down=tuple(one["down"]),
            shares=tuple(map(tuple, one["shares"])),
        )
        for one in evaluation.get("answers", {}).get("looks", ())
    )


def _masks(evaluation: Mapping[str, Any]) -> tuple[page.DrawnMask, ...]:
    return tuple(
        page.DrawnMask(
            row=one["row"],
            mean_iou=one["mean_iou"],
            picture=page.Picture(uri=one["picture"], label="the picture"),
            truth=page.Picture(uri=one["truth"], label="the truth"),
            answer=page.Picture(uri=one["answer"], label="the answer"),
        )
        for one in evaluation.get("masks", {}).get("drawn", ())
    )


def _boxes(evaluation: Mapping[str, Any]) -> tuple[page.DrawnBoxes, ...]:
    return tuple(
        page.DrawnBoxes(
            row=one["row"],
            missed=one["missed"],
            wrong=one["wrong"],
            truth=page.Picture(uri=one["truth"], label="the truth"),
            answer=page.Picture(uri=one["answer"], label="the answer"),
        )
        for one in evaluation.get("boxes", {}).get("drawn", ())
    )


def _things(evaluation: Mapping[str, Any]) -> tuple[page.GroupScores, ...]:
    return tuple(
        page.GroupScores(
            name=row["name"],
            num_rows=row["num_true"],
            scores={name: Interval.from_document(row[name]) for name in ("ap50", "ap50_95")},
        )
        for row in evaluation.get("boxes", {}).get("classes", ())
    )


def _legend(evaluation: Mapping[str, Any]) -> tuple[page.MaskClass, ...]:
    own = evaluation.get("masks") or evaluation.get("boxes") or {}
    pairs = zip(own.get("class_names", ()), own.get("colours", ()))
    return tuple(page.MaskClass(name=name, colour=colour) for name, colour in pairs)


def _regions(evaluation: Mapping[str, Any]) -> tuple[page.GroupScores, ...]:
    own = evaluation.get("masks", {})
    return tuple(
        page.GroupScores(
            name=row["name"],
            num_rows=sum(counts),
            scores={
                "iou": Interval.from_document(row["iou"]),
                **{
                    name: Interval(row[name], row[name], row[name])
                    for name in ("recall", "precision")
                    if row[name] is not None
                },
            },
        )
        for row, counts in zip(own.get("overlaps", ()), own.get("confusion", ()))
    )


def _kinds(evaluation: Mapping[str, Any]) -> tuple[page.GroupScores, ...]:
    found = []
    for row in evaluation.get("tagged", {}).get("kinds", ()):
        names = ("span_f1", "span_precision", "span_recall")
        scores = {n: Interval(row[n], row[n], row[n]) for n in names if row[n] is not None}
        found.append(page.GroupScores(name=row["kind"], num_rows=row["true"], scores=scores))
    return tuple(found)


def _note(evaluation: Mapping[str, Any]) -> str:
    num_rows = evaluation["rows"]["test"]
    answered = min(
        (b.get("answered", num_rows) for b in evaluation["baselines"].values()), default=num_rows
    )
    who = f"All models answered the same {num_rows:,} test rows"
    if answered < num_rows:
        who = (
            f"The network answered all {num_rows:,} test rows, the simple models {answered:,} of "
            "them, on which the verdict rests"
        )
    left_out = [
        f" {name.replace('_', ' ')}: {note}."
        for name, note in evaluation.get("left_out", {}).items()
    ]
    how = "; intervals are 95 % by bootstrap (Wilson's for shares)."
    return who + how + "".join(left_out)


def _metric(name: str, promise: str) -> page.Metric:
    entry = METRICS[name]
    meaning = entry.summary
    if name == "coverage" and promise:
        meaning = f"{meaning.rstrip('.')}: {promise}."
    return page.Metric(
        name=name,
        is_higher_better=entry.value.greater_is_better,
        meaning=meaning,
        unit="%" if entry.value.is_share else "",
    )


def _models(evaluation: Mapping[str, Any], names: list[str]) -> tuple[page.ModelScores, ...]:
    def scores(metrics: Mapping[str, Any]) -> dict[str, Interval]:
        return {
            n: Interval.from_document(metrics[n]) for n in names if metrics[n]["value"] is not None
        }

    models = [
        page.ModelScores(
            name="network",
            kind="network",
            scores=scores(evaluation["metrics"]),
            seconds=evaluation["training"]["seconds"],
        )
    ]
    for name, baseline in evaluation["baselines"].items():
        models.append(
            page.ModelScores(
                name=name.replace("_", " "),
                kind="trivial" if name in _TRIVIAL else "baseline",
                scores=scores(baseline["metrics"]),
                seconds=baseline["seconds"],
                note=baseline["note"],
            )
        )
    return tuple(models)


def _calibration(evaluation: Mapping[str, Any]) -> page.Calibration | None:
    bins = evaluation.get("reliability")
    if not bins:
        return None
    error = evaluation["metrics"].get("calibration_error", {}).get("value")
    return page.Calibration(
        after=_bins(bins),
        before=_bins(evaluation.get("reliability_before", ())),
        error_after=error,
        error_before=evaluation.get("calibration_error_before"),
        temperature=evaluation["temperature"],
    )


def _bins(rows: Sequence[Mapping[str, Any]]) -> tuple[page.ReliabilityBin, ...]:
    return tuple(
        page.ReliabilityBin(
            confidence=b["confidence"], accuracy=b["share_right"]["value"], count=b["num_rows"]
        )
        for b in rows
    )


def _confusion(evaluation: Mapping[str, Any]) -> page.Confusion | None:
    counts = evaluation.get("confusion")
    if counts is None:
        return None
    return page.Confusion(
        classes=tuple(evaluation["class_names"]),
        counts=tuple(tuple(int(c) for c in row) for row in counts),
    )


def _fits(evaluation: Mapping[str, Any], material: Material) -> tuple[page.NumberFit, ...]:
    fits = evaluation.get("fits", ())
    names = [target.name for target in material.schema.targets]
    return tuple(
        page.NumberFit(truth=tuple(fit["truth"]), prediction=tuple(fit["prediction"]), target=name)
        for fit, name in zip(fits, names)
    )


def _forecasts(evaluation: Mapping[str, Any]) -> tuple[page.DrawnForecast, ...]:
    levels = evaluation.get("levels") or (0.0, 0.0)
    return tuple(
        page.DrawnForecast(
            title=f"{one['target']} after row {one['row']:,}",
            past=_drawn(one["past"]),
            median=_drawn(one["median"]),
            low=_drawn(one["low"]),
            high=_drawn(one["high"]),
            truth=_drawn(one["truth"]),
            share=levels[-1] - levels[0],
        )
        for one in evaluation.get("forecasts", ())
    )


def _drawn(values: Sequence[float | None]) -> tuple[float, ...]:
    return tuple(math.nan if value is None else value for value in values)


def _forecast_note(evaluation: Mapping[str, Any]) -> str:
    steps = evaluation.get("coverage_by_step")
    if not steps:
        return ""
    parts = evaluation["coverage_by_origins"]
    return (
        f"Evenly spaced origins of the test part. {promised(evaluation)}; the intervals held "
        f"{100 * steps[0]:.1f} % of the truth one step ahead and {100 * steps[-1]:.1f} % "
        f"{len(steps):,} steps ahead, and from the earliest to the latest origins "
        f"{', '.join(f'{100 * part:.1f}' for part in parts)} %."
    )


def _classes(evaluation: Mapping[str, Any]) -> tuple[page.GroupScores, ...]:
    return tuple(
        page.GroupScores(
            name=row["name"],
            num_rows=row["support"],
            scores={n: Interval.from_document(row[n]) for n in ("precision", "recall", "f1")},
        )
        for row in evaluation.get("classes", ())
    )


def _slices(evaluation: Mapping[str, Any]) -> tuple[page.GroupScores, ...]:
    return tuple(
        page.GroupScores(
            name=f"{row['column']}: {row['part']}",
            num_rows=row["num_rows"],
            scores={evaluation["metric"]: Interval.from_document(row["result"])},
            note="worse than all rows together" if row["is_worse"] else "",
        )
        for row in list(evaluation.get("slices", ()))[:_MOST_SLICES]
    )
