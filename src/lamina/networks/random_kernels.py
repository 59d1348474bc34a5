"""Random kernels: thousands of convolutions that are never learnt, and what they answer on average.

Two families look at the series and at its differences, at many widths. In a contest, eight random
kernels of a group compete at every step, and it is counted how often, and how strongly, each wins
and loses. Against thresholds, 84 fixed kernels are compared with levels taken from training series:
for what share of the steps they lie above, by how much, and where. All features are standardised by
training series, each family weighs as much as the other, and a linear head in closed form ("ridge")
goes with them: a strong and very fast answer from few samples.

Source: Dempster, Schmidt and Webb 2021, "MiniRocket", arXiv:2012.08791 (the 84 kernels, thresholds
from training series); Tan et al. 2022, "MultiRocket", arXiv:2102.00457 (differences, several ways
to pool); Dempster, Schmidt and Webb 2023, "Hydra", arXiv:2203.13652 (competing kernels). Differs:
series of any lengths in one batch; shares instead of counts; a threshold is a short ramp, so that a
last digit cannot change an answer and gradients reach the series; no longest stretch.
"""

import itertools
import math
from dataclasses import dataclass
from typing import ClassVar, cast, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec
from lamina.networks.layers.precision import full_precision
from lamina.networks.layers.steps import Steps, check_scale
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig

_LENGTH = 9
_FIXED = 84
_COMPETING = 8
_MOST_MIXED = 8
_TOGETHER = 64
_WIDTH_OF_RAMP = 0.05
_LEAST_SPREAD = 1e-4


@dataclass(frozen=True, kw_only=True, slots=True)
class RandomKernelsConfig(AbstractEncoderConfig):
    """Settings of the random kernels."""

    kinds: ClassVar[tuple[str, ...]] = ("series",)

    num_groups: int = 32
    """Groups of eight competing kernels per width, for the series and again for its differences."""
    num_thresholds: int = 1500
    """Thresholds in all, spread over the widths, likewise twice; 0 leaves that family out."""
    scale: str = "none"
    """What is done to each series on its own: "none", or "each" to level it."""

    def __post_init__(self) -> None:
        if self.num_groups < 1 or self.num_thresholds < 0:
            raise ConfigError(
                f"num_groups must be at least 1 and num_thresholds at least 0, got "
                f"{self.num_groups!r} and {self.num_thresholds!r}. Try 32 and 1500."
            )
        check_scale(self.scale)

    @override
    def build(self, spec: InputSpec) -> "RandomKernels":
        return RandomKernels(self, spec)


