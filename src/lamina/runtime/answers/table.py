"""All forms that an answer can have."""

from collections.abc import Mapping
from types import MappingProxyType

from lamina.runtime.answers.base import AbstractForm
from lamina.runtime.answers.boxes import Boxes
from lamina.runtime.answers.classes import Classes
from lamina.runtime.answers.embeddings import Embeddings
from lamina.runtime.answers.fill_ins import FillIns
from lamina.runtime.answers.forecasts import Forecasts
from lamina.runtime.answers.labels import Labels
from lamina.runtime.answers.likelihoods import Likelihoods
from lamina.runtime.answers.masks import Masks
from lamina.runtime.answers.numbers import Numbers
from lamina.runtime.answers.quantiles import Quantiles
from lamina.runtime.answers.tag_sequences import TagSequences
from lamina.runtime.answers.texts import Texts
from lamina.runtime.answers.transcripts import Transcripts

FORMS: Mapping[str, type[AbstractForm]] = MappingProxyType(
    {
        form.name: form
        for form in (
            *(Boxes, Classes, Embeddings, FillIns, Forecasts, Labels, Likelihoods),
            *(Masks, Numbers, Quantiles),
            *(TagSequences, Texts, Transcripts),
        )
    }
)
"""By name in documents."""
