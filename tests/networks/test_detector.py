import pytest
import torch
from torch import Tensor

from lamina.core.boxes import split_places
from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.convnet import ConvNetConfig
from lamina.networks.convnext import ConvNeXtConfig
from lamina.networks.detector import CANDIDATE_WIDTH, Detector, DetectorConfig
from lamina.networks.parts import AbstractEncoderConfig
from lamina.networks.resnet import ResNetConfig
from lamina.networks.vit import ViTConfig

SPEC = InputSpec("image", "image", ("image",), (3, 64, 96))
OUTPUT = OutputSpec("boxes", 2)
SMALL = ResNetConfig(depths=(1, 1, 1, 1), width=4, stem="large")
ENCODERS = (
    SMALL,
    ResNetConfig(depths=(1, 1), width=4, stem="small"),
    ConvNetConfig(widths=(4, 8, 8), depth=1, stem_size=4, stem_stride=2),
    ConvNeXtConfig(depths=(1, 1, 1, 1), widths=(4, 8, 8, 8), patch_size=4),
)


def pictures(count: int = 2) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    shape = (count, 3, 64, 96)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)


def detector(encoder: AbstractEncoderConfig = SMALL, **settings: int) -> Detector:
    config = DetectorConfig(encoder=encoder, width=8, **settings)
    return config.build([SPEC], [OUTPUT])


@pytest.mark.parametrize("encoder", ENCODERS)
def test_every_convolutional_encoder_serves(encoder: AbstractEncoderConfig) -> None:
    network = detector(encoder, candidates=20)
    output = network({"image": pictures()})["boxes"]
    places, _, classes = split_places(output)
    assert classes.shape[2] == 2
    assert len(network.strides) == 3
    # Places lie in the picture, and each level has its own step.
    assert places[..., 0].min() > 0
    assert places[..., 0].max() < 96 + network.strides[-1]
    assert sorted(set(places[0, :, 2].tolist())) == sorted(network.strides)
    found = network.eval()({"image": pictures()})["boxes"]
    assert found.shape == (2, 2 + 20 * CANDIDATE_WIDTH)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_maps_are_as_they_say(encoder: AbstractEncoderConfig) -> None:
    built = encoder.build(SPEC).eval()
    maps = built.feature_maps(pictures())
    assert len(maps) == len(built.map_specs)
    for one, spec in zip(maps, built.map_specs):
        assert one.shape[1] == spec.channels
        assert one.shape[3] == pytest.approx(96 / spec.stride, abs=1)


def test_candidates_are_the_strongest_and_the_maxima_stand_before_them() -> None:
    network = detector(candidates=5)
    # In evaluation mode places are cut to candidates; the whole is seen by training mode alone.
    network.eval()
    network.training = True
    every = split_places(network({"image": pictures()})["boxes"])[2]
    found = network.eval()({"image": pictures()})["boxes"]
    assert torch.allclose(found[:, :2], every.amax(dim=1))
    candidates = found[:, 2:].unflatten(1, (5, CANDIDATE_WIDTH))
    wanted = every.flatten(1).sigmoid().topk(5, dim=1).values
    assert torch.allclose(candidates[..., 1], wanted)
    assert bool((candidates[..., 2] <= candidates[..., 4]).all())


def test_fewer_places_than_candidates_are_filled_up() -> None:
    network = detector(candidates=400).eval()
    found = network({"image": pictures()})["boxes"][:, 2:].unflatten(1, (400, CANDIDATE_WIDTH))
    assert found[:, -1].abs().sum() == 0


def test_the_encoder_is_named_as_in_a_joined_network() -> None:
    assert any(name.startswith("encoders.0.stages") for name in detector().state_dict())


def test_an_encoder_without_places_is_refused() -> None:
    with pytest.raises(ConfigError, match="gives no maps"):
        detector(ViTConfig())


def test_other_inputs_are_refused() -> None:
    number = InputSpec("number", "number", ("a",), (1,))
    with pytest.raises(ConfigError, match="reads one column of pictures"):
        DetectorConfig().build([SPEC, number], [OUTPUT])


def test_a_config_is_its_document() -> None:
    config = DetectorConfig(encoder=SMALL, width=8, candidates=7)
    assert DetectorConfig.from_document(config.to_document()) == config
