"""Tags found in scores, against all taggings written out and against the network's own search."""

import itertools
import json

import numpy as np
import pytest
import torch

from lamina.networks.layers.linear_chain import LinearChain
from lamina.runtime.answers.tag_sequences import TagSequences, answer_names, spelt_spans
from lamina.runtime.errors import BundleError

TAGS = ("O", "B-a", "I-a")
CHAIN = np.random.default_rng(0).normal(size=(5, 3))
CHAIN[0, 2] = CHAIN[3, 2] = -1e4  # the inside neither behind O nor first


def _document(**changes):
    document = {
        "name": "tag_sequences",
        "target": "y",
        "words": "w",
        "tags": list(TAGS),
        "marks_spans": True,
        "chain": CHAIN.tolist(),
    }
    return json.loads(json.dumps({**document, **changes}))


def test_the_best_of_all_taggings_is_found_with_its_probability() -> None:
    scores = np.random.default_rng(1).normal(size=(1, 4, 3))
    every = {}
    for tags in itertools.product(range(3), repeat=4):
        score = sum(scores[0, place, tag] for place, tag in enumerate(tags))
        score += sum(CHAIN[a, b] for a, b in itertools.pairwise(tags))
        every[tags] = score + CHAIN[3, tags[0]] + CHAIN[4, tags[-1]]
    best = max(every, key=every.get)
    total = np.exp(np.array(list(every.values()))).sum()
    form = TagSequences.from_document(_document())
    (found,) = form.read(scores.reshape(1, 12))
    assert found["y"] == [TAGS[tag] for tag in best]
    assert found["probability of all y"] == pytest.approx(np.exp(every[best]) / total)


def test_what_was_found_is_measured_given_other_words() -> None:
    chance = np.random.default_rng(2)
    scores, others = chance.normal(size=(4, 3)), chance.normal(size=(2, 4, 3))
    form = TagSequences.from_document(_document())
    padded = np.concatenate([scores.ravel(), [np.nan] * 3])
    (found,) = form.read(padded[None])
    trace = form.trace({"w": "in Rome and Oslo"}, padded, lambda inputs: inputs["scores"])
    best = [TAGS.index(tag) for tag in found["y"]]
    assert trace.shown == " ".join(found["y"])
    assert trace.parts[1] == f"Rome/{found['y'][1]}"
    assert trace.groups == ((0,), (1,), (2,), (3,))
    logs = trace.weigh({"scores": np.stack([scores, *others]).reshape(3, 12)})
    assert np.exp(logs[0, 0]) == pytest.approx(found["probability of all y"])
    for own, measured in zip((scores, *others), logs):
        every = {}
        for tags in itertools.product(range(3), repeat=4):
            score = own[range(4), tags].sum() + sum(
                CHAIN[a, b] for a, b in itertools.pairwise(tags)
            )
            every[tags] = np.exp(score + CHAIN[3, tags[0]] + CHAIN[4, tags[-1]])
        total = sum(every.values())
        wanted = [every[tuple(best)]]
        for place, tag in enumerate(best):
            wanted.append(sum(share for tags, share in every.items() if tags[place] == tag))
        np.testing.assert_allclose(np.exp(measured), np.array(wanted) / total, rtol=1e-9)


def test_tags_far_apart_keep_their_probabilities() -> None:
    # From word to word the likelier tag would have to follow the unlikelier one by e^-1000.
    chain = np.array([[0.0, -1000.0], [-1000.0, 0.0], [0.0, -1500.0], [-1500.0, 0.0]])
    form = TagSequences.from_document(_document(tags=["O", "X"], chain=chain.tolist()))
    (found,) = form.read(np.zeros((1, 6)))
    # O O O, which ends by -1500, beside O O X and O X X, which change once by -1000.
    assert found["y"] in (["O", "O", "X"], ["O", "X", "X"])
    assert found["probability of all y"] == pytest.approx(0.5)
    trace = form.trace({"w": "a b c"}, np.zeros(6), lambda inputs: inputs["scores"])
    logs = trace.weigh({"scores": np.zeros((1, 6))})
    np.testing.assert_allclose(np.exp(logs[0]), [0.5, 1.0, 0.5, 1.0])


def test_it_searches_as_the_network_does() -> None:
    torch.manual_seed(0)
    follows = np.ones((4, 4), dtype=bool)
    follows[[0, 1], 3] = False
    chain = LinearChain(follows).double()
    for parameter in chain.parameters():
        torch.nn.init.normal_(parameter)
    scores = 2 * torch.randn(6, 9, 3, dtype=torch.float64)
    valid = torch.arange(9) < torch.tensor([9, 1, 4, 2, 7, 5])[:, None]
    with torch.no_grad():
        best, score = chain.best(scores, valid)
        sure = (score - chain.log_partition(scores, valid)).exp()
    form = TagSequences.from_document(_document(chain=chain.table()))
    values = scores.masked_fill(~valid[..., None], torch.nan).reshape(6, -1).numpy()
    found = form.read(values)
    for row, own in enumerate(found):
        wanted = [TAGS[tag] for tag in best[row][valid[row]].tolist()]
        assert own["y"] == wanted
        assert own["probability of all y"] == pytest.approx(float(sure[row]), rel=1e-6)


def test_spans_hold_the_words_of_the_row() -> None:
    form = TagSequences.from_document(_document())
    names = answer_names("y")
    answers = [{names[0]: ["O", "B-a", "I-a"], names[1]: 0.5}]
    (found,) = form.completed(answers, [{"w": ["to", "New", "York"]}])
    assert found == {**answers[0], names[2]: ["New York (a)"]}
    assert [answer.name for answer in form.answers] == list(found)
    assert spelt_spans(["a", "b"], ["NN", "O"]) == ["a (NN)"]


def test_tags_without_spans_have_no_column_of_them() -> None:
    form = TagSequences.from_document(_document(marks_spans=False))
    assert [answer.kind for answer in form.answers] == ["tag_sequence", "probability"]
    assert form.completed([{"y": ["O"]}], [{"w": ["a"]}]) == [{"y": ["O"]}]
    assert form.num_columns is None


def test_rows_without_words_have_no_tags() -> None:
    form = TagSequences.from_document(_document())
    (found,) = form.read(np.full((1, 6), np.nan))
    assert found == {"y": [], "probability of all y": 1.0}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("tags", []),
        ("tags", ["a", "a"]),
        ("chain", [[0.0] * 3] * 4),
        ("chain", [[0.0] * 3] * 6),
        ("chain", [[0.0] * 2] * 5),
        ("chain", None),
        ("marks_spans", 1),
        ("target", None),
        ("words", 3),
    ],
)
def test_damaged_documents_are_refused(key, value) -> None:
    with pytest.raises(BundleError):
        TagSequences.from_document(_document(**{key: value}))
