"""Rows in, answers out, through a real server on a real socket."""

import base64
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from lamina.serving.config import BatchingConfig
from lamina.serving.occlusion import occlusions
from tests.serving.fakes import AGE, COLOUR, PHOTO, Price, Shop, png
from tests.serving.live import Live, config, serving

PREDICT = "/v1/models/shop/predict"


@pytest.fixture(scope="module")
def shop():
    with serving({"shop": Shop(), "price": Price(), "photo": Shop("photo", AGE, PHOTO)}) as live:
        yield live


def test_one_row_gives_one_answer(shop: Live):
    answer = shop.post(PREDICT, {"row": {"age": 55, "colour": "red"}})
    assert answer.status_code == 200
    told = answer.json()
    assert told["model"] == "shop"
    assert told["version"] == shop.models.get("shop").version
    assert told["answer"]["buys"] == "yes"
    assert told["answer"]["probability_yes"] == pytest.approx(0.8808, abs=1e-4)
    assert set(told["answer"]) == {"buys", "probability", "probability_no", "probability_yes"}


def test_many_rows_give_answers_in_order(shop: Live):
    rows = [{"age": age, "colour": "blue"} for age in range(20, 80, 5)]
    told = shop.post(PREDICT, {"rows": rows}).json()
    shares = [one["probability_yes"] for one in told["answers"]]
    assert len(shares) == 12
    assert shares == sorted(shares)


def test_unseen_levels_and_missing_cells_are_answered(shop: Live):
    rows = [{"colour": "mauve", "age": None}, {}, {"colour": 3}, {"colour": True}]
    told = shop.post(PREDICT, {"rows": rows})
    assert told.status_code == 200
    assert {one["probability_yes"] for one in told.json()["answers"]} == {0.5}


def test_numbers_that_are_not_finite_become_null(shop: Live):
    told = shop.post("/v1/models/price/predict", {"rows": [{"age": None}, {"age": 21}]})
    assert told.json()["answers"] == [{"price": None}, {"price": 42.0}]


def test_pictures_come_in_base64_as_a_data_uri_or_as_a_file(shop: Live):
    text = base64.b64encode(png(grey=250)).decode()
    path = "/v1/models/photo/predict"
    plain = shop.post(path, {"row": {"photo": text}}).json()["answer"]
    uri = shop.post(path, {"row": {"photo": f"data:image/png;base64,{text}"}}).json()["answer"]
    with shop.client() as client:
        files = {"photo": ("a.png", png(grey=250), "image/png")}
        form = client.post(path, files=files, data={"age": "45"}).json()["answer"]
    assert plain == uri == form
    assert plain["probability_yes"] > 0.9


def test_a_form_without_a_file_means_a_missing_picture(shop: Live):
    with shop.client() as client:
        files = {"photo": ("", b"", "application/octet-stream")}
        answer = client.post("/v1/models/photo/predict", files=files, data={"age": ""})
    assert answer.json()["answer"]["probability_yes"] == 0.5


def test_a_picture_that_cannot_be_decoded_is_the_rows_fault(shop: Live):
    cut = base64.b64encode(png(side=64)[:-40]).decode()
    whole = base64.b64encode(png()).decode()
    path = "/v1/models/photo/predict"
    alone = shop.post(path, {"row": {"photo": cut}})
    assert (alone.status_code, alone.json()["error"]["where"]) == (422, ["row"])
    both = shop.post(path, {"rows": [{"photo": cut}, {"photo": whole}]})
    bad, good = both.json()["answers"]
    assert both.status_code == 200
    assert "decoded" in bad["error"]
    assert bad["buys"] is None
    assert "error" not in good
    assert good["buys"] == "yes"


def test_the_models_are_listed_and_described(shop: Live):
    listed = shop.get("/v1/models").json()["models"]
    assert [one["name"] for one in listed] == ["shop", "price", "photo"]
    told = shop.get("/v1/models/shop").json()
    assert [field["name"] for field in told["fields"]][:2] == ["age", "colour"]
    assert told["fields"][1]["levels"] == ["red", "green", "blue"]
    assert told["limits"]["rows"] == 1000


