"""Explanations of written texts over HTTP: bounded in size and time, described, beside others."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.serving.fakes import Scribe, Shop
from tests.serving.live import config, serving

EXPLAIN = "/v1/models/scribe/explain"


@pytest.fixture(scope="module")
def live():
    with serving({"scribe": Scribe(), "shop": Shop()}, config(text_characters=200)) as found:
        yield found


def test_a_written_text_comes_with_what_each_word_rests_on(live) -> None:
    told = live.post(EXPLAIN, {"row": {"text": "good day"}}).json()
    assert told["answer"]["said"] == "DAY GOOD"
    assert told["explanation"]["written"]["falls"] == [[0.0, 3.0], [3.0, 0.0]]
    jsonschema = pytest.importorskip("jsonschema", reason="the schema's own validator is absent")
    schemas = live.get("/openapi.json").json()["components"]["schemas"]
    jsonschema.Draft202012Validator(schemas["Explanation"]).validate(told)


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ({"row": {"text": "x" * 201}}, 413),
        ({"row": {"text": 7}}, 422),
        ({"row": {"text": ["a"]}}, 422),
        ({"row": {"words": "a"}}, 422),
        ({"rows": [{"text": "a"}, {"text": "b"}]}, 422),
        ({"rows": [{"text": "a"}]}, 422),
        ({}, 422),
        ([], 422),
    ],
)
def test_what_can_only_be_a_mistake_is_refused(live, document, status) -> None:
    answer = live.post(EXPLAIN, document)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_an_explanation_that_takes_too_long_is_given_up_and_its_thread_with_it() -> None:
    scribe = Scribe()
    scribe.seconds = 0.4
    text = " ".join(f"w{place}" for place in range(40))  # three steps of 16 rows
    with serving({"scribe": scribe}, config(answer_s=0.6)) as live:
        answer = live.post(EXPLAIN, {"row": {"text": text}})
        assert answer.status_code == 413
        assert "took longer than 0.6 s" in answer.json()["error"]["message"]
        # Two are explained at a time; of those that wait too long it is said that many wait.
        scribe.seconds = 1.0
        with ThreadPoolExecutor(4) as pool:
            asked = [pool.submit(live.post, EXPLAIN, {"row": {"text": text}}) for _ in range(4)]
            statuses = sorted(one.result(20).status_code for one in asked)
        assert statuses == [413, 413, 429, 429]
        scribe.seconds = 0.0
        assert live.post(EXPLAIN, {"row": {"text": "a b"}}).status_code == 200


def test_a_model_that_breaks_says_nothing_of_its_inside() -> None:
    scribe = Scribe()
    scribe.problem = RuntimeError("secret inner state")
    with serving({"scribe": scribe}) as live:
        answer = live.post(EXPLAIN, {"row": {"text": "a"}})
        assert answer.status_code == 500
        assert "secret" not in answer.text
