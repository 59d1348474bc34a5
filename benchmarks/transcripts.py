"""Speech to text: strings of spoken digits (FSDD) of a speaker that was never heard.

    python benchmarks/transcripts.py              all speakers
    python benchmarks/transcripts.py theo         some

A string is three to seven recordings of one speaker, joined with pauses of 0.05 to 0.3 seconds of
faint noise; its transcript is their words. Strings of five speakers train and validate, 200 of the
sixth are the test; goal: a word error rate of 10 %. The baseline answers the commonest transcript.
"""

import csv
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np
from common import data_folder, fit, read_results, write_results

SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TRAINED, TESTED = 2_000, 200
RATE = 8_000
EPOCHS = 8


def recordings() -> dict[str, dict[int, list[np.ndarray]]]:
    """Return the samples of all recordings, by speaker and digit."""
    found: dict[str, dict[int, list[np.ndarray]]] = {}
    for path in sorted((data_folder("fsdd") / "recordings").glob("*.wav")):
        digit, speaker, _ = path.stem.split("_")
        with wave.open(str(path)) as file:
            data = file.readframes(file.getnframes())
        samples = np.frombuffer(data, dtype="<i2")
        found.setdefault(speaker, {}).setdefault(int(digit), []).append(samples)
    return found


def write_strings(folder: Path, held: str, *, seed: int) -> Path:
    """Write strings and their table, those of one speaker marked as the test, and return it."""
    chance, known = np.random.default_rng(seed), recordings()
    others = [speaker for speaker in SPEAKERS if speaker != held]
    path = folder / "strings.csv"
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["sound", "text", "split"])
        for number in range(TRAINED + TESTED):
            is_test = number >= TRAINED
            speaker = held if is_test else others[number % len(others)]
            digits = chance.integers(0, 10, chance.integers(3, 8)).tolist()
            parts = [_pause(chance)]
            for digit in digits:
                own = known[speaker][digit]
                parts += [own[chance.integers(0, len(own))], _pause(chance)]
            sound = folder / f"{number:05}.wav"
            with wave.open(str(sound), "wb") as to:
                to.setnchannels(1)
                to.setsampwidth(2)
                to.setframerate(RATE)
                to.writeframes(np.concatenate(parts).astype("<i2").tobytes())
            text = " ".join(WORDS[digit] for digit in digits)
            part = "test" if is_test else "validation" if number % 20 == 19 else "train"
            out.writerow([str(sound), text, part])
    return path


def _pause(chance: np.random.Generator) -> np.ndarray:
    return chance.normal(0, 8, int(RATE * chance.uniform(0.05, 0.3))).round().astype(np.int16)


def main() -> None:
    """Fit what is named on the command line and merge its results in."""
    results = read_results("transcripts")
    for held in sys.argv[1:] or SPEAKERS:
        with tempfile.TemporaryDirectory() as folder:
            path = write_strings(Path(folder), held, seed=0)
            told = fit(path, "--target", "text", "--set", f"training.epochs={EPOCHS}")
        results[held] = {
            "metrics": told["metrics"],
            "epochs": told["training"]["epochs"],
            "parameters": told["parameters"],
            "baselines": {n: b["word_error_rate"]["value"] for n, b in told["baselines"].items()},
            "rows": told["rows"],
        }
        print(held, results[held]["metrics"]["word_error_rate"], flush=True)
    if all(name in results for name in SPEAKERS):
        rates = [results[name]["metrics"]["word_error_rate"]["value"] for name in SPEAKERS]
        results["mean_of_speakers"] = round(sum(rates) / len(rates), 4)
        print("mean of speakers", results["mean_of_speakers"])
    write_results("transcripts", results, seed=0, epochs=EPOCHS, trained=TRAINED, tested=TESTED)


if __name__ == "__main__":
    main()
