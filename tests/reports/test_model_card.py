"""The card is valid for the hub, says what the run says, and lets nothing of the data act."""

from dataclasses import replace

import pytest
import yaml
from huggingface_hub import ModelCard

from lamina.reports.model_card import CardFacts, model_card, plain

EVIL = "a|b](http://x) <script>alert(1)</script>\n# head **bold** `code`"

EVALUATION = {
    "task": "classification",
    "metrics": {
        "accuracy": {"value": 0.9, "low": 0.8, "high": 0.95},
        "roc_auc": {"value": None, "low": None, "high": None},
    },
    "baselines": {
        "linear_model": {"metrics": {"accuracy": {"value": 0.7, "low": 0.6, "high": 0.8}}}
    },
    "verdict": {"sentence": "The network beats linear.", "beats_baselines": True},
    "rows": {"train": 1000, "validation": 100, "test": 200},
    "training": {"seconds": 12.0},
    "slices": [
        {
            "column": "age",
            "part": "old",
            "num_rows": 20,
            "is_worse": True,
            "result": {"value": 0.5, "low": 0.4, "high": 0.6},
        }
    ],
}

FACTS = CardFacts(
    name="adult-1",
    data="adult.csv",
    license="unknown",
    columns=(("age", "input", "number"), ("income", "target", "category")),
    evaluation=EVALUATION,
    receipt={"hardware": {"processor": "CPU"}, "seeds": {"run": 3}, "versions": {"torch": "2.13"}},
    energy={"joules": 7200.0, "low": 3600.0, "high": 10800.0, "method": "estimated"},
)


def test_the_hub_reads_the_front_matter() -> None:
    card = ModelCard(model_card(FACTS))
    assert card.data.library_name == "lamina"
    assert card.data.license == "unknown"
    assert card.data.pipeline_tag == "tabular-classification"
    (result,) = card.data.eval_results
    assert (result.metric_type, result.metric_value) == ("accuracy", 0.9)
    assert (result.task_type, result.dataset_name) == ("tabular-classification", "adult.csv")


def test_it_says_what_the_run_says() -> None:
    text = ModelCard(model_card(FACTS)).text
    for words in (
        "0.9000 (0.8000 – 0.9500)",
        "0.7000 (0.6000 – 0.8000)",
        "1,000 rows to learn from",
        "2 Wh (1 – 3; estimated)",
        "Worse than on all rows where age is old (20 rows)",
        "with seed 3: torch 2.13",
    ):
        assert words in text
    for head in ("Intended use", "Data", "Evaluation", "Limits", "Energy", "How it was made"):
        assert f"\n## {head}\n" in text
    assert "roc auc" not in text


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    text = model_card(replace(FACTS, energy=None, receipt={}))
    assert "energy and emissions are unknown" in text
    assert "On unknown, with seed unknown: versions unknown" in text


def test_a_model_that_is_not_better_says_so_among_its_limits() -> None:
    verdict = {"sentence": "It does not beat linear.", "beats_baselines": False}
    text = model_card(replace(FACTS, evaluation={**EVALUATION, "verdict": verdict}))
    assert "## Limits\n\n- It does not beat linear." in text


def test_nothing_of_the_data_acts() -> None:
    columns = ((EVIL, "input", "number"), ("y", "target", "category"))
    text = model_card(replace(FACTS, name=EVIL, data=EVIL, columns=columns))
    _, front, body = text.split("---\n", 2)
    assert yaml.safe_load(front)["model-index"][0]["name"] == EVIL
    assert "<script" not in body
    assert "](http" not in body
    assert "\n# head" not in body
    row = next(line for line in body.splitlines() if line.startswith("| a"))
    assert row.replace("\\|", "").count("|") == 4


@pytest.mark.parametrize(("text", "shown"), [("a\nb", "a b"), ("<b>", "&lt;b&gt;"), ("*", "\\*")])
def test_plain(text, shown) -> None:
    assert plain(text) == shown
    assert len(plain("x" * 500)) == 100
