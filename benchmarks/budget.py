"""Budget: wall time of training against `--time`, over ten runs between 20 s and 5 min.

    python benchmarks/budget.py

Goal: within ±15 % in every run. Training counts from the probe to the last step, its validations
and checkpoints included; reading, encoding and the final evaluation are not part of it.
"""

from common import data_folder, fit, write_results

TIMES = (20, 30, 40, 60, 80, 100, 120, 160, 220, 300)
TOLERANCE = 0.15


def main() -> None:
    sources = [
        (data_folder("mnist"), ()),
        (data_folder("tab_adult") / "adult-train.csv", ("--target", "column_15")),
        (data_folder("fashion_mnist"), ()),
        (data_folder("tab_diamonds") / "diamonds.csv", ("--target", "price", "--overrule")),
    ]
    rows = []
    for number, seconds in enumerate(TIMES):
        source, options = sources[number % len(sources)]
        told = fit(source, "--time", f"{seconds}s", *options)
        used = told["training"]["seconds"]
        rows.append(
            {
                "source": source.name,
                "budget_s": seconds,
                "used_s": used,
                "ratio": used / seconds,
                "is_kept": abs(used / seconds - 1) <= TOLERANCE,
            }
        )
        print(rows[-1])
    summary = {"runs": rows, "kept": sum(r["is_kept"] for r in rows), "num_runs": len(rows)}
    write_results("budget", summary, tolerance=TOLERANCE, seed=0)


if __name__ == "__main__":
    main()
