"""The head for embeddings."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.angular import AngularHeadConfig
from lamina.testing.check_network import check_network


def test_it_keeps_the_contract() -> None:
    check_network(AngularHeadConfig(width=1))


def test_embeddings_have_length_1_and_stand_before_their_cosines() -> None:
    torch.manual_seed(0)
    head = AngularHeadConfig(width=5).build(7, 9, num_members=1)
    found = head(3 * torch.randn(6, 7))
    vectors, cosines = found[:, :5], found[:, 5:]
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(6))
    centers = head.centers / head.centers.norm(dim=1, keepdim=True)
    torch.testing.assert_close(cosines, vectors @ centers.T)


def test_how_large_features_are_does_not_count() -> None:
    head = AngularHeadConfig(width=5, normaliser="none").build(7, 9, num_members=1).eval()
    features = torch.randn(6, 7)
    torch.testing.assert_close(head(features), head(10 * features))


def test_what_all_samples_have_in_common_is_taken_away() -> None:
    torch.manual_seed(0)
    head = AngularHeadConfig(width=5, dropout=0.0).build(7, 9, num_members=1)
    features = torch.randn(200, 7)
    torch.testing.assert_close(head(features), head(features + 3.0), rtol=1e-3, atol=1e-4)
    assert float(head(features + 3.0)[:, :5].detach().mean(dim=0).norm()) < 0.1
    plain = AngularHeadConfig(width=5, normaliser="none").build(7, 9, num_members=1).eval()
    assert float(plain(features + 3.0)[:, :5].detach().mean(dim=0).norm()) > 0.5


def test_impossible_heads_are_explained() -> None:
    with pytest.raises(ConfigError, match="width must be at least 1"):
        AngularHeadConfig(width=0)
    with pytest.raises(ConfigError, match="Did you mean 'batch'"):
        AngularHeadConfig(normaliser="bach")
    with pytest.raises(ConfigError, match="dropout must be"):
        AngularHeadConfig(dropout=1.0)
    with pytest.raises(ConfigError, match=r"network\.head\.width"):
        AngularHeadConfig(width=9).build(7, 9, num_members=1)
    with pytest.raises(ConfigError, match="committee"):
        AngularHeadConfig(width=2).build(7, 9, num_members=4)