@final
class RandomKernels(AbstractEncoder):
    """Random kernels, float [batch, steps, channels] → [batch, features], standardised.

    Args:
        config: Its settings.
        spec: What the data says about the input.

    Source:
        arXiv:2203.13652, arXiv:2102.00457. Differs: see the head of the file.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, config: RandomKernelsConfig, spec: InputSpec) -> None:
        super().__init__()
        self.steps = Steps(config.scale)
        widths = dilations(spec.num_steps)
        each = config.num_thresholds // (_FIXED * len(widths))
        rest = config.num_thresholds // _FIXED - each * len(widths)
        self.contests = nn.ModuleList(
            _Contest(config.num_groups, spec.shape[0], width) for _ in (0, 1) for width in widths
        )
        self.thresholds = nn.ModuleList(
            _Thresholds(each + (place < rest), spec.shape[0], width)
            for _ in (0, 1)
            for place, width in enumerate(widths)
            if each + (place < rest)
        )
        parts = (*self.contests, *self.thresholds)
        self.out_features = sum(cast("_Contest | _Thresholds", part).out_features for part in parts)
        self.register_buffer("mean", torch.zeros(self.out_features))
        self.register_buffer("deviation", torch.ones(self.out_features))

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        if torch.compiler.is_exporting() or inputs.shape[0] <= _TOGETHER or inputs.requires_grad:
            return self._standardised(inputs)
        # What stands between is hundreds of times as large as the series.
        return torch.cat([self._standardised(some) for some in inputs.split(_TOGETHER)])

    @override
    def initialise(self, inputs: Tensor, targets: dict[str, Tensor]) -> None:
        del targets
        values, valid = self.steps(inputs)
        sides = ((values, valid), differences(values, valid))
        half = len(self.thresholds) // 2
        for place, part in enumerate(self.thresholds):
            cast(_Thresholds, part).look_at(*sides[place // half])
        found = torch.cat([self._features(some) for some in inputs.split(_TOGETHER)])
        self.mean.copy_(found.mean(dim=0))
        # Counts that hardly ever differ from 0 would else weigh most.
        rare = (found == 0).to(found.dtype).mean(dim=0) ** 4
        self.deviation.copy_(found.std(dim=0, correction=0) + 0.1 * rare + 1e-6)
        # Both families weigh the same, however many features each has.
        sizes = [
            sum(cast("_Contest | _Thresholds", part).out_features for part in parts)
            for parts in (self.contests, self.thresholds)
            if len(parts)
        ]
        for own, size in zip(self.deviation.split(sizes), sizes):
            own *= math.sqrt(size * len(sizes) / self.out_features)

    def _standardised(self, inputs: Tensor) -> Tensor:
        found = self._features(inputs)
        return (found - self.mean) / self.deviation

    def _features(self, inputs: Tensor) -> Tensor:
        # Thresholds need all digits.
        with full_precision(inputs.device):
            values, valid = self.steps(inputs.to(self.mean.dtype))
            sides = ((values, valid), differences(values, valid))
            found = []
            for parts in (self.contests, self.thresholds):
                half = max(1, len(parts) // 2)
                found += [part(*sides[place // half]) for place, part in enumerate(parts)]
            return torch.cat(found, dim=1)


class _Contest(nn.Module):
    """Groups of kernels of one width, of which one wins and one loses at every step."""

    weight: nn.Parameter
    channels: nn.Parameter | None

    def __init__(self, num_groups: int, num_channels: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.num_groups = num_groups
        weight = torch.randn(num_groups * _COMPETING, 1, _LENGTH)
        weight = weight - weight.mean(dim=2, keepdim=True)
        weight = weight / weight.abs().sum(dim=2, keepdim=True)
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.channels = _mixed_channels(num_groups, num_channels)
        self.out_features = 2 * num_groups * _COMPETING

    @override
    def forward(self, values: Tensor, valid: Tensor) -> Tensor:
        found = _convolved(values, self.weight, self.channels, self.dilation)
        found = found.unflatten(1, (self.num_groups, _COMPETING))
        top, low = found.amax(dim=2, keepdim=True), found.amin(dim=2, keepdim=True)
        # Where the series is level, all kernels answer the same, and rounding would decide.
        is_told = (valid.unsqueeze(1) & (top - low > _LEAST_SPREAD)).to(values.dtype)
        share = is_told / valid.to(values.dtype).sum(dim=2)[:, :, None, None]
        wins = ((found == top) * (top * share)).sum(dim=3)
        losses = ((found == low) * share).sum(dim=3)
        return torch.cat([wins.clamp_min(0.0), losses], dim=1).flatten(1).clamp_min(1e-12).sqrt()


class _Thresholds(nn.Module):
    """The 84 kernels of one width, compared with levels of training series."""

    weight: nn.Parameter
    levels: nn.Parameter
    ramps: nn.Parameter
    channels: nn.Parameter | None

    def __init__(self, num_levels: int, num_channels: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.num_levels = num_levels
        weight = torch.full((_FIXED, 1, _LENGTH), -1.0)
        for row, places in enumerate(itertools.combinations(range(_LENGTH), 3)):
            weight[row, 0, list(places)] = 2.0
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.levels = nn.Parameter(torch.zeros(num_levels, _FIXED, 1), requires_grad=False)
        self.ramps = nn.Parameter(torch.ones(_FIXED, 1), requires_grad=False)
        self.channels = _mixed_channels(_FIXED, num_channels)
        self.out_features = 3 * _FIXED * num_levels

    @override
    def forward(self, values: Tensor, valid: Tensor) -> Tensor:
        found = _convolved(values, self.weight, self.channels, self.dilation)
        share = valid.to(values.dtype)
        share = share / share.sum(dim=2, keepdim=True)
        places = (valid.cumsum(dim=2).to(values.dtype) * share).clamp(0.0, 1.0)
        parts = []
        for level in self.levels:
            excess = (found - level) / self.ramps
            above = (excess + 0.5).clamp(0.0, 1.0) * share
            count = above.sum(dim=2)
            amount = (excess.clamp_min(0.0) * share).sum(dim=2)
            parts += [
                count,
                amount / count.clamp_min(1e-3),
                (above * places).sum(dim=2) / count.clamp_min(1e-3),
            ]
        return torch.cat(parts, dim=1)

    def look_at(self, values: Tensor, valid: Tensor) -> None:
        """Take the levels from training series, one of them after the other."""
        some = torch.arange(min(len(values), _FIXED), device=values.device)
        found = _convolved(values[some], self.weight, self.channels, self.dilation)
        golden = (math.sqrt(5) + 1) / 2
        for row in range(_FIXED):
            one = int(row % len(some))
            own = found[one, row][valid[one, 0]]
            first = row * self.num_levels + 1
            shares = [(golden * (first + place)) % 1 for place in range(self.num_levels)]
            levels = torch.quantile(own, torch.tensor(shares, dtype=own.dtype, device=own.device))
            self.levels[:, row, 0] = levels
            self.ramps[row, 0] = _WIDTH_OF_RAMP * own.std(correction=0).clamp_min(0.1)


def dilations(num_steps: int) -> tuple[int, ...]:
    """Return how far apart the steps of a kernel are: powers of two, up to the whole series.

    Args:
        num_steps: Steps of a typical series.
    """
    most = int(math.log2(max(1.0, (num_steps - 1) / (_LENGTH - 1))))
    return tuple(2**power for power in range(most + 1))


def differences(values: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
    """Return each step less the one before it, and where both are steps.

    Args:
        values: float [batch, channels, steps], 0 behind the end.
        valid: bool [batch, 1, steps].
    """
    later = F.pad(values, (0, 1))[:, :, 1:]
    is_real = F.pad(valid, (0, 1))[:, :, 1:]
    # A series of one step differs by nothing.
    first = torch.arange(valid.shape[2], device=valid.device) == 0
    return torch.where(is_real, later - values, 0.0), is_real | first


def _mixed_channels(count: int, num_channels: int) -> nn.Parameter | None:
    """Return which channels each kernel sees, 1 or 0 [count, channels]; None where there is one."""
    if num_channels == 1:
        return None
    seen = torch.rand(count, num_channels).argsort(dim=1)
    most = min(_MOST_MIXED, num_channels)
    number = torch.randint(1, most + 1, (count, 1))
    return nn.Parameter((seen < number).to(torch.float32), requires_grad=False)


def _convolved(values: Tensor, weight: Tensor, channels: Tensor | None, dilation: int) -> Tensor:
    padding = dilation * (_LENGTH // 2)
    if channels is None:
        return F.conv1d(values, weight, padding=padding, dilation=dilation)
    mixed = torch.einsum("gc,bct->bgt", channels, values)
    return F.conv1d(mixed, weight, padding=padding, dilation=dilation, groups=len(channels))
