"""What the planner knows about the data and the machine when it chooses."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lamina.core.hardware import Hardware
from lamina.core.records import InputSpec, OutputSpec
from lamina.data.series_facts import SeriesFacts
from lamina.networks.parts import AbstractEncoderConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """The grounds of a plan."""

    num_rows: int
    """Training rows."""
    num_validation_rows: int
    """Validation rows."""
    inputs: tuple[InputSpec, ...]
    """Inputs of the network."""
    outputs: tuple[OutputSpec, ...]
    """Outputs wanted."""
    samples_per_row: float = 1.0
    """Samples to learn from that a training row is on average."""
    class_counts: tuple[int, ...] = ()
    """Training rows per class, where the target is a class."""
    median_tokens: int = 0
    """Tokens of a typical text; 0 without texts."""
    num_tokens: int = 0
    """Tokens of all training rows of the first text input; 0 without texts."""
    pair: str = ""
    """Why two texts are compared with each other; "" where they are not."""
    size: float | None = None
    """How large the network is to be, on the scale of the recipe; None where nobody said."""
    time_s: float | None = None
    """Wall time for training; None where the user set none."""
    pretrained: Mapping[str, AbstractEncoderConfig] = field(default_factory=dict)
    """By kind of input: the encoder whose pretrained weights are taken."""
    reach: int = 0
    """Tokens that this encoder reads at a time; 0 where nothing says so."""
    tuning: str = ""
    """How much of it is trained: "frozen", "lora" or "whole"; "" without one."""
    series: SeriesFacts | None = None
    """What the rows are as series in time; None where they are none."""
    horizon: int | None = None
    """Steps ahead that the user asked for."""
    known: tuple[str, ...] = ()
    """Columns whose future the user said is known."""
    hardware: Hardware
    """The machine."""

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds of the inputs."""
        return frozenset(spec.kind for spec in self.inputs)

    @property
    def read_kinds(self) -> frozenset[str]:
        """Kinds of what encoders can be given: of words that are cut into pieces, texts of them."""
        return frozenset((spec.pieces or spec).kind for spec in self.inputs)

    @property
    def num_samples(self) -> int:
        """Samples to learn from."""
        return round(self.num_rows * self.samples_per_row)

    @property
    def has_gpu(self) -> bool:
        """Whether there is an accelerator."""
        return bool(self.hardware.accelerator)

    @property
    def num_classes(self) -> int:
        """Classes of the target; 0 where it is none."""
        return len(self.class_counts)

    def inputs_of(self, kind: str) -> tuple[InputSpec, ...]:
        """Return the inputs of a kind.

        Args:
            kind: One of `lamina.networks.model.KINDS`.
        """
        return tuple(spec for spec in self.inputs if spec.kind == kind)
