"""Gradient × input: the gradient at the sample, times how far the sample is from what stands in.

The first term of a Taylor series: one backward pass, right as far as the function is straight.

Source: Shrikumar et al. 2016, "Not just a black box", arXiv:1605.01713; Ancona et al. 2018,
arXiv:1711.06104. Differs: the distance from the baseline in place of the input, which is the same
where the baseline is 0.
"""

from dataclasses import dataclass
from typing import final

from typing_extensions import override

from lamina.explanation.base import AbstractMethod, Attributions
from lamina.explanation.gradients import baselines_of, gradients_at, point_of, pooled, reached
from lamina.explanation.question import Question


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class GradientInput(AbstractMethod):
    """The gradient at the sample times its distance from the baseline."""

    @override
    def suits(self, question: Question) -> tuple[str, ...]:
        return reached(question)

    @override
    def attribute(self, question: Question) -> Attributions:
        point, starts = point_of(question), baselines_of(question)
        gradients = gradients_at(question, point)
        products = {
            name: gradients[name] * (value - starts[name].mean(dim=0, keepdim=True))
            for name, value in point.items()
        }
        values, pixels = pooled(question, products)
        return Attributions(values, pixels)
