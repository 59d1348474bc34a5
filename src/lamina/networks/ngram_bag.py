"""Bag of hashed word n-grams: the quick, strong start for texts.

Every run of 1 to `order` tokens, the start and the end of the text included, is hashed to a bucket,
and the buckets met in training have a row each in one table; the features are the sum of the rows
of a text's distinct n-grams, divided by the root of their number (if repeats count, by the length
of the vector of counts). For a target of classes the rows are log-count ratios of naive Bayes, how
much more often the n-gram stands in texts of a class than elsewhere, times how rare it is, times a
learned factor: even the untrained network answers well, and what tells nothing stays silent. Goes
with the trunk "perceptron" and the head "diagonal".

Source: Joulin et al. 2016, "Bag of tricks for efficient text classification", arXiv:1607.01759
(fastText); Wang and Manning 2012, "Baselines and bigrams" (naive-Bayes ratios); Rennie et al. 2003,
"Tackling the poor assumptions of naive Bayes text classifiers" (what a text counts for).
"""

import copy
from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.errors import ConfigError, unknown_name
from lamina.core.records import InputSpec
from lamina.networks.hints import Hint
from lamina.networks.layers.word_pieces import WordPieces
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig

MARKER = 0x7FFFFFFF
"""Id of the start and the end of a text."""

_ROWS_COUNTED = 4096
_REPEATS = ("once", "log")
_FIRST_PIECE = 0x80000000  # beyond all token ids


@dataclass(frozen=True, kw_only=True, slots=True)
class NgramBagConfig(AbstractEncoderConfig):
    """Settings of the bag of n-grams."""

    kinds: ClassVar[tuple[str, ...]] = ("text",)

    order: int = 3
    """Tokens of the longest n-grams."""
    num_buckets: int = 1 << 20
    """Numbers that n-grams are hashed to; those that meet in one count as one."""
    num_rows: int = 1 << 18
    """Rows of the table: the most frequent n-grams have one each, the others are left out."""
    width: int = 8
    """Numbers per n-gram; for a start from the data the number of classes, or more."""
    smoothing: float = 0.2
    """Added to every count of the naive-Bayes ratios; a text counts as a vector of length 1."""
    repeats: str = "once"
    """What an n-gram counts that stands n times in a text: "once" is 1, "log" is 1 + log n."""
    spelling: bool = False
    """Whether how words begin and end counts beside the n-grams, in texts that tell it."""
    min_count: int = 2
    """N-grams seen less often while initialising have no row."""
    start: float = 0.2
    """Learned factor at first, above 0. Texts of which the ratios were counted look far too easy at
    1, and what is answered for sure teaches nothing."""
    rate: float = 10.0
    """Factor on the learning rate of the table."""

    def __post_init__(self) -> None:
        if self.repeats not in _REPEATS:
            raise ConfigError(unknown_name("way to count repeats", self.repeats, _REPEATS))
        names = ("order", "num_buckets", "num_rows", "width", "min_count")
        sizes = [getattr(self, name) for name in names]
        if min(sizes) < 1 or not self.smoothing > 0:
            raise ConfigError(
                f"{', '.join(names)} must be at least 1 and "
                f"smoothing above 0, got {', '.join(map(repr, sizes))} and {self.smoothing!r}. "
                "Try 3, 1048576, 262144, 8, 2 and 0.2."
            )
        if not (self.rate > 0 and self.start > 0):
            raise ConfigError(
                f"rate and start must be above 0, got {self.rate!r} and {self.start!r}. "
                "Try 10 and 0.2."
            )

    @override
    def build(self, spec: InputSpec) -> "NgramBag":
        return NgramBag(self, spec)


