"""Errors of the runtime: part of the one tree, and installable advice."""

import pytest

from lamina.core import errors as core
from lamina.runtime import errors


def test_the_tree_is_one() -> None:
    assert core.BundleError is errors.BundleError
    assert issubclass(errors.DataError, core.LaminaError)


def test_a_library_without_an_extra_is_named_itself() -> None:
    with pytest.raises(errors.MissingExtraError, match=r"pip install onnxruntime$"):
        raise errors.MissingExtraError("onnxruntime", extra="", purpose="Running a model")
