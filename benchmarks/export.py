"""Exported models: the same decisions on whole test parts, and how fast they answer.

    python benchmarks/export.py                                       all sets
    python benchmarks/export.py classification/adult quantiles/abalone   some

For each task three real sets (of masks and boxes there is one here): a short fit, an ONNX file, its
certificate over the whole test part (goal: no decision differs), and, on one core with one thread,
in a process of its own: the time from starting Python to the first answer (goal: under 0.5 s), the
median time of one row or picture (goals: under 1 ms, under 5 ms), and both beside PyTorch eager in
the same process (goal: at least 2 × at one row). "graph" compares the networks alone, from encoded
inputs to probabilities; "whole" goes from raw cells to decoded answers. Either answers rows of
about one length together if it can. A row of forecasts is the past of one series; many are the test
vectors of the file. Translations are searched for word by word by several graphs;
benchmarks/exported_writing.py measures them.
"""

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from common import read_results, write_results
from export_sets import SETS

START = (
    "import sys, json; from lamina.runtime.function import load; f = load(sys.argv[1], threads=1); "
    "from lamina.runtime.vectors import cell_from_document as c; "
    "row = {k: c(v) for k, v in f.check['rows'][0].items()}; f.predict([row])"
)
MANY = 256
FEWER = {"masks": 8, "boxes": 8, "transcripts": 16}
"""Rows answered together where a row is large, by task."""
PICTURE = "speed/picture_32x32"


def measure(name: str) -> dict[str, Any]:
    budget, prepare = SETS[name]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        arguments = prepare(folder)
        lamina(folder, "fit", *arguments, "--time", budget, "--out", "run", "--overrule")
        told = lamina(folder, "export", "run", "model.onnx")
        keep = ("rows", "flipped_decisions", "largest_deviation", "mean_deviation", "tolerance")
        found = {"budget": budget, "megabytes": round(told["bytes"] / 1e6, 2)}
        found |= {key: told["certificate"][key] for key in keep}
        task = name.partition("/")[0]
        if task != "translations":
            many = str(FEWER.get(task, MANY))
            found |= on_one_core(folder, ["--speed", "run", "model.onnx", many])
        starts = []
        for _ in range(5):
            begin = time.perf_counter()
            _python(folder, ["-c", START, "model.onnx"])
            starts.append(time.perf_counter() - begin)
        found["seconds_to_first_answer"] = round(float(np.median(starts)), 3)
        return found


def speed(run: Path, file: Path, many: int) -> dict[str, Any]:
    """Return times of one row and of many, of the artefact and of PyTorch eager, in turns."""
    import torch

    from lamina.export.whole import WholeFunction
    from lamina.runs.export import exportable_of, test_rows
    from lamina.runs.run import Run
    from lamina.runtime.function import load
    from lamina.training.execution import Execution

    torch.set_num_threads(1)
    own = Run(run)
    predictor = dataclasses.replace(own.predictor, execution=Execution())
    function = load(file, threads=1)
    if function.signature.history is not None:
        rows = _histories(function)
        tables = [_table_of(row) for row in rows]
    else:
        from lamina.export.rows import rows_of

        tables = [test_rows(own).head(many)]
        rows = rows_of(tables[0], predictor.schema)
    whole = WholeFunction(exportable_of(predictor, "run"))
    one, all_ = function.prepare(rows[:1]).inputs, function.prepare(rows).inputs
    tensors = [[torch.from_numpy(v) for v in inputs.values()] for inputs in (one, all_)]

    def eager(inputs: list[torch.Tensor]) -> None:
        with torch.inference_mode():
            whole(*inputs).numpy()

    first = tables[0] if len(tables) > 1 else tables[0].head(1)
    pairs = {
        "graph_one": (lambda: function.answer(one), lambda: eager(tensors[0])),
        "whole_one": (
            lambda: function.predict(rows[:1]),
            lambda: predictor.predict(first).to_dicts(),
        ),
        "graph_many": (lambda: function.answer(all_), lambda: eager(tensors[1])),
        "whole_many": (
            lambda: function.predict(rows),
            lambda: [predictor.predict(own).to_dicts() for own in tables],
        ),
    }
    found: dict[str, Any] = {}
    for name, (own, other) in pairs.items():
        mine, torchs = _in_turns(own, other)
        found[f"{name}_ms"], found[f"eager_{name}_ms"] = round(mine, 4), round(torchs, 4)
        found[f"{name}_times_faster"] = round(torchs / mine, 2)
    found["rows_of_many"] = len(rows)
    return found


def _in_turns(own: Callable[[], Any], other: Callable[[], Any]) -> tuple[float, float]:
    """Return the median time of two calls in milliseconds, made in turns.

    Only these two, so that neither finds the caches full of what a slower call has left there.
    """
    times: list[tuple[float, float]] = []
    begin = time.perf_counter()
    while len(times) < 400 and (len(times) < 7 or time.perf_counter() - begin < 7):
        start = time.perf_counter()
        own()
        between = time.perf_counter()
        other()
        times.append((between - start, time.perf_counter() - between))
    mine, others = np.median(np.asarray(times[1:]), axis=0) * 1e3
    return float(mine), float(others)


