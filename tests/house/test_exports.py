"""The public names of the package, written out: a change here is a change for users."""

import lamina

PUBLIC = ["__version__", "check", "fit", "load", "plan"]


def test_public_names() -> None:
    assert sorted(lamina.__all__) == sorted(PUBLIC)
    for name in PUBLIC:
        assert getattr(lamina, name) is not None
