"""What a network hears of a recording."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.layers.sound_bands import SoundBands, SoundBandsConfig, floored, levelled

VALID = torch.tensor([[[True, True, False]]])


def test_levelled_bands_leave_padding_out() -> None:
    logs = torch.tensor([[[1.0, 3.0, 99.0], [1.0, 3.0, 99.0]]])
    torch.testing.assert_close(
        levelled(logs, VALID), torch.tensor([[[-1.0, 1.0, 0.0]] * 2]), atol=1e-4, rtol=0
    )


def test_the_floor_lies_below_the_mean_power_and_leaves_padding_out() -> None:
    power = torch.tensor([[[1.0, 5.0, 1e9], [3.0, 3e-9, 1e9]]])  # on average 2.25
    found = floored(power.log(), VALID, nats=torch.full((1, 1, 1), 7.0))
    share = torch.exp(torch.tensor(7.0)) / 2.25
    wanted = torch.log1p(share * power)
    torch.testing.assert_close(found[:, :, :2], wanted[:, :, :2])
    assert float(found[0, 1, 1]) < 1e-5


@pytest.mark.parametrize("range_db", [0.0, 30.0])
def test_how_loud_it_was_does_not_count(range_db) -> None:
    bands = SoundBands(SoundBandsConfig(num_bands=16, range_db=range_db), 4_000).eval()
    sound = torch.randn(2, 1_600) * 0.1
    torch.testing.assert_close(bands(sound * 5)[0], bands(sound)[0], atol=1e-2, rtol=0)


def test_faint_noise_is_heard_only_without_a_floor() -> None:
    torch.manual_seed(0)
    sound = torch.sin(torch.arange(4_000) * 0.7) * (torch.arange(4_000) % 1_000 < 500)
    noisy = torch.stack([sound + 0.001 * torch.randn(4_000), sound + 0.01 * torch.randn(4_000)])
    apart = {}
    for range_db in (0.0, 20.0):
        bands = SoundBands(SoundBandsConfig(num_bands=16, range_db=range_db), 4_000).eval()
        found = bands(noisy)[0]
        apart[range_db] = float((found[0] - found[1]).abs().mean())
    assert apart[20.0] < 0.3 * apart[0.0]


def test_silence_and_a_single_sample_are_heard() -> None:
    bands = SoundBands(SoundBandsConfig(num_bands=16, range_db=30.0), 4_000)
    for sound in (torch.zeros(1, 900), torch.full((1, 1), 0.5), torch.full((1, 9), torch.nan)):
        for is_training in (False, True):
            found, valid = bands.train(is_training)(sound)
            assert found.isfinite().all()
            assert valid[:, :, :1].all()


def test_only_in_training_it_hears_other_voices() -> None:
    torch.manual_seed(0)
    bands = SoundBands(SoundBandsConfig(num_bands=16, range_db=30.0), 4_000)
    sound = torch.randn(1, 900)
    assert torch.equal(bands.eval()(sound)[0], bands(sound)[0])
    assert not torch.equal(bands.train()(sound)[0], bands(sound)[0])


@pytest.mark.parametrize("wrong", [{"range_db": -1.0}, {"colour": -0.1}, {"stretch": 1.0}])
def test_wrong_settings_are_explained(wrong) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        SoundBandsConfig(**wrong).check_bands()


@pytest.mark.filterwarnings("ignore")
def test_long_recordings_have_the_same_floor_in_exported_graphs() -> None:
    torch.manual_seed(0)
    onnxruntime = pytest.importorskip("onnxruntime")
    logs, valid = torch.randn(1, 40, 6_000), torch.ones(1, 1, 6_000, dtype=torch.bool)
    nats = torch.full((1, 1, 1), 3.5)

    class Floor(torch.nn.Module):
        def forward(self, logs, valid):
            return floored(logs, valid, nats=nats)

    program = torch.onnx.export(Floor().eval(), (logs, valid), dynamo=True, verbose=False)
    session = onnxruntime.InferenceSession(program.model_proto.SerializeToString())
    names = [one.name for one in session.get_inputs()]
    (found,) = session.run(None, dict(zip(names, (logs.numpy(), valid.numpy()))))
    wanted = floored(logs.double(), valid, nats=nats.double())
    assert float((torch.from_numpy(found) - wanted).abs().max()) < 3e-6