def test_health(shop: Live):
    for path in ("/health", "/health/live", "/health/ready"):
        answer = shop.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_no_model_is_not_ready_yet():
    with serving({}) as live:
        assert live.get("/health/live").status_code == 200
        answer = live.get("/health/ready")
        assert (answer.status_code, answer.json()) == (503, {"status": "starting"})


def test_metrics_count_what_was_asked(shop: Live):
    with serving({"shop": Shop()}) as live:
        live.post(PREDICT, {"rows": [{"age": 30}] * 7})
        live.get("/v1/models/nothing")
        live.get("/no/such/page")
        page = live.get("/metrics")
    assert page.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = page.text.splitlines()
    asked = 'lamina_requests_total{route="/v1/models/{name}/predict",method="POST",status="200"} 1'
    assert asked in lines
    assert 'lamina_requests_total{route="other",method="GET",status="404"} 1' in lines
    assert 'lamina_rows_total{model="shop"} 7' in lines
    assert 'lamina_batch_rows_bucket{model="shop",le="8"} 1' in lines
    assert any(line.startswith("process_resident_memory_bytes ") for line in lines)


def test_pictures_are_compared_with_training_beside_the_answers():
    text = base64.b64encode(png(grey=20)).decode()
    figures = {"brightness": (100.0, 150.0, 200.0), "height": (8.0, 8.0, 8.0)}
    seen = replace(PHOTO, figures=figures, num_rows=500)
    with serving({"photo": Shop("photo", AGE, seen)}) as live:
        answers = live.post("/v1/models/photo/predict", {"rows": [{"photo": text}] * 32})
        assert len(answers.json()["answers"]) == 32
        for _ in range(200):
            told = live.get("/v1/models/photo/drift").json()
            if told["rows"] == 16:
                break
            time.sleep(0.02)
        page = live.get("/metrics").text
    assert told["rows"] == 16
    assert [(one["column"], one["figure"]) for one in told["columns"]] == [
        ("age", ""),
        ("photo", "brightness"),
        ("photo", "height"),
    ]
    brightness = told["columns"][1]
    assert dict(zip(brightness["bins"], brightness["now"]))["up to 150"] == 1.0
    label = 'model="photo",column="photo",figure="brightness"'
    assert f"lamina_drift_drifted{{{label}}} 0" in page.splitlines()


def test_requests_that_wait_together_are_answered_by_one_call():
    function = Shop()
    settings = replace(config(), batching=BatchingConfig(max_rows=64, wait_s=0.2))
    with serving({"shop": function}, settings) as live:
        function.calls.clear()
        function.gate.clear()
        with ThreadPoolExecutor(9) as pool:
            first = pool.submit(live.post, PREDICT, {"row": {"age": 1}})
            while not function.calls:
                time.sleep(0.002)
            rest = [pool.submit(live.post, PREDICT, {"row": {"age": age}}) for age in range(20, 28)]
            while live.models.get("shop").batcher.num_waiting_rows < 9:
                time.sleep(0.002)
            function.gate.set()
            answers = [one.result().json()["answer"]["probability_yes"] for one in rest]
            assert first.result().status_code == 200
    assert function.calls == [1, 8]
    assert answers == sorted(answers)
    assert len(set(answers)) == 8


def test_a_broken_model_is_a_fault_of_the_server_and_tells_nothing():
    function = Shop()
    with serving({"shop": function}) as live:
        function.is_broken = True
        answer = live.post(PREDICT, {"row": {"age": 1}})
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert live.said == ["POST /v1/models/{name}/predict: RuntimeError"]
        function.is_broken = False
        assert live.post(PREDICT, {"row": {"age": 1}}).status_code == 200


