"""The network of two branches."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.two_branch import TwoBranchConfig

SPEC = InputSpec("x", "image", ("x",), (3, 24, 32))


def test_details_stay_fine_while_the_other_branch_shrinks() -> None:
    config = TwoBranchConfig(width=8, context=(12, 16), step=4)
    model = config.build([SPEC], [OutputSpec("y", 3)])
    sizes = {}
    for name in ("details", "whole"):
        part = getattr(model, name)
        part.register_forward_hook(
            lambda *call, name=name: sizes.update({name: tuple(call[2].shape[1:])})
        )
    model({"x": torch.zeros(2, 3, 24, 32, dtype=torch.uint8)})
    assert sizes == {"details": (8, 6, 8), "whole": (16, 2, 2)}


@pytest.mark.parametrize("wrong", [{"width": 0}, {"context": ()}, {"step": 9}])
def test_wrong_settings(wrong) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        TwoBranchConfig(**wrong)
