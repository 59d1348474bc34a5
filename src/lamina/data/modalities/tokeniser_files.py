"""The tokeniser of a published model, from its folder: how it cuts texts, and its vocabulary.

Read are tokenizer.json or, without it, vocab.txt (WordPiece), or vocab.json with merges.txt
(byte-level BPE). What our own implementation does not do exactly is refused by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lamina.core.errors import BundleError
from lamina.core.hub import read_json
from lamina.runtime.byte_pairs import BytePairs
from lamina.runtime.subwords import AbstractSubwords
from lamina.runtime.word_pieces import WordPieces

_NO_LIMIT = 1 << 24


@dataclass(frozen=True, slots=True)
class Tokeniser:
    """How a published model reads texts."""

    words: tuple[str, ...]
    """The pieces in the order of their numbers."""
    subwords: AbstractSubwords
    """How texts are cut."""
    max_length: int
    """Most pieces of a text that the model was made for."""


def read_tokeniser(folder: Path) -> Tokeniser:
    """Return the tokeniser of a published model.

    Args:
        folder: Its folder.

    Raises:
        BundleError: The files are missing, damaged, or of a tokeniser that is not known.
    """
    settings = _optional(folder / "tokenizer_config.json")
    if (folder / "tokenizer.json").is_file():
        path = folder / "tokenizer.json"
        words, subwords = _from_whole(read_json(path), str(path))
    elif (folder / "vocab.txt").is_file():
        words, subwords = _from_vocabulary(folder / "vocab.txt", settings)
    elif (folder / "vocab.json").is_file() and (folder / "merges.txt").is_file():
        words, subwords = _from_merges(folder, settings)
    else:
        raise BundleError(
            f"{folder} has no tokeniser: tokenizer.json is missing, and so are vocab.txt, or "
            "vocab.json with merges.txt. Give the folder that holds one of them."
        )
    limits = [_NO_LIMIT, settings.get("model_max_length")]
    limits.append(_optional(folder / "sentence_bert_config.json").get("max_seq_length"))
    return Tokeniser(words, subwords, min(n for n in limits if type(n) is int and n > 2))


def _optional(path: Path) -> dict[str, Any]:
    return read_json(path) if path.is_file() else {}


def _from_whole(
    document: Mapping[str, Any], where: str
) -> tuple[tuple[str, ...], AbstractSubwords]:
    """Return vocabulary and cutting from a tokenizer.json."""
    model = document.get("model")
    if not isinstance(model, Mapping) or not isinstance(model.get("vocab"), Mapping):
        raise BundleError(f"{where} is damaged, or its vocabulary is no mapping of pieces.")
    added = document.get("added_tokens") or []
    plain = [one["content"] for one in added if not one.get("special", False)]
    if plain:
        raise BundleError(
            f"{where} adds the words {plain[:3]!r} to its vocabulary: not known here."
        )
    numbers = {**model["vocab"], **{one["content"]: one["id"] for one in added}}
    words = _in_order(numbers, where)
    first, last = _marks(document.get("post_processor"), where)
    kind, step = model.get("type"), document.get("pre_tokenizer")
    if kind == "WordPiece":
        how = _normaliser(document.get("normalizer"), step, where)
        unknown = numbers.get(str(model.get("unk_token", "[UNK]")), 0)
        return words, WordPieces(
            first=first,
            last=last,
            unknown=unknown,
            continuation=str(model.get("continuing_subword_prefix", "##")),
            max_characters=int(model.get("max_input_chars_per_word", 100)),
            **how,
        )
    adds_space = _byte_level(step)
    is_known = (
        kind in ("BPE", None)
        and adds_space is not None
        and not any(model.get(n) for n in ("continuing_subword_prefix", "end_of_word_suffix"))
        and not any(model.get(n) for n in ("byte_fallback", "dropout", "ignore_merges"))
        and document.get("normalizer") is None
    )
    if not is_known or adds_space is None:
        raise BundleError(
            f"{where} holds a tokeniser of the type {kind!r} that is not known; known are "
            "WordPiece as in BERT and byte-level BPE as in GPT-2 and RoBERTa."
        )
    merges = tuple(m if isinstance(m, str) else " ".join(m) for m in model.get("merges", ()))
    unknown = _unknown_of(numbers)
    return words, BytePairs(
        first=first, last=last, unknown=unknown, merges=merges, adds_space=adds_space
    )


def _in_order(numbers: Mapping[str, Any], where: str) -> tuple[str, ...]:
    """Return the pieces in the order of their numbers; a number without one gets a name."""
    if any(type(n) is not int or not 0 <= n < 1 << 22 for n in numbers.values()):
        raise BundleError(f"{where} is damaged: a piece has no number.")
    pieces = {number: piece for piece, number in numbers.items()}
    if not pieces or len(pieces) != len(numbers):
        raise BundleError(f"{where} is damaged: two pieces share a number, or there are none.")
    return tuple(pieces.get(n, f"[no piece {n}]") for n in range(max(pieces) + 1))


def _normaliser(normaliser: Any, step: Any, where: str) -> dict[str, Any]:
    """Return the settings of a BERT normaliser."""
    is_known = (
        isinstance(normaliser, Mapping)
        and normaliser.get("type") == "BertNormalizer"
        and normaliser.get("clean_text") is True
        and isinstance(step, Mapping)
        and step.get("type") == "BertPreTokenizer"
    )
    if not is_known:
        raise BundleError(f"{where} prepares texts otherwise than BERT: not known here.")
    return _cleaning(
        normaliser.get("lowercase", True),
        normaliser.get("strip_accents"),
        normaliser.get("handle_chinese_chars", True),
    )


def _cleaning(lowercase: Any, strips: Any, splits: Any) -> dict[str, Any]:
    return {
        "lowercase": bool(lowercase),
        "strips_accents": bool(lowercase if strips is None else strips),
        "splits_han": bool(splits),
    }


def _byte_level(step: Any) -> bool | None:
    """Return whether a byte-level step adds a space; None where the step is another."""
    if not isinstance(step, Mapping):
        return None
    parts = step.get("pretokenizers") if step.get("type") == "Sequence" else [step]
    if not isinstance(parts, list) or len(parts) != 1 or parts[0].get("type") != "ByteLevel":
        return None
    if parts[0].get("use_regex") is False:
        return None
    return bool(parts[0].get("add_prefix_space", True))


def _marks(step: Any, where: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the numbers of the marks before and behind a text."""
    kind = step.get("type") if isinstance(step, Mapping) else None
    if step is None or kind == "ByteLevel":
        return (), ()
    try:
        if kind in ("BertProcessing", "RobertaProcessing"):
            return (int(step["cls"][1]),), (int(step["sep"][1]),)
        if kind == "TemplateProcessing":
            sides: tuple[list[int], list[int]] = ([], [])
            side = 0
            for part in step["single"]:
                if "Sequence" in part:
                    side = 1
                else:
                    sides[side].extend(step["special_tokens"][part["SpecialToken"]["id"]]["ids"])
            return tuple(sides[0]), tuple(sides[1])
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise BundleError(f"{where} is damaged: its marks cannot be read ({error}).") from error
    raise BundleError(f"{where} puts marks around texts by {kind!r}: not known here.")


