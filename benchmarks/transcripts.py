"""Speech to text: strings of spoken digits (FSDD) of a speaker that was never heard.

    python benchmarks/transcripts.py              all speakers
    python benchmarks/transcripts.py theo         some
    python benchmarks/transcripts.py stream       long recordings, as they arrive

A string is three to seven recordings of one speaker, joined with pauses of 0.05 to 0.3 seconds of
faint noise; its transcript is their words. Strings of five speakers train and validate, 200 of the
sixth are the test; goal: a word error rate of 10 %. The baseline answers the commonest transcript.

"stream" fits a network for fewer epochs, joins the test strings to recordings of a minute or more,
and hears each string alone and each recording in blocks of a tenth of a second: word error rates,
how long text comes after its sound, and how long an hour of sound takes to hear.
"""

import csv
import sys
import tempfile
import time
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from common import data_folder, fit, read_results, write_results

import lamina
from lamina.evaluation.written import edit_distance
from lamina.runtime.function import load

SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TRAINED, TESTED = 2_000, 200
RATE = 8_000
EPOCHS = 12
STREAM_EPOCHS = 4
LEAST_S = 60.0
BLOCK = RATE // 10


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


def stream(held: str) -> dict[str, Any]:
    """Return how well and how soon joined test strings of a speaker are heard."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = write_strings(folder, held, seed=0)
        epochs = f"training.epochs={STREAM_EPOCHS}"
        told = fit(path, "--target", "text", "--set", epochs, keep=folder / "run")
        run = lamina.load(folder / "run")
        run.export(folder / "run.onnx")
        with path.open() as file:
            rows = [row for row in csv.DictReader(file) if row["split"] == "test"]
        alone = run.predict({key: [row[key] for row in rows] for key in ("sound", "text")})["text"]
        joined = list(_joined(rows))
        listener = run.predictor.listener()
        found: dict[str, Any] = {
            "speaker": held,
            "epochs": told["training"]["epochs"],
            "window_s": listener.max_samples / listener.rate,
            "seconds": round(sum(len(sound) for sound, _ in joined) / RATE, 1),
            "recordings": len(joined),
            "strings": len(rows),
            "single_strings": _rate(list(alone), [row["text"] for row in rows]),
        }
        function = load(folder / "run.onnx", threads=1)
        for case, hears in {
            "stream": lambda blocks: run.transcribe(blocks, rate=RATE),
            "stream, delay 1.5 s": lambda blocks: run.transcribe(blocks, rate=RATE, delay_s=1.5),
            "stream, delay 0.75 s": lambda blocks: run.transcribe(blocks, rate=RATE, delay_s=0.75),
            "stream, exported": lambda blocks: function.transcribe(blocks, rate=RATE),
        }.items():
            found[case] = _heard(hears, joined)
            print(case, found[case], flush=True)
    return found


def _joined(rows: Sequence[dict[str, str]]) -> Iterator[tuple[np.ndarray, str]]:
    """Yield strings one after the other, a minute or more at a time, then the rest; and words."""
    parts: list[np.ndarray] = []
    words: list[str] = []
    for row in rows:
        with wave.open(row["sound"]) as file:
            parts.append(np.frombuffer(file.readframes(file.getnframes()), dtype="<i2"))
        words.append(row["text"])
        if sum(map(len, parts)) >= LEAST_S * RATE:
            yield np.concatenate(parts), " ".join(words)
            parts, words = [], []
    if parts:
        yield np.concatenate(parts), " ".join(words)


def _heard(hears: Any, joined: Sequence[tuple[np.ndarray, str]]) -> dict[str, Any]:
    """Return errors, delays by the clock of the sound, and seconds of work per second of sound."""
    texts, waits, arrived = [], [], 0
    began = time.perf_counter()
    for sound, _ in joined:

        def blocks(sound: np.ndarray = sound) -> Iterator[np.ndarray]:
            nonlocal arrived
            for first in range(0, len(sound), BLOCK):
                arrived = first + BLOCK
                yield sound[first : first + BLOCK]

        segments = []
        for segment in hears(blocks()):
            segments.append(segment.text)
            waits.append(arrived / RATE - segment.end_s)
        texts.append("".join(segments))
    seconds = time.perf_counter() - began
    return {
        "word_error_rate": _rate(texts, [words for _, words in joined]),
        "delay_s": {"median": round(float(np.median(waits)), 2), "most": round(max(waits), 2)},
        "real_time_factor": round(seconds * RATE / sum(len(sound) for sound, _ in joined), 4),
    }


def _rate(found: Sequence[str], truth: Sequence[str]) -> dict[str, float]:
    """Return the word error rate with a 95 % interval over recordings."""
    pairs = [(own.split(), right.split()) for own, right in zip(found, truth)]
    counts = np.array([(edit_distance(own, right), len(right)) for own, right in pairs])
    drawn = np.random.default_rng(0).integers(0, len(counts), (2000, len(counts)))
    rates = counts[drawn].sum(axis=1)
    low, high = np.quantile(rates[:, 0] / rates[:, 1], (0.025, 0.975))
    value = counts[:, 0].sum() / counts[:, 1].sum()
    return {"value": round(value, 4), "low": round(low, 4), "high": round(high, 4)}


def main() -> None:
    """Fit what is named on the command line and merge its results in."""
    results = read_results("transcripts")
    wanted = sys.argv[1:] or [*SPEAKERS, "stream"]
    if "stream" in wanted:
        wanted.remove("stream")
        results["stream"] = stream("theo")
    for held in wanted:
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
    conditions = {"seed": 0, "epochs": EPOCHS, "trained": TRAINED, "tested": TESTED}
    write_results("transcripts", results, **conditions, stream_epochs=STREAM_EPOCHS)


if __name__ == "__main__":
    main()
