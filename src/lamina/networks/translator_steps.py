"""A network that answers texts by texts, cut where a beam search asks it.

The one graph reads texts, the other writes one more token on each line: it gives the likeliest next
tokens of every line, as many as a search can want, so that the scores of a whole vocabulary never
leave it. It also tells how likely one wanted token is, so that a text can be measured.
"""

from typing import final

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.config import to_document
from lamina.networks.answers import MARK
from lamina.networks.beam_search import SearchConfig
from lamina.networks.stepwise import MemoryForm, Port, StepGraph, Stepwise, are_of_one_length, kept
from lamina.networks.translator_base import AbstractReading, AbstractTranslator
from lamina.runtime.writers import beam_search
from lamina.runtime.writers.steps import GIVEN, LOGS, NEXT, TOKENS, WANTED


def translator_steps(
    translator: AbstractTranslator, config: SearchConfig, *, banned: Tensor
) -> Stepwise:
    """Return the graphs of a network that answers texts by texts.

    Args:
        translator: In evaluation mode.
        config: How answers are looked for.
        banned: int64, tokens that are never written.
    """
    example = torch.full((3, 5), MARK)
    reading = translator.read(example)
    memories = translator.new_memories(reading)
    num_begun = len(kept(memories))  # some layers begin with what was read
    states = translator.states(example, reading, memories)
    form = MemoryForm(memories)
    ports = _reading_ports(reading)
    never = torch.zeros(translator.scores(states).shape[2])
    never[banned] = beam_search.NEVER
    # Twice as many as are followed, since up to half of them may end.
    count = min(2 * config.beam, len(never))
    step = _Step(translator, form, never, num_readings=len(ports), count=count)
    one = example[:, :1].contiguous()
    last, wanted = Port(TOKENS, one, (0,)), Port(WANTED, one.clone(), (0,))
    begun = form.ports()[:num_begun]
    return Stepwise(
        {
            "step": StepGraph(
                step,
                (last, wanted, *ports, *form.ports()),
                (LOGS, NEXT, GIVEN, *form.outputs()),
            ),
            "read": StepGraph(
                _Read(translator),
                (Port(TOKENS, example, (0, 1)),),
                tuple(port.name for port in (*ports, *begun)),
            ),
        },
        {
            "name": beam_search.BeamSearch.name,
            "mark": MARK,
            **to_document(config),
            "memories": form.to_document(),
        },
    )


def _reading_ports(reading: AbstractReading) -> tuple[Port, ...]:
    return tuple(
        Port(f"reading_{place}", tensor.detach().contiguous(), (0, length))
        for place, (tensor, length) in enumerate(zip(reading.tensors(), reading.length_dims))
    )


@final
class _Read(nn.Module):
    """Texts to what is made of them, and what memories begin with."""

    def __init__(self, translator: AbstractTranslator) -> None:
        super().__init__()
        self.translator = translator

    @override
    def forward(self, tokens: Tensor) -> tuple[Tensor, ...]:
        reading = self.translator.read(tokens)
        return (*reading.tensors(), *kept(self.translator.new_memories(reading)))


@final
class _Step(nn.Module):
    """The token written last to the likeliest next ones of each line, with log-probabilities."""

    never: Tensor

    def __init__(
        self,
        translator: AbstractTranslator,
        form: MemoryForm,
        never: Tensor,
        *,
        num_readings: int,
        count: int,
    ) -> None:
        super().__init__()
        self.translator, self.form = translator, form
        self.num_readings, self.count = num_readings, count
        self.register_buffer("never", never, persistent=False)

    @override
    def forward(self, last: Tensor, wanted: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        reading = self.translator.reading_of(rest[: self.num_readings])
        are_of_one_length(reading.tensors(), reading.length_dims)
        memories = self.translator.new_memories(reading)
        self.form.restore(memories, rest[self.num_readings :])
        states = self.translator.states(last, reading, memories)[:, -1]
        logs = self.translator.scores(states).float().log_softmax(dim=1) + self.never
        best, tokens = logs.topk(self.count, dim=1)
        return best, tokens, logs.gather(1, wanted), *kept(memories)
