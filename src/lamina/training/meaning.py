"""What the places in a network's tensors stand for, and which of another run's still do.

Shapes alone do not tell: row 7 of a table of vectors is another word in another vocabulary, and the
first features of a trunk are another column. So two runs are compared by the names of inputs,
columns, levels, words and classes. Vectors of words find their place by the word; what else stands
for something else is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from torch import Tensor, nn

from lamina.core.errors import ConfigError
from lamina.core.records import JOINED
from lamina.networks.architecture import AbstractModel
from lamina.networks.layers.word_vectors import WordVectors
from lamina.networks.model import KINDS, Model
from lamina.networks.parts import AbstractEncoder


@dataclass(frozen=True, kw_only=True, slots=True)
class Meaning:
    """What a run's schema says about the tensors of its network."""

    inputs: Mapping[str, tuple[str, ...]]
    """By input, in the model's order: its kind, its columns and their levels."""
    outputs: Mapping[str, tuple[str, ...]]
    """By output, in the model's order: its kind, and its classes or its name."""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By text input: what each token id stands for."""
    pieces: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By input of words that are cut into pieces, too: what each id of a piece stands for."""
    states: Mapping[str, str] = field(default_factory=dict)
    """By input: a digest of all that was learnt about its cells, scales included."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What another run has for a model."""

    tensors: dict[str, Tensor]
    """By the model's own names."""
    strange: set[str]
    """Names among them that stand for something else."""
    used: set[str]
    """Names under which the other run has them."""
    words: tuple[int, int] = (0, 0)
    """Words that both know, and words of the model."""


def offer(model: Model, tensors: Mapping[str, Tensor], own: Meaning, other: Meaning) -> Offer:
    """Return another run's tensors under the names that they have in a model.

    Args:
        model: The model that shall receive them.
        tensors: Weights of the other run by name.
        own: What the model's tensors stand for.
        other: What the other run's do.
    """
    partners = _partners(own.inputs, other.inputs)
    heads = _heads(own.outputs, other.outputs)
    places = {
        **_renamed("encoders", tuple(own.inputs), tuple(other.inputs), partners),
        **_renamed("heads", tuple(own.outputs), tuple(other.outputs), heads),
    }
    sources = {}
    for name in model.state_dict():
        part = ".".join(name.split(".")[:2])
        source = f"{places[part]}{name[len(part) :]}" if part in places else name
        if source in tensors:
            sources[name] = source
    found = {name: tensors[source] for name, source in sources.items()}
    strange = _strange(model, own, other, partners) | _strange_heads(model, own, other, heads)
    known = _sort_words(model, found, own, other, partners)
    return Offer(found, strange & set(found), set(sources.values()), known)


def strange_of_whole(model: nn.Module, own: Meaning, other: Meaning) -> set[str]:
    """Return the names in a network that cannot be cut into parts that stand for other answers.

    Args:
        model: The model that shall receive another run's tensors.
        own: What the model's tensors stand for.
        other: What the other run's do.

    Raises:
        ConfigError: It reads other words or pieces, whose vectors would be taken for its own.
    """
    # Texts that are compared share their words.
    ours = tuple(dict.fromkeys((*own.words.values(), *own.pieces.values())))
    theirs = tuple(dict.fromkeys((*other.words.values(), *other.pieces.values())))
    # What reads pieces of words can start from what reads texts in these pieces.
    is_of_pieces = bool(own.pieces) and theirs == tuple(own.pieces.values())
    if ours != theirs and not is_of_pieces:
        kept = set().union(*ours) & set().union(*theirs)
        raise ConfigError(
            "the run to start from reads other words or pieces than this one: "
            f"{len(kept):,} of {len(set().union(*ours)):,} are known there, in other places. Leave "
            "data.fitting.tokens and data.fitting.vocabulary_of as they are planned with --from, "
            "so that its own are taken over."
        )
    if own.outputs == other.outputs:
        return set()
    heads = model.answering if isinstance(model, AbstractModel) else ()
    return {name for name in model.state_dict() if name.startswith(heads)} if heads else set()