def _from_vocabulary(
    path: Path, settings: Mapping[str, Any]
) -> tuple[tuple[str, ...], AbstractSubwords]:
    """Return vocabulary and cutting from a vocab.txt."""
    words = tuple(line.rstrip("\r") for line in _text(path).rstrip("\n").split("\n"))
    numbers = {word: number for number, word in enumerate(words)}
    marks = [str(settings.get(f"{m}_token", f"[{m.upper()}]")) for m in ("cls", "sep", "unk")]
    absent = [mark for mark in marks if mark not in numbers]
    if absent or len(numbers) != len(words):
        what = f"lacks {absent[0]!r}" if absent else "has a piece twice"
        raise BundleError(f"{path} {what}, so it is no vocabulary of BERT.")
    lowercase = settings.get("do_lower_case", True)
    how = _cleaning(
        lowercase, settings.get("strip_accents"), settings.get("tokenize_chinese_chars", True)
    )
    first, last, unknown = (numbers[mark] for mark in marks)
    return words, WordPieces(first=(first,), last=(last,), unknown=unknown, **how)


def _from_merges(
    folder: Path, settings: Mapping[str, Any]
) -> tuple[tuple[str, ...], AbstractSubwords]:
    """Return vocabulary and cutting from vocab.json and merges.txt."""
    path = folder / "vocab.json"
    numbers = read_json(path)
    words = _in_order(numbers, str(path))
    lines = _text(folder / "merges.txt").split("\n")
    merges = tuple(line for line in lines if line and not line.startswith("#version"))
    has_marks = "<s>" in numbers and "</s>" in numbers
    return words, BytePairs(
        first=(numbers["<s>"],) if has_marks else (),
        last=(numbers["</s>"],) if has_marks else (),
        unknown=_unknown_of(numbers),
        merges=merges,
        adds_space=bool(settings.get("add_prefix_space", False)),
    )


def _unknown_of(numbers: Mapping[str, int]) -> int:
    return next((numbers[n] for n in ("<unk>", "<|endoftext|>") if n in numbers), 0)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(f"cannot read {path}: {error}.") from error
