"""Tokenisers of published models from their files, equal to the reference."""

import json

import pytest

from lamina.core.errors import BundleError
from lamina.data.modalities.tokeniser_files import read_tokeniser
from lamina.runtime.subwords import Encoder

LINES = ["A fine, warm room.", "the plot was dull and cold!", "naïve café 日本 100%", "", "[SEP] x"]
MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
tokenizers = pytest.importorskip("tokenizers")


def bert(folder, **cleaning):
    whole = tokenizers.Tokenizer(tokenizers.models.WordPiece(unk_token="[UNK]"))
    whole.normalizer = tokenizers.normalizers.BertNormalizer(**cleaning)
    whole.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    trainer = tokenizers.trainers.WordPieceTrainer(
        vocab_size=90, special_tokens=MARKS, show_progress=False
    )
    whole.train_from_iterator(LINES, trainer)
    whole.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return saved(whole, folder)


def roberta(folder, *, kind="RobertaProcessing"):
    whole = tokenizers.Tokenizer(tokenizers.models.BPE())
    level = tokenizers.pre_tokenizers.ByteLevel
    whole.pre_tokenizer = level(add_prefix_space=False)
    marks = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=300, initial_alphabet=level.alphabet(), special_tokens=marks, show_progress=False
    )
    whole.train_from_iterator(LINES, trainer)
    whole.post_processor = getattr(tokenizers.processors, kind)(("</s>", 2), ("<s>", 0))
    return saved(whole, folder)


def saved(whole, folder):
    whole.encode_special_tokens = True
    folder.mkdir(parents=True, exist_ok=True)
    whole.save(str(folder / "tokenizer.json"))
    return whole


def assert_equal(folder, whole):
    found = read_tokeniser(folder)
    encode = Encoder(found.words, found.subwords, 512)
    for line in LINES:
        assert encode(line) == whole.encode(line).ids, line


@pytest.mark.parametrize("cleaning", [{}, {"lowercase": False}, {"strip_accents": False}])
def test_word_pieces_from_tokenizer_json(tmp_path, cleaning) -> None:
    assert_equal(tmp_path, bert(tmp_path, **cleaning))


@pytest.mark.parametrize("kind", ["RobertaProcessing", "BertProcessing"])
def test_byte_pairs_from_tokenizer_json(tmp_path, kind) -> None:
    assert_equal(tmp_path, roberta(tmp_path, kind=kind))


def test_older_files_say_the_same(tmp_path) -> None:
    whole = bert(tmp_path / "a")
    (tmp_path / "b").mkdir()
    words = read_tokeniser(tmp_path / "a").words
    (tmp_path / "b" / "vocab.txt").write_text("\n".join(words) + "\n")
    assert_equal(tmp_path / "b", whole)
    whole = roberta(tmp_path / "c")
    (tmp_path / "d").mkdir()
    whole.model.save(str(tmp_path / "d"))
    numbers = whole.get_vocab()
    (tmp_path / "d" / "vocab.json").write_text(json.dumps(numbers))
    assert_equal(tmp_path / "d", whole)


def test_the_shortest_limit_counts(tmp_path) -> None:
    bert(tmp_path)
    assert read_tokeniser(tmp_path).max_length == 1 << 24
    (tmp_path / "tokenizer_config.json").write_text('{"model_max_length": 512}')
    (tmp_path / "sentence_bert_config.json").write_text('{"max_seq_length": 256}')
    assert read_tokeniser(tmp_path).max_length == 256


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"normalizer": {"type": "NFC"}}, "otherwise than BERT"),
        ({"pre_tokenizer": {"type": "Whitespace"}}, "otherwise than BERT"),
        ({"post_processor": {"type": "Other"}}, "puts marks"),
        ({"post_processor": {"type": "TemplateProcessing"}}, "marks cannot be read"),
        ({"model": {"type": "Unigram", "vocab": []}}, "no mapping"),
        (
            {"model": {"type": "WordLevel", "vocab": {"a": 0}}, "added_tokens": []},
            "'WordLevel' that",
        ),
        ({"model": {"type": "WordPiece", "vocab": {"a": 0, "b": 0}}, "added_tokens": []}, "share"),
        ({"model": {"type": "WordPiece", "vocab": {"a": -1}}}, "no number"),
        ({"added_tokens": [{"id": 5, "content": "x", "special": False}]}, "adds the words"),
    ],
)
def test_what_is_not_known_is_refused_by_name(tmp_path, change, why) -> None:
    bert(tmp_path)
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(BundleError, match=why):
        read_tokeniser(tmp_path)


def test_a_folder_without_a_tokeniser_is_refused(tmp_path) -> None:
    with pytest.raises(BundleError, match="has no tokeniser"):
        read_tokeniser(tmp_path)
    (tmp_path / "vocab.txt").write_text("a\nb\n")
    with pytest.raises(BundleError, match=r"lacks '\[CLS\]'"):
        read_tokeniser(tmp_path)
