"""Tags of words: names in CoNLL-2003, slots in ATIS and SNIPS, parts of speech.

    python benchmarks/tagging.py                    all of them
    python benchmarks/tagging.py atis pos           some

Each is `lamina fit` with `--time` on the official parts: the validation part chooses the weights,
the test part is measured once. The simple taggers of the same run stand beside it: the most
frequent tag of each word, and logistic regression on a word and two neighbours to each side. No
vectors of words come from elsewhere. The official parts share some sentences (116 of the 3,453 test
rows of CoNLL-2003), which the check before training calls severe: hence --overrule.
"""

import sys
from pathlib import Path
from typing import Any

from common import data_folder, fit, read_results, write_results

NEWS = {"train": "eng.train", "--validation": "eng.testa", "--test": "eng.testb"}
PARTS = {"train": "train", "--validation": "valid", "--test": "test"}
CASES = {
    "conll2003": (("conll2003",), NEWS, "ner", "215s", 0.82),
    "atis": (("atis_snips", "atis"), PARTS, "tags", "190s", 0.945),
    "snips": (("atis_snips", "snips"), PARTS, "tags", "180s", 0.88),
    "pos": (("conll2003",), NEWS, "pos", "150s", 0.95),
}
"""By name: folder, its parts, target, time, and the F1 of spans that is wanted."""


def case(name: str) -> dict[str, Any]:
    """Fit one set and return what the run says."""
    names, parts, target, time, goal = CASES[name]
    folder = data_folder(*names)
    options = ["--target", target, "--time", time, "--overrule"]
    for option, file in parts.items():
        if option != "train":
            options += [option, str(folder / file)]
    told = fit(folder / parts["train"], *options)
    metrics = told["metrics"]
    print(name, f"{metrics['span_f1']['value']:.4f}", f"goal {goal}", told["training"]["seconds"])
    return {
        "budget": time,
        "goal": goal,
        "reached": metrics["span_f1"]["value"] >= goal,
        "metrics": metrics,
        "baselines": {
            baseline: {n: value["value"] for n, value in own.items()}
            for baseline, own in told["baselines"].items()
        },
        "training_seconds": told["training"]["seconds"],
        "epochs": told["training"]["epochs"],
        "parameters": told["parameters"],
        "rows": told["rows"],
    }


def main() -> None:
    """Run the cases named, or all."""
    wanted = sys.argv[1:] or list(CASES)
    results = read_results(Path(__file__).stem)
    for name in wanted:
        results[name] = case(name)
        write_results(Path(__file__).stem, results, seed=0)


if __name__ == "__main__":
    main()
