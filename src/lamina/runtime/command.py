"""The command line of the runtime alone: `python lamina_runtime.zip model.onnx new.csv`.

Rows come from a CSV or a JSON-lines file, answers go out as CSV or, to a file that ends in .jsonl,
as JSON lines; of a model that writes, `--prompt TEXT` is written on. Exit codes: 0 done, 1 a check
that fails, 2 wrong use or bad input.
"""

import argparse
import csv
import io
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lamina.runtime.errors import DataError, LaminaError
from lamina.runtime.function import BATCH_ROWS, Function, load
from lamina.runtime.histories import rows_of_table, table_of_answers
from lamina.runtime.sampling import SamplingConfig
from lamina.runtime.signature import FILES
from lamina.runtime.vectors import check_vectors
from lamina.runtime.writing import WritingConfig

_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?\Z")
_MOST_CELL = 1 << 27


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer the rows of a file, or check a model; return the exit code.

    Args:
        arguments: Words of the command line; None takes those of the process.
    """
    words = _parser().parse_args(arguments)
    try:
        function = load(words.model, threads=words.threads)
        if words.check:
            return _check(words.model, function)
        if words.prompt is not None:
            return _write_on(function, words)
        if words.rows is None:
            raise DataError("name the file of the rows, or --check, or --prompt.")
        answers = answer_file(function, Path(words.rows))
        _write(answers, function, words.out)
    except (LaminaError, OSError) as error:
        sys.stderr.write(f"lamina: {error}\n")
        return 2
    return 0


def answer_file(function: Function, path: Path) -> list[dict[str, Any]]:
    """Return the answers to the rows of a file; of forecasts, the steps ahead of its series.

    Args:
        function: The model.
        path: CSV, TSV or JSON lines.

    Raises:
        DataError: The file cannot be read.
    """
    rows = _read(path)
    for field in function.signature.fields:
        if field.modality in FILES:
            for row in rows:
                row[field.name] = _content(row.get(field.name), path.parent)
    history = function.signature.history
    if history is not None:
        return table_of_answers(function.predict(rows_of_table(rows, history)), history)
    found: list[dict[str, Any]] = []
    for start in range(0, len(rows), BATCH_ROWS):
        found += function.predict(rows[start : start + BATCH_ROWS])
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lamina_runtime", description="Answers rows with a model that lamina export wrote."
    )
    parser.add_argument("model", help="the exported file: model.onnx")
    parser.add_argument("rows", nargs="?", help="CSV or JSON-lines file of the rows")
    parser.add_argument("--out", help="file of the answers (default: standard output, as CSV)")
    parser.add_argument("--threads", type=int, default=None, help="threads of one call")
    parser.add_argument("--check", action="store_true", help="verify the model from itself alone")
    writing = parser.add_argument_group("models that write")
    writing.add_argument("--prompt", help="what a text begins with; it is written on")
    writing.add_argument("--tokens", type=int, default=256, help="most tokens (256)")
    writing.add_argument("--temperature", type=float, default=0.8, help="0: the likeliest (0.8)")
    writing.add_argument("--top-p", type=float, default=1.0, help="likeliest tokens together (1)")
    writing.add_argument("--top-k", type=int, default=None, help="so many of the likeliest tokens")
    writing.add_argument("--seed", type=int, default=0, help="decides what is drawn (0)")
    writing.add_argument("--stop", action="append", default=[], help="text that ends the text")
    return parser


def _write_on(function: Function, words: argparse.Namespace) -> int:
    config = WritingConfig(
        prompt=words.prompt, num_tokens=words.tokens, seed=words.seed, stop=tuple(words.stop)
    )
    sampling = SamplingConfig(temperature=words.temperature, top_p=words.top_p, top_k=words.top_k)
    writing = function.write(config, sampling)
    sys.stdout.write(words.prompt)
    for (piece,) in writing:
        sys.stdout.write(piece)
        sys.stdout.flush()
    sys.stdout.write("\n")
    return 0


def _check(path: str, function: Function) -> int:
    checked = check_vectors(function)
    found = checked.agreement
    verdict = "answers as it should" if checked.holds else "does NOT answer as it should"
    sys.stdout.write(
        f"{path} {verdict}: {found.rows:,} test vectors, {found.flipped:,} decided otherwise, "
        f"largest deviation {found.largest:.1e} (allowed: {checked.tolerance:.1e})\n"
    )
    return 0 if checked.holds else 1


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {path}: {error}.") from error
    if path.suffix in (".jsonl", ".ndjson"):
        return _json_rows(text, path)
    csv.field_size_limit(_MOST_CELL)
    head = text.partition("\n")[0]
    delimiter = max(",;\t|", key=head.count)
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise DataError(f"{path} is no CSV file: {error}.") from error
    for name in list(rows[0]) if rows else []:
        cells = [row.get(name) for row in rows]
        present = [cell for cell in cells if isinstance(cell, str) and cell != ""]
        if any("." in cell for cell in present) and all(map(_FLOAT.match, present)):
            # A column of numbers: 1.50 is 1.5, as in a table that was read with its types.
            for row in rows:
                row[name] = float(row[name]) if row.get(name) else None
    return [{key: cell for key, cell in row.items() if key is not None} for row in rows]


def _json_rows(text: str, path: Path) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"{path}, line {number}, is no JSON: {error}.") from error
        if not isinstance(row, dict):
            raise DataError(f"{path}, line {number}, is no object.")
        rows.append(row)
    return rows


def _content(cell: Any, folder: Path) -> Any:
    """Return the content of a file that a cell names; other cells as they are."""
    if not isinstance(cell, str) or not cell:
        return cell or None
    try:
        return (folder / cell).read_bytes()
    except (OSError, ValueError):
        return cell


def _write(answers: list[dict[str, Any]], function: Function, out: str | None) -> None:
    names = [answer.name for answer in function.signature.answers]
    if any(function.signature.error in answer for answer in answers):
        names.append(function.signature.error)
    if out is not None and out.endswith((".jsonl", ".ndjson")):
        lines = (json.dumps(answer, ensure_ascii=False) + "\n" for answer in answers)
        Path(out).write_text("".join(lines), encoding="utf-8")
        return
    text = io.StringIO()
    table = csv.DictWriter(text, names, lineterminator="\n")
    table.writeheader()
    table.writerows(answers)
    if out is None:
        sys.stdout.write(text.getvalue())
    else:
        Path(out).write_text(text.getvalue(), encoding="utf-8", newline="")
