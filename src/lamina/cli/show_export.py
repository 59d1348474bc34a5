"""What `lamina export` prints."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from lamina.cli.options import console, print_json
from lamina.runtime.function import Function
from lamina.runtime.vectors import Checked


def show_written(written: Any, archive: Path | None = None, *, is_json: bool) -> None:
    """Print where the file is and what its certificate says.

    Args:
        written: What was written.
        archive: The runtime beside it, or None.
        is_json: For machines.
    """
    told = dict(written.certificate)
    if is_json:
        print_json(
            {
                "file": str(written.path),
                "identity": written.identity,
                "bytes": written.num_bytes,
                "runtime": None if archive is None else str(archive),
                "certificate": told,
            }
        )
        return
    screen = console(is_json=False)
    size = f"{written.num_bytes / 1e6:.2f} MB"
    screen.print(f"{written.path}: {size}, {told['precision']}", markup=False, soft_wrap=True)
    rows, flipped = told["rows"], told["flipped_decisions"]
    screen.print(
        f"  {rows:,} test rows, {flipped:,} decided otherwise than by the run; largest deviation "
        f"{told['largest_deviation']:.1e}, mean {told['mean_deviation']:.1e}",
        markup=False,
        soft_wrap=True,
    )
    if "texts_written_on" in told:
        count, other = told["texts_written_on"], told["texts_written_otherwise"]
        screen.print(f"  {count} texts written on, {other} otherwise than by the run")
    for line in _price(told):
        screen.print(f"  {line}", markup=False, soft_wrap=True)
    screen.print(
        f"  Check it anywhere with: lamina export --check {written.path}",
        markup=False,
        soft_wrap=True,
    )
    if archive is not None:
        screen.print(
            f"  Run it without lamina: python {archive} {written.path} new.csv", markup=False
        )


def _price(told: dict[str, Any]) -> list[str]:
    """Return what less precision costs and gains, in words."""
    lines = []
    if "quality" in told:
        q = told["quality"]
        ends = "" if q["low"] is None else f" (95 %: {q['low']:+.4g} to {q['high']:+.4g})"
        lines.append(
            f"{q['metric']} {q['value']:.4g}, of the run {q['value_of_model']:.4g}: "
            f"gain {q['gain']:+.4g}{ends}; below zero is worse"
        )
    if "speed" in told:
        s, ratio = told["speed"], told["bytes"] / told["bytes_float32"]
        lines.append(
            f"{ratio:.0%} of the size; one row {s['one_row_ms']:.3g} ms ({s['one_row_gain']:.2f} × "
            f"as fast as float32), a batch {s['batch_ms']:.3g} ms ({s['batch_gain']:.2f} ×)"
        )
    return lines


def show_checked(path: Path, function: Function, checked: Checked, *, is_json: bool) -> None:
    """Print whether a file answers its test vectors as it should.

    Args:
        path: The file.
        function: Its model.
        checked: What came of it.
        is_json: For machines.
    """
    found = checked.agreement
    told = dict(function.check).get("certificate", {})
    if is_json:
        print_json(
            {
                "file": str(path),
                "identity": function.identity,
                "holds": checked.holds,
                "tolerance": checked.tolerance,
                **asdict(found),
                "certificate": told,
            }
        )
        return
    screen = console(is_json=False)
    verdict = "answers as it should" if checked.holds else "does NOT answer as it should"
    screen.print(
        f"{path} {verdict}: {found.rows:,} test vectors, {found.flipped:,} decided otherwise, "
        f"largest deviation {found.largest:.1e} (allowed: {checked.tolerance:.1e})",
        markup=False,
        soft_wrap=True,
    )
    if isinstance(told, dict) and told:
        screen.print(
            f"  from run {told.get('run')}, {told.get('made')}, {told.get('precision')}; identity "
            f"{function.identity[:16]}",
            markup=False,
            soft_wrap=True,
        )
