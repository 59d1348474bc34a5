"""Error rates over pairs of embeddings."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from lamina.evaluation import verification
from lamina.evaluation.predictions import Predictions
from tests.evaluation.conftest import make_embeddings


def in_plane(*degrees: float) -> Predictions:
    angles = np.radians(degrees)
    vectors = np.stack([0 * angles, 0 * angles, np.cos(angles), np.sin(angles)], axis=1)
    return Predictions("embeddings", vectors)


def test_rates_are_those_of_scikit_learn_over_all_pairs() -> None:
    found, truth = make_embeddings()
    _, _, is_same, cosines = verification.pairs(verification.vectors_of(found), truth[:, 0])
    wanted = roc_auc_score(is_same, cosines)
    assert verification.verification_auc(found, truth) == pytest.approx(wanted)
    accepted, kept, _ = roc_curve(is_same, cosines, drop_intermediate=False)
    place = np.argmin(np.abs(accepted - (1 - kept)))
    rate = float(verification.equal_error_rate(found, truth))
    assert abs(rate - (accepted[place] + 1 - kept[place]) / 2) < 0.02
    at_1 = verification.accepted_at_1_percent(found, truth)
    assert at_1 == pytest.approx(kept[accepted <= 0.01].max())


def test_a_worked_example() -> None:
    # Two identities at 0 and 10, 90 and 100 degrees: every pair of one is closer than any of two.
    truth = np.array([[0.0], [0.0], [1.0], [1.0]])
    found = in_plane(0, 10, 90, 100)
    assert verification.equal_error_rate(found, truth) == 0
    assert verification.verification_auc(found, truth) == 1
    assert verification.accepted_at_1_percent(found, truth) == 1
    assert verification.rank_1(found, truth) == 1
    # Ties count half: each pair of one (.6) meets two of two as close, and two that are closer.
    vectors = np.array([[1, 0], [0.6, 0.8], [0.6, 0.8], [1, 0]])
    tied = Predictions("embeddings", np.concatenate([np.zeros((4, 2)), vectors], axis=1))
    assert verification.verification_auc(tied, truth) == pytest.approx(0.25)
    assert verification.rank_1(tied, truth) == 0


def test_weights_count_as_often_as_rows_stand_there() -> None:
    found, truth = make_embeddings(24)
    counts = np.ones(24)
    counts[3] = 0
    some = np.flatnonzero(counts)
    for name in ("verification_auc", "equal_error_rate", "accepted_at_1_percent"):
        rate = getattr(verification, name)
        both = rate(found, truth, weights=np.stack([np.ones(24), counts]))
        assert both[0] == pytest.approx(rate(found, truth))
        assert both[1] == pytest.approx(rate(found.rows(some), truth[some]))


def test_rank_1_leaves_out_who_is_alone() -> None:
    found, truth = in_plane(0, 10, 90), np.array([[0.0], [0.0], [1.0]])
    assert verification.rank_1(found, truth) == 1
    own, other = verification.nearest(verification.vectors_of(found), truth[:, 0])
    assert own[2] == -np.inf
    assert other[2] == pytest.approx(np.cos(np.radians(80)))


def test_rates_of_one_identity_are_not_defined() -> None:
    found, truth = in_plane(0, 10, 90), np.zeros((3, 1))
    assert np.isnan(verification.verification_auc(found, truth))
    assert np.isnan(verification.equal_error_rate(found, truth))
    assert verification.error_curve(found, truth) == ()


def test_the_curve_goes_from_all_accepted_to_all_rejected() -> None:
    found, truth = make_embeddings()
    thresholds, accepted, rejected = np.array(verification.error_curve(found, truth)).T
    assert (accepted[0], rejected[0]) == (1, 0)
    assert (accepted[-1], rejected[-1]) == (0, 1)
    assert (np.diff(accepted) <= 0).all()
    assert (np.diff(rejected) >= 0).all()
    rate = float(verification.equal_error_rate(found, truth))
    place = np.argmin(np.abs(accepted - rejected))
    assert abs((accepted + rejected)[place] / 2 - rate) < 0.05
    assert thresholds[0] == -1
