"""Small real models for the tests of the server: functions of a few lines, whole signatures."""

import hashlib
import io
import math
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from PIL import Image

from lamina.runtime.answers.tag_sequences import TagSequences
from lamina.runtime.errors import DataError
from lamina.runtime.modalities.words import words_of
from lamina.runtime.prepared import Prepared
from lamina.runtime.sampling import SamplingConfig
from lamina.runtime.signature import Answer, Field, Signature
from lamina.runtime.tracing import Trace, Tracing
from lamina.runtime.word_groups import parts_of_tags
from lamina.runtime.writing import Writing, WritingConfig

AGE = Field(
    name="age",
    modality="number",
    quantiles=tuple(range(20, 71, 5)),
    missing=0.1,
    low=20.0,
    high=70.0,
    is_whole=True,
    typical=45,
)
COLOUR = Field(
    name="colour",
    modality="category",
    levels=("red", "green", "blue"),
    shares=(0.5, 0.3, 0.2),
    typical="red",
)
IS_NEW = Field(
    name="is_new",
    modality="boolean",
    levels=("false", "true"),
    shares=(0.75, 0.25),
    typical="false",
)
BOUGHT = Field(
    name="bought",
    modality="datetime",
    quantiles=(0.0, 86400.0, 172800.0),
    low=0.0,
    high=172800.0,
    typical="1970-01-02T00:00:00",
)
NOTE = Field(
    name="note",
    modality="text",
    quantiles=(5.0, 20.0, 60.0),
    missing=0.5,
    typical="good and cheap",
)
PHOTO = Field(name="photo", modality="image", height=8, width=8, channels=3)

YES_NO = (
    Answer(name="buys", kind="class", target="buys"),
    Answer(name="probability", kind="probability", target="buys"),
    Answer(name="probability_no", kind="probability", target="buys", label="no"),
    Answer(name="probability_yes", kind="probability", target="buys", label="yes"),
)


class Shop:
    """Says whether somebody buys: from age, colour, a note and the brightness of a photo."""

    def __init__(self, name: str = "shop", *fields: Field, bias: float = 0.0) -> None:
        every = fields or (AGE, COLOUR, IS_NEW, BOUGHT, NOTE)
        self.signature = Signature(
            name=name, task="classification", fields=tuple(every), answers=YES_NO
        )
        self.bias = bias
        self.identity = hashlib.sha256(f"{name}{bias}".encode()).hexdigest()
        self.calls: list[int] = []
        self.seconds = 0.0
        self.is_broken = False
        self.gate = threading.Event()
        self.gate.set()

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        self.calls.append(len(rows))
        self.gate.wait(20)
        time.sleep(self.seconds)
        if self.is_broken:
            raise RuntimeError("secret inner state")
        return [self._answer(row) for row in rows]

    def _answer(self, row: Mapping[str, Any]) -> dict[str, Any]:
        if row.get("colour") == "poison":
            raise ValueError(f"poison {row}")
        if row.get("colour") == "bad data":
            raise DataError("this colour cannot be read.")
        if row.get("colour") == "odd":
            nothing = dict.fromkeys(one.name for one in YES_NO)
            return {**nothing, "error": "column 'colour': it is odd."}
        score = self.bias + ((row.get("age") or 45) - 45) / 10
        score += {"red": 1.0, "green": -1.0}.get(row.get("colour"), 0.0)
        score += 2.0 * (str(row.get("note") or "").split().count("good"))
        if row.get("photo") is not None:
            try:
                score += (_pixels(row["photo"])[:4, :4].mean() - 128) / 32
            except OSError:
                nothing = dict.fromkeys(one.name for one in YES_NO)
                return {**nothing, "error": "column 'photo': it cannot be decoded."}
        if isinstance(row.get("bought"), datetime):
            assert row["bought"].tzinfo is None
        yes = 1 / (1 + math.exp(-score))
        return {
            "buys": "yes" if yes > 0.5 else "no",
            "probability": max(yes, 1 - yes),
            "probability_no": 1 - yes,
            "probability_yes": yes,
        }


class Price:
    """Predicts a number, with one answer that is not finite."""

    signature = Signature(
        name="price",
        task="regression",
        fields=(AGE, COLOUR),
        answers=(Answer(name="price", kind="number", target="price"),),
    )
    identity = "f" * 64

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [
            {"price": np.float64("nan") if row["age"] is None else np.float64(2 * row["age"])}
            for row in rows
        ]


