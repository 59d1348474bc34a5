"""From the names of a published model's tensors to ours: tables of patterns, and their use.

A family's file holds rows such as

    Row("blocks.{i}.attention.output.weight", ("encoder.layer.{i}.attention.output.dense.weight",))

Every tensor of ours has a row, and every tensor of theirs is used by a row or is known to be of no
use here (heads of other tasks); anything else is an error that names it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import torch
from torch import Tensor, nn

from lamina.core.errors import BundleError


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a tensor of ours must become."""

    shape: torch.Size
    """Its shape."""
    unknown: int
    """Row of the published vocabulary that stands for an unknown word."""


Make = Callable[[Sequence[Tensor], Wanted], Tensor]
"""From tensors of theirs to one of ours."""


def joined(tensors: Sequence[Tensor], wanted: Wanted) -> Tensor:  # noqa: ARG001 - the form of `Make`
    """Return tensors one below the other; a single one as it is.

    Args:
        tensors: Tensors of theirs.
        wanted: What is wanted.
    """
    return tensors[0] if len(tensors) == 1 else torch.cat(list(tensors))


def turned(tensors: Sequence[Tensor], wanted: Wanted) -> Tensor:  # noqa: ARG001 - the form of `Make`
    """Return a matrix [in, out] as [out, in].

    Args:
        tensors: The matrix.
        wanted: What is wanted.
    """
    return tensors[0].t().contiguous()


def words(tensors: Sequence[Tensor], wanted: Wanted) -> Tensor:
    """Return vectors of words behind those of the padding, zero, and of the unknown word.

    Args:
        tensors: Vectors of the published vocabulary; more than are wanted are left out.
        wanted: What is wanted.

    Raises:
        BundleError: There are fewer than are wanted.
    """
    rows, count = tensors[0], wanted.shape[0] - 2
    if len(rows) < count or wanted.unknown >= len(rows):
        raise BundleError(
            f"the tokeniser has {count:,} pieces, but the weights have vectors of {len(rows):,}. "
            "Weights and tokeniser must come from one model."
        )
    return torch.cat([torch.zeros_like(rows[:1]), rows[wanted.unknown][None], rows[:count]])


@dataclass(frozen=True, slots=True)
class Row:
    """How one tensor of ours comes about."""

    ours: str
    """Its name, with places such as {i}."""
    theirs: tuple[str, ...]
    """Names of the tensors that it is made from, with the same places."""
    make: Make = joined
    """What is done with them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """The names of a family."""

    rows: tuple[Row, ...]
    """How each tensor of ours comes about."""
    prefix: str
    """What may stand before every name, with a dot behind."""
    useless: tuple[str, ...]
    """Patterns of names that are of no use here."""


def at_places(rows: Iterable[Row], places: Iterable[Mapping[str, int]]) -> tuple[Row, ...]:
    """Return rows with numbers in the place of {i} and the like.

    Args:
        rows: With places.
        places: Numbers by name.
    """
    rows = tuple(rows)
    return tuple(
        Row(row.ours.format(**at), tuple(name.format(**at) for name in row.theirs), row.make)
        for at in places
        for row in rows
    )


def linear(ours: str, *theirs: str, make: Make = joined) -> tuple[Row, ...]:
    """Return the rows of a layer's weight and bias.

    Args:
        ours: Name of the layer.
        *theirs: Names of the layers that it is made from.
        make: What is done with their weights; biases are joined.
    """
    return (
        Row(f"{ours}.weight", tuple(f"{name}.weight" for name in theirs), make),
        Row(f"{ours}.bias", tuple(f"{name}.bias" for name in theirs)),
    )


@torch.no_grad()
def take_weights(
    network: nn.Module, tensors: Mapping[str, Tensor], names: Names, *, unknown: int = 0
) -> None:
    """Copy published weights into a network.

    Args:
        network: Changed in place.
        tensors: By the names of their file.
        names: The names of the family.
        unknown: Row of the published vocabulary that stands for an unknown word.

    Raises:
        BundleError: A tensor is missing, unknown or of another shape; the network is unchanged.
    """
    given = _plain_names(tensors, names.prefix)
    rows = {row.ours: row for row in names.rows}
    own = network.state_dict()
    made: dict[str, Tensor] = {}
    used: set[str] = set()
    for name, target in own.items():
        if name not in rows:
            raise BundleError(
                f"the network has {name!r}, which the published one has not. Leave its settings as "
                "the published model has them."
            )
        row = rows[name]
        absent = [other for other in row.theirs if other not in given]
        if absent:
            raise BundleError(
                f"the weights lack the tensor {absent[0]!r}, from which {name!r} is made. "
                "The file is incomplete, or of another kind of network than its config says."
            )
        used.update(row.theirs)
        made[name] = _made(row, given, Wanted(target.shape, unknown))
    _refuse_unknown(set(given) - used, names)
    for name, target in own.items():
        target.copy_(made[name])


def _made(row: Row, given: Mapping[str, Tensor], wanted: Wanted) -> Tensor:
    sources = [given[name] for name in row.theirs]
    shapes = ", ".join(f"{name!r} {tuple(t.shape)}" for name, t in zip(row.theirs, sources))
    try:
        value = row.make(sources, wanted)
    except (RuntimeError, IndexError) as error:
        raise BundleError(
            f"the tensors {shapes} do not fit together. The file does not fit its config."
        ) from error
    if value.shape != wanted.shape:
        raise BundleError(
            f"the tensors {shapes} give {row.ours!r} the shape {tuple(value.shape)}, wanted "
            f"{tuple(wanted.shape)}. The file does not fit its config."
        )
    return value


def _plain_names(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Return tensors by names without a prefix and in today's spelling."""
    plain = {}
    for name, tensor in tensors.items():
        short = name.removeprefix(f"{prefix}.")
        for old, new in (
            ("LayerNorm.gamma", "LayerNorm.weight"),
            ("LayerNorm.beta", "LayerNorm.bias"),
        ):
            short = short.replace(old, new)
        plain[short] = tensor
    return plain


def _refuse_unknown(left: set[str], names: Names) -> None:
    strange = sorted(n for n in left if not any(fnmatchcase(n, p) for p in names.useless))
    if strange:
        shown = ", ".join(map(repr, strange[:3])) + (", …" if len(strange) > 3 else "")
        raise BundleError(
            f"the weights have {len(strange)} tensors that the network has no place for: {shown}. "
            "It would compute something else without them."
        )
