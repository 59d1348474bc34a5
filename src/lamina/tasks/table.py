"""All tasks that a plan can name."""

from collections.abc import Mapping

from lamina.core.errors import DataError
from lamina.core.table import Entry, table
from lamina.data.schema import Schema
from lamina.tasks.base import AbstractTask
from lamina.tasks.classification import Classification
from lamina.tasks.detection import Detection
from lamina.tasks.forecasting import Forecasting
from lamina.tasks.language_model import LanguageModel
from lamina.tasks.masked_language_model import MaskedLanguageModel
from lamina.tasks.multilabel import MultiLabel
from lamina.tasks.quantiles import QuantileRegression
from lamina.tasks.recognition import Recognition
from lamina.tasks.regression import Regression
from lamina.tasks.segmentation import Segmentation
from lamina.tasks.tagging import Tagging
from lamina.tasks.text_to_text import TextToText
from lamina.tasks.transcription import Transcription

TASKS: Mapping[str, Entry[AbstractTask]] = table(
    Entry(Classification.name, Classification(), "One of several classes."),
    Entry(MultiLabel.name, MultiLabel(), "Any number of labels."),
    Entry(Regression.name, Regression(), "One or several numbers."),
    Entry(Forecasting.name, Forecasting(), "The next steps of series in time."),
    Entry(QuantileRegression.name, QuantileRegression(), "Quantiles of one number."),
    Entry(LanguageModel.name, LanguageModel(), "How likely a text is; writes texts."),
    Entry(Recognition.name, Recognition(), "Who or what it is, also of those never seen."),
    Entry(
        MaskedLanguageModel.name,
        MaskedLanguageModel(),
        "What is hidden in a text; others start from it.",
    ),
    Entry(Segmentation.name, Segmentation(), "The class of every pixel of a picture."),
    Entry(Detection.name, Detection(), "What lies where in a picture."),
    Entry(Tagging.name, Tagging(), "One tag for each word of a sentence."),
    Entry(TextToText.name, TextToText(), "A text as the answer to a text: translation."),
    Entry(Transcription.name, Transcription(), "What is said in a recording."),
)
"""All tasks by name."""


def task_for(schema: Schema) -> tuple[AbstractTask, str]:
    """Return the task that the targets of a schema ask for, and why.

    Args:
        schema: The schema.

    Raises:
        DataError: No task fits the targets.
    """
    for entry in TASKS.values():
        reason = entry.value.suits(schema)
        if reason:
            return entry.value, reason
    if not schema.targets:
        columns = ", ".join(f"{c.name!r} ({c.modality})" for c in schema.inputs)
        raise DataError(
            f"nothing says what is to be predicted from the columns {columns}. Name the target "
            "with --target; a folder of pictures needs a folder per class, a mask of the same name "
            "for each picture (images/, masks/), or files of boxes."
        )
    kinds = ", ".join(f"{t.name!r} ({t.modality})" for t in schema.targets)
    raise DataError(
        f"no task answers the targets {kinds}. Give one category, one or several numbers, one tags "
        "column or several yes/no columns; a text is written from one text or one recording alone, "
        "so name the other columns with --ignore. Say what a column is with --as COLUMN=MODALITY."
    )
