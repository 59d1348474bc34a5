"""RoBERTa: BERT whose positions are counted from behind the padding's number."""

from dataclasses import replace
from functools import partial

from lamina.core.errors import BundleError
from lamina.networks.bert import BertConfig
from lamina.networks.pretrained import bert
from lamina.networks.pretrained.family import Family
from lamina.networks.pretrained.files import Settings
from lamina.networks.pretrained.names import Names

_PADDING = 1
_USELESS = ("lm_head.*", "embeddings.position_ids")


def config_of(settings: Settings) -> BertConfig:
    """Return our settings of a published RoBERTa.

    Args:
        settings: Its settings.

    Raises:
        BundleError: It has no position behind the padding's number.
    """
    settings.must_be(pad_token_id=_PADDING)
    places = settings.integer("max_position_embeddings", 512) - 1 - _PADDING
    if places < 1:
        raise BundleError("'max_position_embeddings' of a RoBERTa must be above 2.")
    return replace(bert.config_of(settings), max_length=places)


def names_of(config: BertConfig) -> Names:
    """Return the names of the tensors of a published RoBERTa.

    Args:
        config: Our settings.
    """
    names = _names(config)
    return replace(names, useless=(*names.useless, *_USELESS))


_names = partial(bert.names_of, first_place=1 + _PADDING, prefix="roberta")

ROBERTA = Family(config=config_of, names=names_of, kind="text")
