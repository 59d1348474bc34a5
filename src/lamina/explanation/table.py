"""All methods that attribute one answer to the features of one sample."""

from collections.abc import Mapping

from lamina.core.errors import ConfigError
from lamina.core.table import Entry, look_up, table
from lamina.explanation.attention_rollout import AttentionRollout
from lamina.explanation.banzhaf import Banzhaf
from lamina.explanation.base import AbstractMethod
from lamina.explanation.grad_cam import GradCAM
from lamina.explanation.gradient_input import GradientInput
from lamina.explanation.integrated_gradients import IntegratedGradients
from lamina.explanation.occlusion import Occlusion
from lamina.explanation.question import Question
from lamina.explanation.random import Random

METHODS: Mapping[str, Entry[AbstractMethod]] = table(
    # With windows of one patch, what spreads over several patches is found in three of four
    # pictures only: what is left of it is enough for the network.
    Entry(
        "occlusion",
        Occlusion(window=2),
        "How far the answer falls without it.",
        "arXiv:1311.2901",
    ),
    Entry(
        "banzhaf",
        Banzhaf(),
        "What it adds, averaged over contexts of other features.",
        "arXiv:2205.15466",
    ),
    Entry(
        "integrated_gradients",
        IntegratedGradients(),
        "Gradients along a path to the sample.",
        "arXiv:1703.01365, arXiv:1906.10670",
    ),
    Entry("gradient_input", GradientInput(), "Gradient at the sample.", "arXiv:1605.01713"),
    Entry("grad_cam", GradCAM(), "Maps of a convolutional layer.", "arXiv:1610.02391"),
    Entry("attention_rollout", AttentionRollout(), "Attention of all layers.", "arXiv:2005.00928"),
    Entry("random", Random(), "Chance, to compare with.", "arXiv:1810.03292"),
)
"""By name on the command line."""

DEFAULTS: Mapping[str, str] = {
    "columns": "occlusion",
    "picture": "occlusion",
    "words": "occlusion",
    "counted words": "banzhaf",
    "steps": "occlusion",
}
"""Method by kind of features, as `benchmarks/faithfulness.py` measured; where a sample has several
kinds whose methods differ, "occlusion", which suits all of them."""


def default_method(question: Question) -> str:
    """Return the name of the method for a question that names none.

    Args:
        question: What is asked.
    """
    names = {DEFAULTS[_kind(question, name)] for name in question.features}
    return names.pop() if len(names) == 1 else "occlusion"


def _kind(question: Question, name: str) -> str:
    """Return the kind of an input's features; words of which sequences are counted are their own.

    A network that counts them is quick to ask, and each word stands in several of them.
    """
    kind = question.features[name].kind
    return "counted words" if kind == "words" and name in question.mixed else kind


def method_for(name: str, question: Question) -> tuple[AbstractMethod, tuple[str, ...]]:
    """Return a method and the inputs of a question that it can attribute.

    Args:
        name: Its name.
        question: What is asked.

    Raises:
        ConfigError: There is no such method, or it can attribute none of the inputs.
    """
    method = look_up(METHODS, name, what="method of explanation")
    suited = method.suits(question)
    if not suited:
        fitting = [other for other, entry in METHODS.items() if entry.value.suits(question)]
        raise ConfigError(
            f"the method {name!r} cannot explain this network: it reaches none of the inputs "
            f"{', '.join(map(repr, question.features))}. Use {' or '.join(fitting)}."
        )
    return method, suited
