import pytest
import torch
from torch.nn import functional as F

from lamina.networks.layers import token_nats as module
from lamina.networks.layers.token_nats import token_nats, token_nats_and_mean


@pytest.fixture(autouse=True)
def _few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_A_TIME", 3 * 7)  # Three rows at a time, the last alone.


def scores_and_truth(dtype: torch.dtype = torch.float32) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    scores = 4.0 * torch.randn(2, 5, 7, generator=generator)
    truth = torch.randint(0, 7, (2, 5), generator=generator)
    return scores.to(dtype).requires_grad_(), truth


def test_two_tokens_by_hand() -> None:
    scores = torch.tensor([[1.0, 1.0], [0.0, 3.0]]).log_softmax(dim=1)
    nats, mean = token_nats_and_mean(scores, torch.tensor([0, 1]))
    assert nats[0] == pytest.approx(0.693147, abs=1e-6)
    torch.testing.assert_close(nats, -scores.diagonal())
    torch.testing.assert_close(mean, -scores.mean(dim=1))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_value_and_gradient_are_those_of_torch(smoothing: float) -> None:
    scores, truth = scores_and_truth()
    weights = torch.linspace(-1.0, 2.0, 10)
    nats, mean = token_nats_and_mean(scores, truth)
    loss = ((1 - smoothing) * nats + smoothing * mean).flatten() @ weights
    loss.backward()
    ours, scores.grad = scores.grad, None
    wanted = F.cross_entropy(
        scores.flatten(0, 1), truth.flatten(), reduction="none", label_smoothing=smoothing
    )
    (wanted @ weights).backward()
    torch.testing.assert_close(loss, wanted @ weights)
    torch.testing.assert_close(ours, scores.grad)


def test_low_precision_scores_give_exact_nats_and_a_gradient_of_their_own_type() -> None:
    scores, truth = scores_and_truth(torch.bfloat16)
    nats = token_nats(scores, truth)
    nats.sum().backward()
    exact = F.cross_entropy(
        scores.detach().float().flatten(0, 1), truth.flatten(), reduction="none"
    )
    torch.testing.assert_close(nats.flatten(), exact)
    assert scores.grad is not None
    assert scores.grad.dtype == torch.bfloat16
    torch.testing.assert_close(
        scores.grad.float().sum(dim=2), torch.zeros(2, 5), atol=0.02, rtol=0.0
    )


def test_exporting_changes_the_last_digits_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    scores, truth = scores_and_truth()
    scores = scores + 200.0  # e to the power of these is more than float32 holds
    wanted = token_nats(scores, truth)
    monkeypatch.setattr(torch.compiler, "is_exporting", lambda: True)
    torch.testing.assert_close(token_nats(scores, truth), wanted, atol=2e-5, rtol=1e-5)


def test_no_row_is_no_error() -> None:
    nats, mean = token_nats_and_mean(torch.zeros(0, 7), torch.zeros(0, dtype=torch.long))
    assert nats.shape == mean.shape == (0,)


def test_exported_it_is_the_same_function() -> None:
    class Measured(torch.nn.Module):
        def forward(self, scores: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
            return token_nats(scores, truth)

    scores, truth = scores_and_truth()
    program = torch.export.export(Measured(), (scores.detach(), truth))
    torch.testing.assert_close(
        program.module()(scores.detach(), truth), token_nats(scores, truth).detach()
    )
