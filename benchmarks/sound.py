"""Sound: spoken digits (FSDD), official test recordings and a speaker left out.

    python benchmarks/sound.py                    all
    python benchmarks/sound.py official theo      some

The official test is recordings 0 to 4 of each digit and speaker; goal 98.5 %. For a speaker left
out, all recordings of the others train and all of the speaker's test; the goal is a mean of 88 %.
The table of paths is made from the names of the files. As many passes for each, so that the figures
do not depend on what else the machine does.
"""

import csv
import sys
import tempfile
from pathlib import Path

from common import data_folder, fit, read_results, write_results

SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
EPOCHS = 15


def table(folder: Path, held: str) -> Path:
    """Write the table of recordings, those held out marked as the test, and return it."""
    path = folder / "digits.csv"
    recordings = sorted((data_folder("fsdd") / "recordings").glob("*.wav"))
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["file", "digit", "split"])
        for recording in recordings:
            digit, speaker, number = recording.stem.split("_")
            is_test = int(number) < 5 if held == "official" else speaker == held
            out.writerow([str(recording), digit, "test" if is_test else "train"])
    return path


def main() -> None:
    """Fit what is named on the command line and merge its results in."""
    results = read_results("sound")
    for held in sys.argv[1:] or ("official", *SPEAKERS):
        with tempfile.TemporaryDirectory() as folder:
            path = table(Path(folder), held)
            options = ("--target", "digit", "--set", f"training.epochs={EPOCHS}")
            told = fit(path, *options)
        results[held] = {
            "accuracy": told["metrics"]["accuracy"],
            "epochs": told["training"]["epochs"],
            "parameters": told["parameters"],
            "baselines": {n: b["accuracy"]["value"] for n, b in told["baselines"].items()},
            "rows": told["rows"],
        }
        print(held, results[held]["accuracy"], results[held]["baselines"], flush=True)
    if all(name in results for name in SPEAKERS):
        values = [results[name]["accuracy"]["value"] for name in SPEAKERS]
        results["mean_of_speakers"] = round(sum(values) / len(values), 4)
        print("mean of speakers", results["mean_of_speakers"])
    write_results("sound", results, seed=0, epochs=EPOCHS)


if __name__ == "__main__":
    main()
