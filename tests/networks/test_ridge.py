"""The head in closed form."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression, Ridge

from lamina.core.errors import ConfigError
from lamina.networks.ridge import RidgeHeadConfig, solve


def test_the_solution_and_its_left_out_answers_are_those_of_the_reference() -> None:
    chance = np.random.default_rng(0)
    features = chance.normal(size=(12, 20))
    wanted = chance.normal(size=(12, 2))
    centre, middle = features.mean(axis=0), wanted.mean(axis=0)
    weight, left_out = solve(
        torch.from_numpy(features - centre), torch.from_numpy(wanted - middle), (3.0,)
    )
    left_out = left_out.numpy() + middle
    whole = Ridge(alpha=3.0).fit(features, wanted)
    np.testing.assert_allclose(weight.T, whole.coef_, atol=1e-10)
    for row in range(12):
        kept = np.arange(12) != row
        rest = Ridge(alpha=3.0).fit(features[kept], wanted[kept])
        np.testing.assert_allclose(left_out[row], rest.predict(features[[row]])[0], atol=1e-8)


def test_the_penalty_is_chosen_by_what_was_left_out() -> None:
    torch.manual_seed(0)
    features = torch.randn(30, 5, dtype=torch.float64)
    features = features - features.mean(dim=0)
    exact = features @ torch.ones(5, 1, dtype=torch.float64)
    weight, _ = solve(features, exact, (1e-6, 1e3))
    torch.testing.assert_close(weight, torch.ones(5, 1, dtype=torch.float64), atol=1e-4, rtol=0)
    noise = torch.randn(30, 1, dtype=torch.float64)
    weight, _ = solve(features, noise - noise.mean(), (1e-6, 1e3))
    assert weight.abs().max() < 0.1


def test_a_head_of_numbers_answers_them_at_once() -> None:
    torch.manual_seed(0)
    head = RidgeHeadConfig().build(4, 2, num_members=1)
    features = torch.randn(50, 4)
    targets = features @ torch.randn(4, 2) + 5
    with torch.no_grad():
        head.initialise(features, targets)
        torch.testing.assert_close(head(features), targets, atol=0.05, rtol=0)


def test_probabilities_of_classes_are_those_of_the_reference() -> None:
    torch.manual_seed(0)
    classes = torch.arange(60) % 3
    features = torch.nn.functional.one_hot(classes, 3).float() + 0.5 * torch.randn(60, 3)
    head = RidgeHeadConfig(class_penalty=2.0).build(3, 3, num_members=1)
    with torch.no_grad():
        head.initialise(features, classes)
        shares = head(features).softmax(dim=1)
    reference = LogisticRegression(C=0.5, tol=1e-8, max_iter=1000)
    reference.fit(features.numpy(), classes.numpy())
    np.testing.assert_allclose(shares, reference.predict_proba(features.numpy()), atol=1e-3)


def test_more_features_than_samples_and_one_class_alone_have_a_solution() -> None:
    torch.manual_seed(0)
    head = RidgeHeadConfig().build(40, 2, num_members=1)
    features = torch.randn(5, 40)
    with torch.no_grad():
        head.initialise(features, torch.tensor([0, 1, 0, 1, 1]))
        assert head(features).argmax(dim=1).tolist() == [0, 1, 0, 1, 1]
        head.initialise(features * 0, torch.zeros(5, dtype=torch.int64))
        assert head(features).isfinite().all()


@pytest.mark.parametrize("wrong", [{"penalties": ()}, {"penalties": (0.0,)}, {"class_penalty": 0}])
def test_wrong_penalties_are_explained(wrong) -> None:
    with pytest.raises(ConfigError, match="must be above 0"):
        RidgeHeadConfig(**wrong)


def test_members_are_refused() -> None:
    with pytest.raises(ConfigError, match="one network"):
        RidgeHeadConfig().build(4, 2, num_members=3)