@final
class NgramBag(AbstractEncoder):
    """Bag of n-grams, token ids [batch, length] → [batch, width].

    Args:
        config: Its settings.
        spec: What the data says about the input.

    Source:
        arXiv:1607.01759. Differs: distinct n-grams, root of their number instead of the number,
        rows scaled by naive-Bayes ratios, no row for what training texts do not hold.
    """

    is_tied: ClassVar[bool] = True
    ratio: Tensor | None
    row_of: Tensor

    def __init__(self, config: NgramBagConfig, spec: InputSpec) -> None:
        super().__init__()
        self.config = config
        has_pieces = config.spelling and spec.spellings is not None
        self.pieces = WordPieces(spec) if has_pieces else None
        shape = (config.num_rows, config.width)
        self.weight = nn.Parameter(torch.randn(shape) * 0.01)
        self.register_buffer("ratio", torch.ones(shape))
        # Row of each bucket, -1 for none; until the data say more, buckets share the rows evenly.
        row_of = torch.arange(config.num_buckets, dtype=torch.int32) % config.num_rows
        self.register_buffer("row_of", row_of)
        self.out_features = config.width

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        # Shapes that depend on the data cannot be exported or compiled.
        if torch.compiler.is_compiling():
            return self._sum_padded(inputs)
        texts, rows, worth = self._kept(inputs)
        # index_select, not embedding: its gradient on processors is five times as quick.
        values = self.weight.index_select(0, rows)
        if self.ratio is not None:
            values = values * self.ratio.index_select(0, rows)
        values = values * worth.unsqueeze(1)
        sums = values.new_zeros(inputs.shape[0], self.out_features).index_add(0, texts, values)
        return sums * _squared_lengths(texts, worth, len(inputs)).rsqrt().unsqueeze(1)

    def for_export(self) -> "NgramBag":
        """Return the same function with one table: the ratios are in the weights.

        What is no n-gram gets a bucket of its own, which has no row.
        """
        same = copy.copy(self)
        same._parameters = dict(self._parameters)
        same._buffers = dict(self._buffers)
        if self.ratio is not None:
            same.weight = nn.Parameter(self.weight.detach() * self.ratio)
            same.ratio = None
        if len(self.row_of) == self.config.num_buckets:
            same.row_of = F.pad(self.row_of, (0, 1), value=-1)
        return same

    def distinct(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the distinct n-grams of each text.

        Args:
            ids: Token ids, 0 is padding, int64 [batch, length].

        Returns:
            Number of the text and bucket of the n-gram, int64 [n-grams of all texts] each, in
            ascending order, and what the n-gram counts there, float alike.
        """
        size = self.config.num_buckets
        texts, grams = flat_ngrams(ids.long(), self.config.order)
        if self.pieces is not None:
            rows, places = ids.nonzero(as_tuple=True)
            spelt = hashed_pieces(self.pieces(ids[rows, places].long()))
            texts, grams = torch.cat((texts, rows.repeat_interleave(2))), torch.cat((grams, spelt))
        keys = (grams % size + texts * size).sort().values
        if self.config.repeats == "once":
            keys = torch.unique_consecutive(keys)
            return keys // size, keys % size, torch.ones_like(keys, dtype=self.weight.dtype)
        keys, times = torch.unique_consecutive(keys, return_counts=True)
        return keys // size, keys % size, 1 + times.to(self.weight.dtype).log()

    def _kept(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return what `distinct` does of the n-grams that have a row, with it for the bucket."""
        texts, buckets, worth = self.distinct(ids)
        rows = self.row_of.index_select(0, buckets)
        is_kept = rows >= 0
        return texts[is_kept], rows[is_kept], worth[is_kept]

    def _sum_padded(self, ids: Tensor) -> Tensor:
        """Return what `forward` does with shapes that depend on the padded length only."""
        grams, is_gram = hashed_ngrams(with_markers(ids.long()), self.config.order)
        if self.pieces is not None:
            spelt = hashed_pieces(self.pieces(ids.long()))
            grams = torch.cat((grams, spelt.view(ids.shape[0], 2 * ids.shape[1])), dim=1)
            is_gram = torch.cat((is_gram, (ids > 0).repeat_interleave(2, dim=1)), dim=1)
        # Where there is no n-gram stands a number that sorts behind all buckets, and has no row.
        buckets = torch.where(is_gram, grams % self.config.num_buckets, self.config.num_buckets)
        buckets = buckets.sort(dim=1).values
        is_new = buckets > F.pad(buckets, (1, -1), value=-1)
        row_of = self.row_of
        if len(row_of) == self.config.num_buckets:
            row_of = F.pad(row_of, (0, 1), value=-1)
        rows = row_of.gather(0, buckets.flatten()).view_as(buckets)
        worth = (is_new & (rows >= 0)).to(self.weight.dtype)
        squares = worth
        if self.config.repeats == "log":
            worth = worth * (1 + run_lengths(is_new).to(worth.dtype).log())
            squares = worth.square()
        rows = rows.clamp_min(0)
        values = F.embedding(rows, self.weight)
        if self.ratio is not None:
            values = values * F.embedding(rows, self.ratio)
        sums = torch.bmm(worth.unsqueeze(1), values).squeeze(1)
        return sums / squares.sum(dim=1, keepdim=True).clamp_min(1.0).sqrt()

    @override
    def initialise(self, inputs: Tensor, targets: dict[str, Tensor]) -> None:
        found = [value for value in targets.values() if value.dtype == torch.int64]
        if len(found) == 1 and int(found[0].max()) < self.config.width:
            classes = found[0]
        else:
            classes = torch.zeros(len(inputs), dtype=torch.int64, device=inputs.device)
        num_classes = int(classes.max()) + 1
        holding = self._texts_holding(inputs)
        kept = self._choose_rows(holding)
        if num_classes == 1:
            return
        rarity = rarities(holding[kept], num_texts=len(inputs))
        counts = self._class_counts(inputs, F.one_hot(classes).to(rarity.dtype), rarity)
        ratios = log_count_ratios(counts, smoothing=self.config.smoothing)
        self.weight.fill_(self.config.start)
        assert self.ratio is not None, "what is exported is not trained"
        self.ratio.zero_()
        self.ratio[: len(kept), :num_classes] = rarity.unsqueeze(1) * ratios

    def _texts_holding(self, inputs: Tensor) -> Tensor:
        """Return how many texts hold an n-gram, float [buckets]."""
        holding = torch.zeros(self.config.num_buckets, device=inputs.device)
        for start in range(0, len(inputs), _ROWS_COUNTED):
            _, buckets, _ = self.distinct(inputs[start : start + _ROWS_COUNTED])
            holding.index_add_(0, buckets, torch.ones_like(buckets, dtype=holding.dtype))
        return holding

    def _choose_rows(self, totals: Tensor) -> Tensor:
        """Give the most frequent n-grams a row each and return their buckets."""
        kept = torch.nonzero(totals >= self.config.min_count).squeeze(1)
        order = totals[kept].sort(descending=True, stable=True).indices
        kept = kept[order[: self.config.num_rows]]
        self.row_of.fill_(-1)
        self.row_of[kept] = torch.arange(len(kept), dtype=torch.int32, device=kept.device)
        return kept

    def _class_counts(self, inputs: Tensor, classes: Tensor, rarity: Tensor) -> Tensor:
        """Return the sums of the texts' vectors of length 1 per class, float [rows, classes].

        Args:
            inputs: Token ids [texts, length].
            classes: 1 at the class of the text, float [texts, classes].
            rarity: Weight of each n-gram, float [rows].
        """
        counts = classes.new_zeros(len(rarity), classes.shape[1])
        for start in range(0, len(inputs), _ROWS_COUNTED):
            part = slice(start, start + _ROWS_COUNTED)
            texts, rows, worth = self._kept(inputs[part])
            values = rarity.index_select(0, rows) * worth
            squares = _squared_lengths(texts, values, len(inputs[part]))
            values = values * squares.rsqrt()[texts]
            counts.index_add_(0, rows, values.unsqueeze(1) * classes[part][texts])
        return counts

    def parameter_hints(self) -> dict[str, Hint]:
        """Return the hints of its own parameters."""
        return {"weight": Hint(rate=self.config.rate, decay=0.0, matrix=False)}


def with_markers(ids: Tensor) -> Tensor:
    """Return the texts with a marker before the first and after the last token.

    Args:
        ids: Token ids, 0 is padding at the end, int64 [batch, length].

    Returns:
        int64 [batch, length + 2].
    """
    marked = F.pad(F.pad(ids, (1, 0), value=MARKER), (0, 1))
    ends = ids.clamp(max=1).sum(dim=1, keepdim=True) + 1
    places = torch.arange(marked.shape[1], device=ids.device)
    return torch.where(places == ends, MARKER, marked)


def hashed_ngrams(ids: Tensor, order: int) -> tuple[Tensor, Tensor]:
    """Return a 32-bit hash of every run of 1 to `order` tokens.

    Args:
        ids: Token ids, 0 is padding at the end, int64 [batch, length].
        order: Tokens of the longest runs.

    Returns:
        Hashes, int64 [batch, order * length], and where there is an n-gram, bool alike.
    """
    # The tokens behind each; 0 beyond the end. A marker alone says nothing.
    padded = F.pad(ids, (0, order - 1)) if order > 1 else ids
    # Ends counted from behind are known before the length is.
    ends = [size + 1 - order or None for size in range(order)]
    tokens = [padded[:, size:end] for size, end in enumerate(ends)]
    running = _mix32(tokens[0] & 0xFFFFFFFF)
    hashes = [running]
    for size, following in enumerate(tokens[1:], start=1):
        running = _longer(running, following, size)
        hashes.append(running)
    tokens[0] = torch.where(tokens[0] == MARKER, 0, tokens[0])
    return torch.cat(hashes, dim=1), torch.cat(tokens, dim=1) > 0


def flat_ngrams(ids: Tensor, order: int) -> tuple[Tensor, Tensor]:
    """Return the same hashes as `hashed_ngrams` of marked texts, without time lost on padding.

    Args:
        ids: Token ids, 0 is padding at the end, int64 [batch, length].
        order: Tokens of the longest runs.

    Returns:
        Row of the text and hash of each n-gram, int64 [n-grams of all texts] each.
    """
    lengths = (ids != 0).sum(dim=1)
    texts = torch.arange(len(ids), device=ids.device)
    places = torch.arange(int(lengths.sum()), device=ids.device)
    places = places + 2 * torch.repeat_interleave(texts, lengths) + 1
    rows = torch.repeat_interleave(texts, lengths + 2)
    tokens = torch.full_like(rows, MARKER).index_copy(0, places, ids[ids != 0])
    found_rows, found = [], []
    running = torch.zeros_like(tokens)
    for size in range(order):
        following = tokens[size:]
        running = _longer(running[: len(following)], following, size)
        is_gram = (rows[: len(following)] == rows[size:]) & _tells(following, size)
        found_rows.append(rows[: len(following)][is_gram])
        found.append(running[is_gram])
    return torch.cat(found_rows), torch.cat(found)


def hashed_pieces(pieces: Tensor) -> Tensor:
    """Return a 32-bit hash of every checksum of a beginning or an ending.

    Args:
        pieces: As `WordPieces` gives them, int64 [..., 2].

    Returns:
        int64 [all of them].
    """
    return _mix32(pieces.flatten() + _FIRST_PIECE)


def run_lengths(is_new: Tensor) -> Tensor:
    """Return how long the run of equal values is that each place belongs to.

    Args:
        is_new: Where a run begins, true at the first place, bool [batch, places].

    Returns:
        int64 [batch, places], at least 1.
    """
    runs = is_new.cumsum(dim=1) - 1
    return torch.zeros_like(runs).scatter_add(1, runs, torch.ones_like(runs)).gather(1, runs)


def _squared_lengths(texts: Tensor, values: Tensor, num_texts: int) -> Tensor:
    """Return the squared length of each text's vector, 1 of an empty one, float [texts]."""
    squares = values.new_zeros(num_texts).index_add(0, texts, values.square())
    return torch.where(squares > 0, squares, 1.0)


def rarities(holding: Tensor, *, num_texts: int) -> Tensor:
    """Return 1 + log((1 + texts) / (1 + texts with the n-gram)), by its mean over occurrences.

    Args:
        holding: Texts that hold each n-gram, float [n-grams], at least 1.
        num_texts: Texts in all.

    Returns:
        float [n-grams], on average 1 where n-grams stand, so that it leaves the scale as it is.

    Source:
        Inverse document frequency, Spärck Jones 1972, smoothed as scikit-learn does.
    """
    rarity = 1 + ((1 + num_texts) / (1 + holding)).log()
    return rarity * holding.sum() / (rarity * holding).sum()


def log_count_ratios(counts: Tensor, *, smoothing: float) -> Tensor:
    """Return log(share of the n-gram in the class), centred over the classes.

    Args:
        counts: What speaks for each class, float [n-grams, classes].
        smoothing: Added to every count.

    Returns:
        float [n-grams, classes]; with two classes, half of Wang and Manning's ratio and its
        negative.

    Source:
        Wang and Manning 2012, equation 2. Differs: any number of classes.
    """
    smoothed = counts + smoothing
    logs = (smoothed / smoothed.sum(dim=0)).log()
    return logs - logs.mean(dim=1, keepdim=True)


def _longer(running: Tensor, following: Tensor, size: int) -> Tensor:
    """Return the hashes of runs that are one token longer."""
    return _mix32((running * 31 + following + size) & 0xFFFFFFFF)


def _tells(following: Tensor, size: int) -> Tensor:
    """Return where a run says something: a marker alone says nothing."""
    return (following != MARKER) | (size > 0)


def _mix32(value: Tensor) -> Tensor:
    """Return a 32-bit avalanche (Wellons 2018, "lowbias32") of numbers below 2³²."""
    value = value ^ (value >> 16)
    value = (value * 0x7FEB352D) & 0xFFFFFFFF
    value = value ^ (value >> 15)
    value = (value * 0x846CA68B) & 0xFFFFFFFF
    return value ^ (value >> 16)
