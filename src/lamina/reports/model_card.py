"""The model card of a run, in the form of the Hugging Face hub: YAML in front, Markdown after it.

It says what the run folder says and nothing else; what is not known there is stated as unknown.
Everything that comes from the data is escaped.

Source: Mitchell et al. 2019, "Model cards for model reporting", arXiv:1810.03993; the keys of the
front matter: https://huggingface.co/docs/hub/model-cards.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from lamina.core.durations import format_duration
from lamina.reports.text import format_number

_PIPELINES = {
    ("classification", "image"): "image-classification",
    ("classification", "sound"): "audio-classification",
    ("classification", "text"): "text-classification",
    ("classification", "table"): "tabular-classification",
    ("regression", "table"): "tabular-regression",
    ("quantile_regression", "table"): "tabular-regression",
    ("tagging", "words"): "token-classification",
}
"""By task and kind of input: how the hub calls it; it has no word for the others."""

_MOST_COLUMNS = 50
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~])")


@dataclass(frozen=True, kw_only=True, slots=True)
class CardFacts:
    """What a card tells."""

    name: str
    """Name of the model."""
    data: str
    """Name of the data."""
    license: str
    """Identifier of the licence; "unknown" where nobody said."""
    columns: tuple[tuple[str, str, str], ...]
    """Name, role and modality of each column."""
    evaluation: Mapping[str, Any]
    """Content of evaluation.json."""
    receipt: Mapping[str, Any]
    """Content of receipt.json."""
    energy: Mapping[str, Any] | None
    """Joules, their bounds and how they were measured; None where unknown."""

    @property
    def kind(self) -> str:
        """What the inputs are: "image", "sound", "text", "words", "table"; "mixed" for several."""
        kinds = {
            modality if modality in ("image", "sound", "text", "words") else "table"
            for _, role, modality in self.columns
            if role == "input"
        }
        return kinds.pop() if len(kinds) == 1 else "mixed"


def model_card(facts: CardFacts) -> str:
    """Return the card as the text of a README.md.

    Args:
        facts: What it tells.
    """
    front = yaml.safe_dump(_front(facts), sort_keys=False, allow_unicode=True)
    parts = (_head, _use, _data, _evaluation, _limits, _energy, _receipt)
    body = "\n\n".join(part(facts) for part in parts)
    return f"---\n{front}---\n\n{body}\n"


def plain(text: Any) -> str:
    """Return a text from the data as Markdown and HTML show it, on one line.

    Args:
        text: Anything; it is cut after 100 signs.
    """
    line = " ".join(str(text).split())
    short = line if len(line) <= 100 else f"{line[:99]}…"
    return _SPECIAL.sub(r"\\\1", html.escape(short, quote=False))


def _front(facts: CardFacts) -> dict[str, Any]:
    evaluation = facts.evaluation
    pipeline = _PIPELINES.get((evaluation["task"], facts.kind))
    metrics = [
        {"type": name, "name": name.replace("_", " "), "value": metric["value"]}
        for name, metric in evaluation["metrics"].items()
        if metric["value"] is not None
    ]
    task = {"type": pipeline or "other", "name": evaluation["task"].replace("_", " ")}
    result = {
        "task": task,
        "dataset": {"type": facts.data, "name": facts.data, "split": "test"},
        "metrics": metrics,
    }
    return {
        "license": facts.license,
        "library_name": "lamina",
        "tags": ["lamina", evaluation["task"].replace("_", "-"), facts.kind],
        **({"pipeline_tag": pipeline} if pipeline else {}),
        "metrics": [metric["type"] for metric in metrics],
        "model-index": [{"name": facts.name, "results": [result]}],
    }


def _head(facts: CardFacts) -> str:
    return f"# {plain(facts.name)}\n\n{plain(facts.evaluation['verdict']['sentence'])}"


def _use(facts: CardFacts) -> str:
    targets = ", ".join(plain(name) for name, role, _ in facts.columns if role == "target")
    return (
        "## Intended use\n\n"
        f"To answer {targets} for rows like those it has learnt from. Other uses were not tried, "
        "and who may be harmed by a wrong answer is not known.\n\n"
        "```python\nimport lamina\n\n"
        'run = lamina.load("FOLDER")  # this folder\nanswers = run.predict("new.csv")\n```\n\n'
        "On the command line: `lamina predict FOLDER new.csv`. The files hold numbers and JSON "
        "only; loading them runs no code."
    )


def _data(facts: CardFacts) -> str:
    rows = facts.evaluation["rows"]
    lines = [
        f"| {plain(name)} | {role} | {modality or '–'} |"
        for name, role, modality in facts.columns[:_MOST_COLUMNS]
    ]
    more = len(facts.columns) - _MOST_COLUMNS
    rest = f"\n\nand {more:,} more columns." if more > 0 else ""
    return (
        f"## Data\n\n{plain(facts.data)}: {rows['train']:,} rows to learn from, "
        f"{rows['validation']:,} to validate on, {rows['test']:,} to test on. Where the data come "
        "from, how they were gathered and whom they leave out is not known.\n\n"
        "| column | role | kind |\n|---|---|---|\n" + "\n".join(lines) + rest
    )


def _evaluation(facts: CardFacts) -> str:
    told = facts.evaluation
    names = [name for name, metric in told["metrics"].items() if metric["value"] is not None]
    models = {"this model": told["metrics"]}
    models |= {name.replace("_", " "): b["metrics"] for name, b in told["baselines"].items()}
    lines = ["| model | " + " | ".join(n.replace("_", " ") for n in names) + " |"]
    lines += ["|---|" + "---|" * len(names)]
    for model, metrics in models.items():
        cells = [_cell(metrics.get(name)) for name in names]
        lines.append(f"| {plain(model)} | " + " | ".join(cells) + " |")
    return (
        f"## Evaluation\n\nOn {told['rows']['test']:,} test rows that were not learnt from, with "
        "95 % intervals, beside simple models on the same rows.\n\n" + "\n".join(lines)
    )


def _cell(metric: Mapping[str, Any] | None) -> str:
    if metric is None or metric["value"] is None:
        return "–"
    value = format_number(metric["value"])
    if metric["low"] is None or metric["high"] is None:
        return value
    return f"{value} ({format_number(metric['low'])} – {format_number(metric['high'])})"


def _limits(facts: CardFacts) -> str:
    lines = [
        "- Rows unlike those learnt from are answered, too, and often worse.",
        "- Why columns and answers go together was not asked: they may do so by accident.",
    ]
    if not facts.evaluation["verdict"]["beats_baselines"]:
        lines.insert(0, f"- {plain(facts.evaluation['verdict']['sentence'])}")
    worse = [row for row in facts.evaluation.get("slices", ()) if row["is_worse"]][:10]
    lines += [
        f"- Worse than on all rows where {plain(row['column'])} is {plain(row['part'])} "
        f"({row['num_rows']:,} rows): {_cell(row['result'])}."
        for row in worse
    ]
    return "## Limits\n\n" + "\n".join(lines)


def _energy(facts: CardFacts) -> str:
    head = "## Energy\n\n"
    seconds = format_duration(facts.evaluation["training"]["seconds"])
    if facts.energy is None:
        return f"{head}Training took {seconds}. Its energy and emissions are unknown."
    joules, low, high = (float(facts.energy[name]) for name in ("joules", "low", "high"))
    return (
        f"{head}Training took {seconds} and about {joules / 3600:.3g} Wh ({low / 3600:.3g} – "
        f"{high / 3600:.3g}; {plain(facts.energy['method'])}). What it emitted depends on the "
        "grid, and is unknown."
    )


def _receipt(facts: CardFacts) -> str:
    hardware, versions = facts.receipt.get("hardware", {}), facts.receipt.get("versions", {})
    processor = hardware.get("accelerator") or hardware.get("processor") or "unknown"
    used = ", ".join(f"{plain(name)} {plain(value)}" for name, value in versions.items())
    return (
        f"## How it was made\n\nOn {plain(processor)}, with seed "
        f"{facts.receipt.get('seeds', {}).get('run', 'unknown')}: {used or 'versions unknown'}. "
        "Every decision and its reason stands in `plan.yaml`."
    )
