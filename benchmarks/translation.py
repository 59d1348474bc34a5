"""Translation: Multi30k, test of 2016, BLEU as sacrebleu counts it (words "13a", case counts).

    python benchmarks/translation.py                        all
    python benchmarks/translation.py en-de/1800 de-en/1800  some

"en-de/1800" is `lamina fit` from English to German with `--time 1800s` on the 29,000 pairs of the
training part, validated on the 1,014 of the validation part. Goals for en-de: 30 with half an hour,
36 with three hours, which an hour meets. Baselines of the same run: the text itself, and the answer
to the most similar training text.
"""

import csv
import gzip
import sys
import tempfile
from pathlib import Path

from common import data_folder, fit, read_results, write_results

CASES = ("en-de/1800", "de-en/1800", "en-fr/1800", "fr-en/1800", "en-de/3600")
PARTS = {"train": "train", "validation": "val", "test": "test_2016_flickr"}


def write_pairs(folder: Path, read: str, written: str) -> dict[str, Path]:
    """Write a table of pairs for each part, and return their paths."""
    found = {}
    for part, name in PARTS.items():
        sides = [_lines(f"{name}.{language}.gz") for language in (read, written)]
        found[part] = folder / f"{part}.csv"
        with found[part].open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow([read, written])
            out.writerows(zip(*sides, strict=True))
    return found


def _lines(name: str) -> list[str]:
    with gzip.open(data_folder("multi30k") / name, "rt", encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file]


def main() -> None:
    """Fit what is named on the command line and merge its results in."""
    results = read_results("translation")
    for case in sys.argv[1:] or CASES:
        pair, _, seconds = case.partition("/")
        read, _, written = pair.partition("-")
        with tempfile.TemporaryDirectory() as folder:
            parts = write_pairs(Path(folder), read, written)
            named = [f"--{part}={parts[part]}" for part in ("validation", "test")]
            told = fit(parts["train"], "--target", written, "--time", f"{seconds}s", *named)
        results[case] = {
            "metrics": told["metrics"],
            "baselines": {n: b["bleu"]["value"] for n, b in told["baselines"].items()},
            "parameters": told["parameters"],
            "training": {k: told["training"][k] for k in ("steps", "epochs", "seconds")},
            "rows": told["rows"],
        }
        print(case, results[case]["metrics"]["bleu"], flush=True)
        write_results("translation", results, seed=0)


if __name__ == "__main__":
    main()
