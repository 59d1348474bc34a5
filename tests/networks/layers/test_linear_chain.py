"""Linear chains over tags, against all taggings written out."""

import itertools

import numpy as np
import pytest
import torch

from lamina.networks.layers.linear_chain import LinearChain

LENGTHS = (4, 1, 3, 2)


def _chain(follows=None, *, num_tags=3):
    torch.manual_seed(2)
    follows = np.ones((num_tags + 1, num_tags + 1), dtype=bool) if follows is None else follows
    chain = LinearChain(follows).double()
    for parameter in chain.parameters():
        torch.nn.init.normal_(parameter)
    scores = torch.randn(len(LENGTHS), max(LENGTHS), follows.shape[0] - 1, dtype=torch.float64)
    valid = torch.arange(max(LENGTHS)) < torch.tensor(LENGTHS)[:, None]
    return chain, scores, valid


def _written_out(chain, scores, row, follows):
    """Return every tagging of a sentence that may be, with its score."""
    length, size = LENGTHS[row], scores.shape[2]
    found = {}
    for tags in itertools.product(range(size), repeat=length):
        pairs = list(itertools.pairwise(tags))
        if not follows[0, 1 + tags[0]] or not all(follows[1 + a, 1 + b] for a, b in pairs):
            continue
        score = sum(scores[row, place, tag] for place, tag in enumerate(tags))
        score = score + sum(chain.pairs[a, b] for a, b in pairs)
        found[tags] = float(score + chain.begins[tags[0]] + chain.ends[tags[-1]])
    return found


def _bio():
    """O, B-x, I-x: the inside neither begins a sentence nor stands behind O."""
    follows = np.ones((4, 4), dtype=bool)
    follows[[0, 1], 3] = False
    return follows


@pytest.mark.parametrize("follows", [np.ones((4, 4), dtype=bool), _bio()])
def test_sums_and_the_best_are_those_of_all_taggings(follows) -> None:
    chain, scores, valid = _chain(follows)
    chain.requires_grad_(False)
    sums = chain.log_partition(scores, valid)
    best, score = chain.best(scores, valid)
    for row, length in enumerate(LENGTHS):
        every = _written_out(chain, scores, row, follows)
        wanted = torch.tensor(list(every.values())).logsumexp(0)
        assert float(sums[row]) == pytest.approx(float(wanted))
        top = max(every, key=every.get)
        assert tuple(best[row, :length].tolist()) == top
        assert float(score[row]) == pytest.approx(every[top])
        assert best[row, length:].tolist() == [0] * (max(LENGTHS) - length)
        tags = torch.zeros(1, max(LENGTHS), dtype=torch.int64)
        tags[0, :length] = torch.tensor(top)
        nats = chain.nats(scores[row : row + 1], tags, valid[row : row + 1])
        assert float(nats) == pytest.approx(float(wanted) - every[top])


def test_gradients_are_right() -> None:
    chain, scores, valid = _chain()
    tags = torch.randint(0, 3, scores.shape[:2])
    scores.requires_grad_(True)
    assert torch.autograd.gradcheck(lambda s: chain.nats(s, tags, valid), (scores,))


def test_large_scores_stay_finite() -> None:
    chain, scores, valid = _chain(_bio())
    tags = torch.ones(scores.shape[:2], dtype=torch.int64)
    scores = (scores * 1e4).float().requires_grad_(True)
    nats = chain.float().nats(scores, tags, valid)
    assert nats.isfinite().all()
    assert (nats > -1e-2).all()
    nats.sum().backward()
    assert scores.grad.isfinite().all()


def test_more_padding_changes_nothing() -> None:
    chain, scores, valid = _chain()
    longer = torch.nn.functional.pad(scores, (0, 0, 0, 5), value=3.0)
    more = torch.nn.functional.pad(valid, (0, 5))
    torch.testing.assert_close(
        chain.log_partition(longer, more), chain.log_partition(scores, valid)
    )
    assert torch.equal(chain.best(longer, more)[0][:, :4], chain.best(scores, valid)[0])


@torch.no_grad()
def test_exact_scores_of_a_long_sentence_are_summed_exactly() -> None:
    chain, _, _ = _chain(num_tags=5)
    scores = 8.0 * torch.randn(1, 400, 5, dtype=torch.float64)
    valid = torch.ones(1, 400, dtype=torch.bool)

    def gap(chain, scores):
        return (chain.log_partition(scores, valid) - chain.best(scores, valid)[1]).double()

    chain = chain.float()
    found = gap(chain, scores)
    # In float32 two sums of thousands leave three or four digits of their difference.
    lost = gap(chain, scores.float())
    wanted = gap(chain.double(), scores)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-9)
    assert abs(float(lost - wanted)) > 1e-6


@pytest.mark.parametrize("follows", [np.ones((4, 4), dtype=bool), _bio()])
def test_a_tag_is_as_likely_as_all_taggings_that_have_it(follows) -> None:
    chain, scores, valid = _chain(follows)
    chain.requires_grad_(False)
    for tag in range(3):
        nats = chain.tag_nats(scores, torch.full(valid.shape, tag), valid)
        assert (nats[~valid] == 0).all()
        for row, length in enumerate(LENGTHS):
            every = _written_out(chain, scores, row, follows)
            total = torch.tensor(list(every.values())).logsumexp(0)
            for place in range(length):
                own = [score for tags, score in every.items() if tags[place] == tag]
                share = float((torch.tensor(own).logsumexp(0) - total).exp()) if own else 0.0
                assert float((-nats[row, place]).exp()) == pytest.approx(share, abs=1e-6)
    with torch.no_grad():
        assert not chain.tag_nats(scores, torch.zeros_like(valid).long(), valid).requires_grad