def _histories(function: Any) -> list[dict[str, Any]]:
    """Return the test vectors of a forecaster: each the past of one series."""
    from lamina.runtime.vectors import cell_from_document

    rows = function.check["rows"]
    return [{name: cell_from_document(cell) for name, cell in row.items()} for row in rows]


def _table_of(row: dict[str, Any]) -> pl.DataFrame:
    """Return the table that asks for the same forecast."""
    steps = max(len(cells) for cells in row.values() if isinstance(cells, list))
    whole = {n: c if isinstance(c, list) else [c] * steps for n, c in row.items()}
    return pl.DataFrame(whole, strict=False)


def picture_speed() -> dict[str, Any]:
    """Return times of one 32 × 32 picture through the network planned for CIFAR-10, untrained.

    What it answers takes as long whatever its weights are.
    """
    import torch

    from lamina.core.hardware import describe_hardware
    from lamina.data.dataset import encode_frame
    from lamina.data.schema import fit_schema, infer_schema
    from lamina.data.sources.open import open_source
    from lamina.export.onnx import to_onnx
    from lamina.export.whole import Exportable, WholeFunction
    from lamina.export.write import document_of
    from lamina.runtime.function import Function
    from lamina.runtime.session import Session
    from lamina.tasks.facts import Facts
    from lamina.tasks.table import TASKS

    torch.set_num_threads(1)
    chance = np.random.default_rng(0)
    images = chance.integers(0, 256, (200, 32, 32, 3), dtype=np.uint8)
    frame = open_source({"image": images, "label": np.arange(200) % 10}).read()
    schema = infer_schema(frame, targets=["label"], overrides={"label": "category"})
    schema, task = fit_schema(schema, frame), TASKS["classification"].value
    dataset = encode_frame(schema, frame)
    facts = Facts(
        num_rows=50_000,
        num_validation_rows=5_000,
        inputs=dataset.input_specs(),
        outputs=task.outputs(schema),
        class_counts=(5_000,) * 10,
        hardware=describe_hardware(),
    )
    recipe = task.plan(facts)
    model = recipe.network.build(schema.input_specs(), task.outputs(schema))
    batch = dataset.batch(dataset.usable()[:100])
    model.initialise(batch.inputs, batch.targets)
    found: dict[str, Any] = {}
    for views in (recipe.answering.views, 1):
        what = Exportable(
            name="picture",
            task=task,
            schema=schema,
            model=model.eval(),
            num_views=views,
            is_mirrored=recipe.augmentation.flip != "none",
        )
        session = Session(to_onnx(what), threads=1)
        function = Function(document_of(what, frame), session, identity="")
        whole, row = WholeFunction(what), [{"image": images[0]}]
        tensors = [torch.from_numpy(v) for v in function.prepare(row).inputs.values()]
        mine, eager = [], []
        for _ in range(200):
            start = time.perf_counter()
            function.predict(row)
            mine.append(time.perf_counter() - start)
            start = time.perf_counter()
            with torch.inference_mode():
                whole(*tensors).numpy()
            eager.append(time.perf_counter() - start)
        one, other = (round(float(np.median(times)) * 1e3, 4) for times in (mine, eager))
        found[f"{views} views"] = {
            "whole_one_ms": one,
            "eager_graph_one_ms": other,
            "times_faster": round(other / one, 2),
        }
    return found


def lamina(folder: Path, *words: str) -> dict[str, Any]:
    """Run a command of Lamina in a folder and return what it tells."""
    done = _python(folder, ["-m", "lamina", *words, "--json"])
    return json.loads(done.strip().splitlines()[-1])


def on_one_core(folder: Path, words: list[str]) -> dict[str, Any]:
    """Run this program with other arguments in a folder, on one core, and return what it tells."""
    core = str(min(os.sched_getaffinity(0)))
    command = ["taskset", "-c", core, sys.executable, str(Path(__file__).resolve()), *words]
    return json.loads(_run(command, folder).strip().splitlines()[-1])


def _python(folder: Path, words: list[str]) -> str:
    return _run([sys.executable, *words], folder)


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def main() -> None:
    if sys.argv[1:2] == ["--speed"]:
        print(json.dumps(speed(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))))
        return
    if sys.argv[1:2] == ["--picture"]:
        print(json.dumps(picture_speed()))
        return
    results = dict(read_results("export"))
    for name in sys.argv[1:] or (*SETS, PICTURE):
        results[name] = on_one_core(Path.cwd(), ["--picture"]) if name == PICTURE else measure(name)
        print(name, json.dumps(results[name]))
        write_results("export", results, seed=0, threads=1, many=MANY)


if __name__ == "__main__":
    main()