def test_answers_carry_a_strict_policy(shop: Live):
    answer = shop.get("/v1/models")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "server" not in answer.headers


def test_duplicate_models_do_not_mix():
    with serving({"a": Shop(), "b": Shop(bias=10.0)}) as live:
        first = live.post("/v1/models/a/predict", {"row": {}}).json()
        second = live.post("/v1/models/b/predict", {"row": {}}).json()
    assert first["answer"]["buys"] == "no"
    assert second["answer"]["buys"] == "yes"
    assert first["version"] != second["version"]


def test_openapi_names_every_model(shop: Live):
    document = shop.get("/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert {f"/v1/models/{n}/predict" for n in ("shop", "price", "photo")} <= set(document["paths"])
    row = document["components"]["schemas"]["shop.Row"]
    assert row["properties"]["colour"]["examples"] == list(COLOUR.levels)
    assert json.dumps(document)


EXPLAIN = "/v1/models/shop/explain"


def test_an_explanation_comes_beside_the_answer(shop: Live):
    told = shop.post(EXPLAIN, {"row": {"age": 60, "colour": "red"}}).json()
    assert set(told) == {"model", "version", "answer", "explanation"}
    assert told["answer"]["buys"] == "yes"
    assert told["explanation"]["answer"] == "buys is yes"
    assert told["explanation"]["probability"] == told["answer"]["probability_yes"]


def test_many_rows_are_not_explained_at_once(shop: Live):
    answer = shop.post(EXPLAIN, {"rows": [{"age": 60}]})
    assert (answer.status_code, answer.json()["error"]["where"]) == (422, ["rows"])


def test_while_explanations_are_prepared_others_are_answered(monkeypatch):
    held, gate = threading.Semaphore(0), threading.Event()

    def slow(signature, row):
        held.release()
        assert gate.wait(20)
        return occlusions(signature, row)

    monkeypatch.setattr("lamina.serving.explanation_desk.occlusions", slow)
    # More than there are threads for, so that some wait for a thread.
    ages = list(range(20, 60))
    with serving({"shop": Shop()}) as live, ThreadPoolExecutor(len(ages)) as pool:
        asked = [pool.submit(live.post, EXPLAIN, {"row": {"age": age}}) for age in ages]
        assert held.acquire(timeout=20)
        try:
            for age in (30, 50):
                assert live.post(PREDICT, {"row": {"age": age}}, timeout=5).status_code == 200
            # Over 64 kB is read in a thread, which is none of those that all wait.
            large = [{"age": 30, "note": "good " * 80}] * 200
            assert live.post(PREDICT, {"rows": large}, timeout=5).status_code == 200
            assert live.get("/health", timeout=5).json() == {"status": "ok"}
            assert live.run(lambda: True)
            assert not any(one.done() for one in asked)
        finally:
            gate.set()
        told = [one.result().json() for one in asked]
    assert [one["explanation"]["inputs"][0]["features"][0]["value"] for one in told] == list(
        map(str, ages)
    )
    assert all(one["explanation"]["probability"] == one["answer"]["probability"] for one in told)


def test_explanations_and_predictions_at_once_lose_no_answer():
    function = Shop()
    function.seconds = 0.002
    rows = [{"age": age, "note": "good " * (age % 3)} for age in range(20, 68)]
    with serving({"shop": function}) as live:
        alone = [live.post(EXPLAIN, {"row": row}).json()["explanation"] for row in rows[::6]]
        with ThreadPoolExecutor(12) as pool:
            explained = pool.map(lambda row: live.post(EXPLAIN, {"row": row}), rows[::6] * 3)
            predicted = pool.map(lambda row: live.post(PREDICT, {"row": row}), rows * 4)
            together = [answer.json()["explanation"] for answer in explained]
            answers = [answer.json()["answer"]["probability_yes"] for answer in predicted]
    assert together == alone * 3
    expected = [one["probability_yes"] for one in Shop().predict(rows)]
    assert answers == pytest.approx(expected * 4)