def _partners(
    own: Mapping[str, tuple[str, ...]], other: Mapping[str, tuple[str, ...]]
) -> dict[str, str]:
    """Return the other run's input for each of ours: by name, else the only one of its kind."""
    found = {name: name for name in own if name in other and own[name][0] == other[name][0]}
    for kind in KINDS:
        if kind in JOINED:
            continue
        ours = [name for name in own if name not in found and own[name][0] == kind]
        theirs = [n for n in other if n not in found.values() and other[n][0] == kind]
        if len(ours) == len(theirs) == 1:
            found[ours[0]] = theirs[0]
    return found


def _heads(
    own: Mapping[str, tuple[str, ...]], other: Mapping[str, tuple[str, ...]]
) -> dict[str, str]:
    """Return the other run's output for each of ours: by name, else by place."""
    found = {name: name for name in own if name in other}
    rest = [name for name in other if name not in found]
    return found | dict(zip((name for name in own if name not in found), rest))


def _renamed(
    part: str, own: tuple[str, ...], other: tuple[str, ...], pairs: Mapping[str, str]
) -> dict[str, str]:
    """Return by place in the model, such as "heads.0", the place in the other run's."""
    return {
        f"{part}.{place}": f"{part}.{other.index(pairs[name])}" if name in pairs else "nowhere"
        for place, name in enumerate(own)
    }


def _strange(model: Model, own: Meaning, other: Meaning, partners: Mapping[str, str]) -> set[str]:
    """Return the names in encoders and trunk that stand for other columns, levels or words."""
    names, found = list(model.state_dict()), set()
    has_same_answers = own.outputs == other.outputs
    for place, name in enumerate(model.input_names):
        prefix, partner = f"encoders.{place}.", partners.get(name)
        if partner is None:
            continue
        if own.inputs[name] != other.inputs[partner]:
            found |= {each for each in names if each.startswith(prefix)}
        is_same = has_same_answers and own.states.get(name) == other.states.get(partner)
        for inner, module in model.encoders[place].named_modules(prefix=prefix[:-1]):
            if isinstance(module, AbstractEncoder) and module.is_tied and not is_same:
                found |= {each for each in names if each.startswith(f"{inner}.")}
    order = [(partners.get(name), kind) for name, kind in own.inputs.items()]
    if order != list(other.inputs.items()):
        # What is as wide as the encoders' features may see them by their place; a trunk without
        # weights leaves that to the heads.
        width = sum(cast(AbstractEncoder, encoder).out_features for encoder in model.encoders)
        state = model.state_dict()
        found |= {n for n in names if n.startswith("trunk.") and width in state[n].shape}
        if not list(model.trunk.parameters()):
            found |= {n for n in names if n.startswith("heads.")}
    return found


def _strange_heads(
    model: Model, own: Meaning, other: Meaning, heads: Mapping[str, str]
) -> set[str]:
    """Return the names in heads that stand for other classes or another target."""
    found = set()
    for place, name in enumerate(model.output_names):
        partner = heads.get(name)
        if partner is not None and own.outputs[name] != other.outputs[partner]:
            prefix = f"heads.{place}."
            found |= {each for each in model.state_dict() if each.startswith(prefix)}
    return found


def _sort_words(
    model: Model,
    found: dict[str, Tensor],
    own: Meaning,
    other: Meaning,
    partners: Mapping[str, str],
) -> tuple[int, int]:
    """Put vectors of words where the model has these words; return how many it knows."""
    state, known, total = model.state_dict(), 0, 0
    for place, name in enumerate(model.input_names):
        ours = own.words.get(name, ())
        theirs = other.words.get(partners.get(name, ""), ())
        for inner, module in model.encoders[place].named_modules(prefix=f"encoders.{place}"):
            key = f"{inner}.words.weight"
            if not isinstance(module, WordVectors) or key not in found:
                continue
            old, fresh = found[key], state[key]
            if old.shape[1:] != fresh.shape[1:] or len(old) != len(theirs):
                continue
            where = {word: row for row, word in enumerate(theirs)}
            rows = [row for row, word in enumerate(ours) if word in where]
            sorted_ = fresh.clone()
            sorted_[rows] = old[[where[ours[row]] for row in rows]].to(fresh)
            found[key] = sorted_
            known, total = known + len(rows), total + len(ours)
    return known, total