class Parrot:
    """Writes the prompt again and again, a byte a token; a NUL in it ends a text."""

    signature = Signature(
        name="parrot",
        task="language_model",
        fields=(Field(name="text", modality="text", typical=""),),
        answers=(Answer(name="bits_per_byte", kind="number", target="bits_per_byte"),),
        context=64,
    )
    identity = "a" * 64

    def __init__(self) -> None:
        self.seconds = 0.0
        self.steps = 0
        self.fails_at = -1

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [{"bits_per_byte": float(len(row.get("text") or ""))} for row in rows]

    def write(self, config: WritingConfig, sampling: SamplingConfig | None = None) -> Writing:
        said = (config.prompt or "la").encode()

        def steps() -> Iterator[list[int]]:
            for place in range(config.num_tokens):
                if place == self.fails_at:
                    raise RuntimeError("secret inner state")
                time.sleep(self.seconds)
                self.steps += 1
                yield [said[place % len(said)]] * config.num_texts

        return Writing(steps(), config, bytes_of=lambda token: bytes([token]), ends=(0,))


class Scribe:
    """Writes each word in capitals, from the end; a word costs 0.5, and 3 more without its own."""

    def __init__(self) -> None:
        self.signature = Signature(
            name="scribe",
            task="text_to_text",
            fields=(Field(name="text", modality="text", typical="the old house"),),
            answers=(
                Answer(name="said", kind="text", target="said"),
                Answer(name="said: nats per token", kind="number", target="said"),
            ),
        )
        self.identity = "d" * 64
        self.measured: list[int] = []
        self.seconds = 0.0
        self.problem: Exception | None = None

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [self._answer(row) for row in rows]

    def _answer(self, row: Mapping[str, Any]) -> dict[str, Any]:
        words = str(row.get("text") or "").upper().split()
        return {"said": " ".join(reversed(words)), "said: nats per token": 0.5}

    def trace(self, row: Mapping[str, Any]) -> Tracing:
        if self.problem is not None:
            raise self.problem
        words = str(row.get("text") or "").split()[::-1]
        parts = tuple(word.upper() for word in words)
        groups = tuple((place,) for place in range(len(words)))

        def weigh(inputs: Mapping[str, np.ndarray]) -> np.ndarray:
            time.sleep(self.seconds)
            self.measured.append(len(inputs["text"]))
            costs = [
                [0.5 if word in text.split() else 3.5 for word in words] for text in inputs["text"]
            ]
            return -np.array([[sum(row) + 0.25, *row] for row in costs])

        def prepare(rows: Sequence[Mapping[str, Any]]) -> Prepared:
            texts = np.array([str(row["text"]) for row in rows], dtype=object)
            return Prepared({"text": texts}, tuple(range(len(rows))), {})

        answer = self._answer(row)
        return Tracing(answer, Trace(answer["said"], parts, groups, weigh), prepare)


class Clerk:
    """Tags words in capitals as names; a tag costs 0.5, and 2 more where its word is not known.

    Args:
        marks_spans: Whether tags mark spans; else words are nouns and others.
    """

    def __init__(self, *, marks_spans: bool = True) -> None:
        form = TagSequences("slots", "words", ("O", "B-name"), np.zeros((4, 2)), marks_spans=True)
        self.signature = Signature(
            name="clerk",
            task="tagging",
            fields=(Field(name="words", modality="words", typical="call Ann now"),),
            answers=form.answers if marks_spans else form.answers[:2],
        )
        self.identity = "e" * 64

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [self._answer(row) for row in rows]

    def _answer(self, row: Mapping[str, Any]) -> dict[str, Any]:
        words = words_of(row["words"]) or []
        names = [word for word in words if word[:1].isupper()]
        tags = ["B-name" if word in names else "O" for word in words]
        spans = [f"{word} (name)" for word in names]
        cells = (tags, 0.75, spans)
        return {answer.name: cell for answer, cell in zip(self.signature.answers, cells)}

    def trace(self, row: Mapping[str, Any]) -> Tracing:
        answer = self._answer(row)
        if not answer["slots"]:
            raise DataError("column 'words': the sentence has no words")
        parts = parts_of_tags(words_of(row["words"]) or [], answer["slots"])

        def weigh(inputs: Mapping[str, np.ndarray]) -> np.ndarray:
            costs = [[0.5 if word else 2.5 for word in words] for words in inputs["words"]]
            return -np.array([[sum(own), *own] for own in costs])

        def prepare(rows: Sequence[Mapping[str, Any]]) -> Prepared:
            sentences = np.empty(len(rows), dtype=object)
            sentences[:] = [words_of(row["words"]) for row in rows]
            return Prepared({"words": sentences}, tuple(range(len(rows))), {})

        shown = tuple(part for part, _ in parts)
        groups = tuple(tuple(group) for _, group in parts)
        return Tracing(answer, Trace(" ".join(answer["slots"]), shown, groups, weigh), prepare)


def png(side: int = 8, grey: int = 200, kind: str = "PNG") -> bytes:
    """Return an encoded picture."""
    stream = io.BytesIO()
    Image.new("RGB", (side, side), (grey,) * 3).save(stream, kind)
    return stream.getvalue()


def _pixels(cell: Any) -> np.ndarray:
    if isinstance(cell, np.ndarray):
        return cell
    with Image.open(io.BytesIO(cell)) as picture:
        return np.asarray(picture.convert("RGB").resize((8, 8)))
