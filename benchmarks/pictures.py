"""Pictures: accuracy on the official test parts within a time budget.

    python benchmarks/pictures.py                 all sets
    python benchmarks/pictures.py mnist cifar10   some

Goals on 2 cores: MNIST ≥ 99.5 % in 60 s, Fashion-MNIST ≥ 94.0 % in 5 min, CIFAR-10 (JPEG copy)
≥ 88 % in 10 min, flowers5 ≥ 72 % in 10 min.
"""

import sys

from common import data_folder, fit, outcome, read_results, write_results

SETS = {
    "mnist": ("60s", 0.995, ()),
    "fashion_mnist": ("5m", 0.940, ()),
    "cifar10": ("10m", 0.880, ("--test", "test.parquet")),
    "flowers5": ("10m", 0.720, ()),
}


def main() -> None:
    results = dict(read_results("pictures"))
    for name in sys.argv[1:] or SETS:
        time, goal, extra = SETS[name]
        folder = data_folder(name)
        source = folder / "train.parquet" if extra else folder
        options = [o if o.startswith("--") else str(folder / o) for o in extra]
        told = fit(source, "--time", time, *options)
        print(name, end=" ")
        results[name] = outcome(told, time=time, goal=goal)
        write_results("pictures", results, seed=0)


if __name__ == "__main__":
    main()
