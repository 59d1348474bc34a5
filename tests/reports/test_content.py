"""The records of a report survive a round trip through JSON."""

import json

import pytest

from lamina.core.config import from_document, to_document
from lamina.core.errors import ConfigError
from lamina.reports.content import ReportContent
from tests.reports.examples import EXAMPLES


@pytest.mark.parametrize("name", EXAMPLES)
def test_round_trip_through_json(name: str) -> None:
    content = EXAMPLES[name]()
    document = json.loads(json.dumps(to_document(content)))
    assert from_document(ReportContent, document, where="report") == content


def test_unknown_field_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'title'"):
        from_document(ReportContent, {"titel": "x"}, where="report")
