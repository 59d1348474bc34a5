"""ResNet: names and settings of its published form."""

from lamina.core.errors import BundleError
from lamina.networks.pretrained.family import Family, activation_of
from lamina.networks.pretrained.files import Settings
from lamina.networks.pretrained.names import Names, Row, at_places
from lamina.networks.resnet import ResNetConfig

_STATE = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


def _convolution(ours: str, place: int, theirs: str) -> tuple[Row, ...]:
    """Return the rows of a convolution and the normaliser behind it."""
    norm, their_norm = f"{ours}.{place + 1}", f"{theirs}.normalization"
    return (
        Row(f"{ours}.{place}.weight", (f"{theirs}.convolution.weight",)),
        *(Row(f"{norm}.{state}", (f"{their_norm}.{state}",)) for state in _STATE),
    )


STEM = _convolution("stem", 0, "embedder.embedder")
BLOCK = (
    *_convolution("stages.{k}.branch.layers", 0, "encoder.stages.{i}.layers.{j}.layer.0"),
    *_convolution("stages.{k}.branch.layers", 3, "encoder.stages.{i}.layers.{j}.layer.1"),
    *_convolution("stages.{k}.branch.layers", 6, "encoder.stages.{i}.layers.{j}.layer.2"),
    *_convolution("stages.{k}.shortcut", 0, "encoder.stages.{i}.layers.{j}.shortcut"),
)


def config_of(settings: Settings) -> ResNetConfig:
    """Return our settings of a published ResNet.

    Args:
        settings: Its settings.

    Raises:
        BundleError: Its stages are not twice as wide each.
    """
    settings.must_be(
        num_channels=3, downsample_in_first_stage=False, downsample_in_bottleneck=False
    )
    block = settings.text("layer_type", "bottleneck")
    width, widths = settings.integer("embedding_size", 64), settings.integers("hidden_sizes")
    factor = 4 if block == "bottleneck" else 1
    wanted = tuple(factor * width * 2**stage for stage in range(len(widths)))
    if block not in ("basic", "bottleneck") or widths != wanted:
        raise BundleError(
            f"a ResNet of {block!r} blocks with stages of {widths} channels has no place in ours; "
            f"with {width} channels in front they would be {wanted}."
        )
    return ResNetConfig(
        depths=settings.integers("depths"),
        width=width,
        block=block,
        activation=activation_of(settings, "hidden_act", "relu"),
        stem="large",
    )


def names_of(config: ResNetConfig) -> Names:
    """Return the names of the tensors of a published ResNet.

    Args:
        config: Our settings.
    """
    pairs = [(i, j) for i, depth in enumerate(config.depths) for j in range(depth)]
    places = [{"k": k, "i": i, "j": j} for k, (i, j) in enumerate(pairs)]
    rows = (*STEM, *at_places(BLOCK, places))
    return Names(rows=rows, prefix="resnet", useless=("classifier.*",))


RESNET = Family(config=config_of, names=names_of, kind="image")
