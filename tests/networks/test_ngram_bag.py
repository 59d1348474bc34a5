"""Bag of hashed n-grams."""

import math
from dataclasses import replace

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.core.spelling import ids_beyond
from lamina.networks.ngram_bag import (
    MARKER,
    NgramBagConfig,
    flat_ngrams,
    hashed_ngrams,
    log_count_ratios,
    rarities,
    run_lengths,
    with_markers,
)
from tests.networks.specs import spelt_spec, text_spec


def test_equal_runs_have_equal_hashes_wherever_they_stand() -> None:
    hashes, is_gram = hashed_ngrams(torch.tensor([[1, 2, 3, 1, 2, 0]]), 2)
    singles, pairs = hashes[0, :6], hashes[0, 6:]
    assert singles[0] == singles[3]
    assert pairs[0] == pairs[3]
    assert pairs[0] != pairs[1]
    assert is_gram[0].int().tolist() == [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 0]


def test_the_order_of_words_matters_to_pairs_alone() -> None:
    first, _ = hashed_ngrams(torch.tensor([[4, 5]]), 2)
    second, _ = hashed_ngrams(torch.tensor([[5, 4]]), 2)
    assert sorted(first[0, :2].tolist()) == sorted(second[0, :2].tolist())
    assert first[0, 2] != second[0, 2]


def test_features_are_the_sum_over_distinct_ngrams_by_the_root_of_their_number() -> None:
    network = NgramBagConfig(order=1, num_buckets=1 << 12, num_rows=1 << 12, width=3).build(
        text_spec()
    )
    grams, _ = hashed_ngrams(torch.tensor([[7, 8]]), 1)
    rows = network.weight[grams[0] % (1 << 12)]
    features = network(torch.tensor([[7, 8, 7, 0]]))
    torch.testing.assert_close(features[0], rows.sum(dim=0) / math.sqrt(2))


def test_repeats_count_by_their_logarithm_if_wanted() -> None:
    network = NgramBagConfig(
        order=1, num_buckets=1 << 12, num_rows=1 << 12, width=3, repeats="log"
    ).build(text_spec())
    grams, _ = hashed_ngrams(torch.tensor([[7, 8]]), 1)
    seven, eight = network.weight[grams[0] % (1 << 12)]
    features = network(torch.tensor([[7, 8, 7, 0]]))
    worth = 1 + math.log(2)
    wanted = (worth * seven + eight) / math.sqrt(worth**2 + 1)
    torch.testing.assert_close(features[0], wanted)


def test_words_that_begin_and_end_alike_share_features_if_wanted() -> None:
    config = NgramBagConfig(order=1, num_buckets=1 << 20, num_rows=1 << 12, width=3)
    texts = torch.tensor([[2], [3]])  # "walking" and "walling"
    counts = []
    for spelling in (False, True):
        network = replace(config, spelling=spelling).build(spelt_spec("walking", "walling"))
        _, buckets, _ = network.distinct(texts)
        counts.append((len(buckets), len(set(buckets.tolist()))))
    assert counts == [(2, 2), (6, 4)]


def test_words_outside_the_vocabulary_are_spelt_too() -> None:
    spec = spelt_spec("walking")
    new = int(ids_beyond(["walling"], vocabulary_size=spec.vocabulary_size)[0])
    config = NgramBagConfig(order=1, num_buckets=1 << 20, num_rows=1 << 12, spelling=True)
    rows, buckets, _ = config.build(spec).distinct(torch.tensor([[2], [new]]))
    assert len(set(buckets[rows == 0].tolist()) & set(buckets[rows == 1].tolist())) == 2


def test_run_lengths_by_hand() -> None:
    is_new = torch.tensor([[True, False, False, True, True, False]])
    assert run_lengths(is_new).tolist() == [[3, 3, 3, 1, 2, 2]]


@pytest.mark.parametrize(("repeats", "spelling"), [("once", False), ("log", False), ("log", True)])
def test_exporting_does_not_change_the_answer(monkeypatch, repeats, spelling) -> None:
    config = NgramBagConfig(num_buckets=64, width=3, repeats=repeats, spelling=spelling)
    network = config.build(spelt_spec("walking", "walling", "tree", "trees"))
    texts = torch.tensor([[3, 4, 3, 3, 4, 0], [5, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]])
    before = network(texts)
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    torch.testing.assert_close(network(texts), before)


def test_what_is_exported_has_one_table_and_answers_alike() -> None:
    texts, labels = torch.randint(1, 9, (50, 6)), torch.arange(50) % 3
    network = NgramBagConfig(num_buckets=256, num_rows=64, width=3).build(text_spec())
    with torch.no_grad():
        network.initialise(texts, {"y": labels})
    same = network.for_export()
    assert [name for name, _ in same.named_buffers()] == ["row_of"]
    assert torch.equal(same(texts), network(texts))
    assert torch.equal(same.for_export()(texts), network(texts))
    assert network.ratio is not None


def test_the_start_and_the_end_are_marked() -> None:
    marked = with_markers(torch.tensor([[4, 5, 0], [4, 5, 6], [0, 0, 0]]))
    assert marked.tolist() == [
        [MARKER, 4, 5, MARKER, 0],
        [MARKER, 4, 5, 6, MARKER],
        [MARKER, MARKER, 0, 0, 0],
    ]
    _, is_gram = hashed_ngrams(marked[:1], 2)
    assert is_gram[0].int().tolist() == [0, 1, 1, 0, 0, 1, 1, 1, 0, 0]


