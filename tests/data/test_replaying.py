"""Signals at other speeds, begun earlier or later."""

import torch

from lamina.data.replaying import is_signal, replay, warp


def test_replayed_sounds_are_faster_or_slower_or_moved():
    nan = float("nan")
    sounds = torch.tensor([[0.0, 1.0, 2.0, 3.0, nan], [5.0, 6.0, 7.0, 8.0, 9.0]])
    found = replay(sounds, torch.tensor([2.0, 0.5]), torch.zeros(2), 10)
    assert found[0, :2].tolist() == [0.0, 2.0]
    assert found[0, 2:].isnan().all()
    assert found[1].tolist() == [5.0, 5.5, 6.0, 6.5, 7.0, 7.5, 8.0, 8.5, 9.0, 0.0]
    found = replay(sounds, torch.ones(2), torch.tensor([0.25, -0.2]), 5)
    assert found[0, :4].tolist() == [0.0, 0.0, 1.0, 2.0]
    assert found[1].tolist() == [6.0, 7.0, 8.0, 9.0, 0.0]


def test_replayed_series_hold_their_ends():
    nan = float("nan")
    series = torch.tensor([[[0.0, 5.0], [1.0, 6.0], [2.0, 7.0], [nan, nan]]])
    later = replay(series, torch.ones(1), torch.tensor([1 / 3]), 4)
    assert later[0, :3].tolist() == [[0.0, 5.0], [0.0, 5.0], [1.0, 6.0]]
    assert later[0, 3].isnan().all()
    earlier = replay(series, torch.ones(1), torch.tensor([-1 / 3]), 3)
    assert earlier[0].tolist() == [[1.0, 6.0], [2.0, 7.0], [2.0, 7.0]]
    slower = replay(series, torch.tensor([0.5]), torch.zeros(1), 6)
    assert slower[0, :5, 0].tolist() == [0.0, 0.5, 1.0, 1.5, 2.0]


def test_warped_series_begin_and_end_where_they_did():
    nan = float("nan")
    series = torch.tensor([[[0.0, 5.0], [1.0, 6.0], [2.0, 7.0], [3.0, 8.0], [4.0, 9.0]]])
    same = warp(series, torch.tensor([[2.0, 2.0, 2.0]]))
    torch.testing.assert_close(same, series, atol=1e-4, rtol=0)
    # From speed 1 to 3: after t of the time 1 t + t² of 2 have passed, .375 after half of it.
    found = warp(series, torch.tensor([[1.0, 3.0]]))
    torch.testing.assert_close(found[0, 2], torch.tensor([1.5, 6.5]), atol=1e-2, rtol=0)
    assert found[0, 0].tolist() == [0.0, 5.0]
    torch.testing.assert_close(found[0, 4], torch.tensor([4.0, 9.0]), atol=1e-4, rtol=0)
    short = torch.tensor([[[0.0], [1.0], [2.0], [nan], [nan]], [[3.0], [nan], [nan], [nan], [nan]]])
    found = warp(short, torch.tensor([[1.0, 3.0], [1.0, 3.0]]))
    torch.testing.assert_close(found[0, :3, 0], torch.tensor([0.0, 0.75, 2.0]), atol=1e-2, rtol=0)
    assert found[0, 3:].isnan().all()
    assert found[1, 0, 0] == 3.0
    assert found[1, 1:].isnan().all()


def test_signals_are_told_from_numbers_texts_and_pictures():
    assert is_signal("call", torch.zeros(2, 50))
    assert is_signal("walk", torch.zeros(2, 50, 3))
    assert not is_signal("number", torch.zeros(2, 50))
    assert not is_signal("photo", torch.zeros(2, 3, 8, 8))
    assert not is_signal("note", torch.zeros(2, 50, dtype=torch.int64))
