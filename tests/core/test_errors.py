"""The error tree and its messages."""

import pytest

from lamina.core import errors


def test_every_error_is_a_lamina_error() -> None:
    for name in ("ConfigError", "DataError", "DataCheckError", "BundleError", "RunError"):
        assert issubclass(getattr(errors, name), errors.LaminaError)
    assert issubclass(errors.ConfigError, ValueError)
    assert issubclass(errors.MissingExtraError, ImportError)


def test_unknown_name_offers_the_nearest() -> None:
    message = errors.unknown_name("network", "trasformer", ["mlp", "transformer"])
    assert message == (
        "unknown network 'trasformer'; known: mlp, transformer. Did you mean 'transformer'?"
    )


def test_unknown_name_without_a_near_one_offers_none() -> None:
    assert "Did you mean" not in errors.unknown_name("network", "zzz", ["mlp"])


def test_missing_extra_says_how_to_install() -> None:
    with pytest.raises(ImportError, match=r'pip install "lamina\[sql\]"'):
        raise errors.MissingExtraError("sqlalchemy", extra="sql", purpose="Reading a database")
