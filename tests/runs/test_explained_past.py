"""What a person is shown of an explained forecast."""

import numpy as np

from tests.runs.tiny import EVERY, finished


def test_windows_of_the_past_are_named_by_how_far_back_they_lie():
    run, frame = finished("forecast"), EVERY["forecast"].make()
    told = run.explain(frame, row=80)
    (past, steady) = told.inputs
    assert (past.name, past.kind) == ("sold", "steps")
    steps, size = past.grid
    assert len(past.features) == -(-steps // size)
    assert past.features[0].label.startswith(f"{steps} ")
    assert past.features[-1].label.endswith("1 steps back")
    assert [one.label for one in steady.features] == [
        "calendar",
        "open",
        "floor",
        "place in the cycle of 7",
    ]
    values = {one.label: one.value for one in steady.features}
    assert values["open"] == frame["open"][80]
    # The past is drawn in the unit of the target.
    (line,) = told.lines["sold"]
    own = frame["sold"][80 - steps + 1 : 81].to_numpy()
    assert len(line) == steps
    assert np.isclose(line[-1], own[-1], rtol=1e-3)
    assert set(told.lines) == {"sold"}


def test_the_past_of_covariates_is_shown_where_the_network_looks_at_it(tmp_path):
    from tests.runs.tiny import fit_tiny

    example = EVERY["forecast"]
    run = fit_tiny(
        example.make(),
        out=tmp_path / "run",
        settings={"network.backbone": "tcn"},
        target="sold",
        **example.options,
    )
    told = run.explain(example.make(), is_checked=False)
    assert [one.name for one in told.inputs] == ["sold", "rain", "columns"]
    assert set(told.lines) == {"sold", "rain"}