def test_flat_ngrams_are_those_of_padded_texts() -> None:
    texts = torch.tensor([[4, 5, 4, 5], [6, 0, 0, 0], [0, 0, 0, 0]])
    hashes, is_gram = hashed_ngrams(with_markers(texts), 3)
    rows = torch.arange(3).unsqueeze(1).expand(hashes.shape)
    wanted = sorted(zip(rows[is_gram].tolist(), hashes[is_gram].tolist()))
    found = sorted(zip(*(part.tolist() for part in flat_ngrams(texts, 3))))
    assert found == wanted


def test_counts_do_not_depend_on_the_pieces_they_are_made_in(monkeypatch) -> None:
    texts, labels = torch.randint(1, 9, (50, 6)), torch.arange(50) % 3
    ratios = []
    for rows in (50, 7):
        monkeypatch.setattr("lamina.networks.ngram_bag._ROWS_COUNTED", rows)
        network = NgramBagConfig(num_buckets=256, width=3).build(text_spec())
        with torch.no_grad():
            network.initialise(texts, {"y": labels})
        ratios.append(network.ratio)
    assert ratios[0].any()
    torch.testing.assert_close(*ratios)


def test_ratios_by_hand() -> None:
    # Smoothed counts [[4, 2], [2, 4]], shares [[2/3, 1/3], [1/3, 2/3]]; log 2 apart.
    ratios = log_count_ratios(torch.tensor([[3.0, 1.0], [1.0, 3.0]]), smoothing=1.0)
    half = math.log(2) / 2
    torch.testing.assert_close(ratios, torch.tensor([[half, -half], [-half, half]]))


def test_rarities_by_hand() -> None:
    # 1 + log(4 / 2), 1 + log(4 / 4): 1.693 and 1; mean over 1 + 3 occurrences 1.173.
    found = rarities(torch.tensor([1.0, 3.0]), num_texts=3)
    mean = (1 + math.log(2) + 3) / 4
    torch.testing.assert_close(found, torch.tensor([(1 + math.log(2)) / mean, 1 / mean]))


def test_the_start_is_naive_bayes_of_texts_of_length_one() -> None:
    texts, labels = torch.tensor([[7, 8], [7, 9], [8, 8]]), torch.tensor([0, 0, 1])
    config = NgramBagConfig(order=1, num_buckets=1 << 14, min_count=1, width=2, smoothing=0.5)
    network = config.build(text_spec())
    with torch.no_grad():
        network.initialise(texts, {"y": labels})
    # Columns 7, 8, 9; 7 and 8 stand in two texts, 9 in one.
    rarity = rarities(torch.tensor([2.0, 2.0, 1.0]), num_texts=3)
    first, second = rarity * torch.tensor([1, 1, 0]), rarity * torch.tensor([1, 0, 1])
    counts = torch.stack([first / first.norm() + second / second.norm(), torch.tensor([0.0, 1, 0])])
    wanted = rarity.unsqueeze(1) * log_count_ratios(counts.T, smoothing=0.5)
    grams, _ = hashed_ngrams(torch.tensor([[7, 8, 9]]), 1)
    rows = network.row_of[grams[0] % (1 << 14)].long()
    torch.testing.assert_close(network.ratio[rows], wanted)


def test_it_answers_before_it_is_trained() -> None:
    torch.manual_seed(0)
    labels = torch.arange(200) % 2
    # Word 10 tells class 0, word 11 class 1; the rest is chance.
    texts = torch.randint(20, 50, (200, 6))
    texts[:, 3] = 10 + labels
    network = NgramBagConfig(num_buckets=1 << 14, width=2).build(text_spec())
    with torch.no_grad():
        network.initialise(texts, {"y": labels})
        assert (network(texts).argmax(dim=1) == labels).all()


def test_rare_ngrams_have_no_row_and_do_not_count() -> None:
    network = NgramBagConfig(order=1, num_buckets=1 << 14, num_rows=4, width=2).build(text_spec())
    with torch.no_grad():
        network.initialise(torch.tensor([[7, 8], [7, 9], [6, 8]]), {"y": torch.tensor([0, 0, 1])})
    assert int((network.row_of >= 0).sum()) == 2  # 7 and 8 stand in two texts
    torch.testing.assert_close(network(torch.tensor([[7, 9, 6]])), network(torch.tensor([[7, 0]])))


def test_the_most_frequent_ngrams_have_the_rows() -> None:
    config = NgramBagConfig(order=1, num_buckets=1 << 14, num_rows=1, min_count=1, width=2)
    network = config.build(text_spec())
    with torch.no_grad():
        network.initialise(torch.tensor([[7, 8], [9, 8]]), {"y": torch.tensor([0, 1])})
    grams, _ = hashed_ngrams(torch.tensor([[8]]), 1)
    assert torch.nonzero(network.row_of >= 0).tolist() == (grams % (1 << 14)).tolist()


def test_numbers_as_targets_leave_the_weights_as_they_are() -> None:
    network = NgramBagConfig(num_buckets=64).build(text_spec())
    before = network.weight.detach().clone()
    with torch.no_grad():
        network.initialise(torch.ones(3, 4, dtype=torch.int64), {"y": torch.randn(3, 1)})
    assert torch.equal(network.weight, before)
    assert int((network.row_of >= 0).sum()) > 0


def test_wrong_settings_are_explained() -> None:
    with pytest.raises(ConfigError, match="order, num_buckets, num_rows"):
        NgramBagConfig(order=0)
    with pytest.raises(ConfigError, match="rate and start must be above 0"):
        NgramBagConfig(rate=0.0)
