"""What goes into an exported model and what comes out, as a document and back."""

import copy
import json

import pytest

from lamina.runtime.errors import BundleError
from lamina.runtime.signature import Answer, Field, Signature


def made() -> Signature:
    return Signature(
        name="adult-1",
        task="classification",
        fields=(
            Field(
                name="age",
                modality="number",
                quantiles=(17.0, 37.0, 90.0),
                low=17.0,
                high=90.0,
                is_whole=True,
                typical=37.0,
                missing=0.25,
            ),
            Field(
                name="sex", modality="category", levels=("M", "F"), shares=(0.6, 0.4), typical="M"
            ),
            Field(
                name="photo",
                modality="image",
                figures={"brightness": (10.0, 100.5, 200.0), "contrast": (1.0, 2.0, 3.0)},
                num_rows=500,
                height=32,
                width=24,
                channels=3,
            ),
        ),
        answers=(
            Answer(name="income", kind="class", target="income"),
            Answer(name="probability_>50K", kind="probability", target="income", label=">50K"),
        ),
    )


def test_a_signature_survives_json() -> None:
    document = json.loads(json.dumps(made().to_document()))
    assert Signature.from_document(document) == made()


def test_files_that_did_not_count_rows_are_read() -> None:
    document = made().to_document()
    for field in document["fields"]:
        del field["figures"], field["num_rows"]
    assert {field.num_rows for field in Signature.from_document(document).fields} == {0}


def test_fields_are_found_by_name() -> None:
    assert made().field("age").has_missing
    assert not made().field("sex").has_missing
    assert made().field("nothing") is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: d.pop("task"),
        lambda d: d["fields"].clear(),
        lambda d: d["fields"].append(d["fields"][0]),
        lambda d: d["fields"][0].update(modality="smell"),
        lambda d: d["fields"][1].update(shares=[1.0]),
        lambda d: d["fields"][2].update(height=1 << 20),
        lambda d: d["fields"][2].update(figures={"brightness": ["dark"]}),
        lambda d: d["fields"][2].update(figures=[1.0]),
        lambda d: d["fields"][0].update(num_rows=-1),
        lambda d: d["answers"][0].update(kind="guess"),
        lambda d: d.update(fields=7),
    ],
)
def test_damaged_documents_are_refused(damage) -> None:
    document = copy.deepcopy(made().to_document())
    damage(document)
    with pytest.raises(BundleError, match=r"damaged|must be a mapping"):
        Signature.from_document(document)
