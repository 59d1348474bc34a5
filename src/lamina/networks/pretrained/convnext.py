"""ConvNeXt: names and settings of its published form."""

from lamina.networks.convnext import ConvNeXtConfig
from lamina.networks.pretrained.family import Family, activation_of
from lamina.networks.pretrained.files import Settings
from lamina.networks.pretrained.names import Names, Row, at_places, linear

REST = (
    *linear("stem.patches", "embeddings.patch_embeddings"),
    *linear("stem.norm.norm", "embeddings.layernorm"),
    *linear("norm", "layernorm"),
)
STAGE = (
    *linear("stages.{i}.halving.norm.norm", "encoder.stages.{i}.downsampling_layer.0"),
    *linear("stages.{i}.halving.convolution", "encoder.stages.{i}.downsampling_layer.1"),
)
BLOCK = (
    *linear("stages.{i}.blocks.{j}.convolution", "encoder.stages.{i}.layers.{j}.dwconv"),
    *linear("stages.{i}.blocks.{j}.norm", "encoder.stages.{i}.layers.{j}.layernorm"),
    *linear("stages.{i}.blocks.{j}.inner", "encoder.stages.{i}.layers.{j}.pwconv1"),
    *linear("stages.{i}.blocks.{j}.outer", "encoder.stages.{i}.layers.{j}.pwconv2"),
    Row(
        "stages.{i}.blocks.{j}.branch_scale",
        ("encoder.stages.{i}.layers.{j}.layer_scale_parameter",),
    ),
)


def config_of(settings: Settings) -> ConvNeXtConfig:
    """Return our settings of a published ConvNeXt.

    Args:
        settings: Its settings.
    """
    settings.must_be(num_channels=3)
    return ConvNeXtConfig(
        depths=settings.integers("depths"),
        widths=settings.integers("hidden_sizes"),
        patch_size=settings.integer("patch_size", 4),
        activation=activation_of(settings, "hidden_act"),
        epsilon=settings.number("layer_norm_eps", 1e-12),
    )


def names_of(config: ConvNeXtConfig) -> Names:
    """Return the names of the tensors of a published ConvNeXt.

    Args:
        config: Our settings.
    """
    stages = at_places(STAGE, ({"i": i} for i in range(len(config.depths))))
    places = [{"i": i, "j": j} for i, depth in enumerate(config.depths) for j in range(depth)]
    rows = (*REST, *stages, *at_places(BLOCK, places))
    return Names(rows=rows, prefix="convnext", useless=("classifier.*",))


CONVNEXT = Family(config=config_of, names=names_of, kind="image")
