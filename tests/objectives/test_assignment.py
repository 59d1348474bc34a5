import torch
from torch import Tensor

from lamina.objectives.assignment import Assignment, assign

# Four places of step 8 in a row, and one far away.
PLACES = torch.tensor([[4.0, 4, 8], [12, 4, 8], [20, 4, 8], [28, 4, 8], [100, 4, 8]])[None]
BOX = [0.0, 0.0, 24.0, 8.0]


def assigned(boxes: Tensor, scores: Tensor, target: Tensor, **changes: float) -> Assignment:
    settings = {"num_places": 2, "sharpness": 6.0, "radius": 0.5, **changes}
    return assign(PLACES, boxes, scores, target, **settings)  # type: ignore[arg-type]


def answers(*boxes: list[float]) -> Tensor:
    return torch.tensor(boxes)[None]


def test_the_best_places_within_a_box_answer_for_it() -> None:
    # Places 0 to 2 lie in it and overlap it by 1, 1/2 and 2/3; place 3 is right but lies outside.
    boxes = answers(BOX, [0.0, 0, 12, 8], [0.0, 0, 16, 8], BOX, BOX)
    scores = torch.full((1, 5, 1), 0.5)
    found = assigned(boxes, scores, torch.tensor([[[0.0, *BOX]]]))
    assert (found.weight > 0).tolist() == [[True, False, True, False, False]]
    assert found.weight[0, 0] == 1
    # (2/3)^6 of the best.
    assert torch.isclose(found.weight[0, 2], torch.tensor((2 / 3) ** 6))


def test_the_class_score_decides_among_equal_boxes() -> None:
    boxes = answers(BOX, BOX, BOX, BOX, BOX)
    scores = torch.tensor([[0.1, 0.9, 0.5, 1.0, 1.0]]).unsqueeze(2)
    found = assigned(boxes, scores, torch.tensor([[[0.0, *BOX]]]), num_places=1)
    assert (found.weight > 0).tolist() == [[False, True, False, False, False]]


def test_a_place_goes_to_the_box_that_it_overlaps_most() -> None:
    other = [0.0, 0.0, 20.0, 8.0]
    boxes = answers(BOX, BOX, BOX, BOX, BOX)
    target = torch.tensor([[[0.0, *other], [0.0, *BOX]]])
    found = assigned(boxes, torch.full((1, 5, 1), 0.5), target, num_places=3)
    assert found.box[0, :3].tolist() == [1, 1, 1]


def test_a_box_smaller_than_a_step_has_the_place_near_its_middle() -> None:
    tiny = [13.0, 5.0, 15.0, 7.0]
    boxes = answers(tiny, tiny, tiny, tiny, tiny)
    target = torch.tensor([[[0.0, *tiny]]])
    near = assigned(boxes, torch.full((1, 5, 1), 0.5), target, radius=1.0)
    assert (near.weight > 0).tolist() == [[False, True, True, False, False]]
    none = assigned(boxes, torch.full((1, 5, 1), 0.5), target, radius=0.0)
    assert none.weight.sum() == 0


def test_without_boxes_no_place_answers() -> None:
    boxes, scores = answers(BOX, BOX, BOX, BOX, BOX), torch.full((1, 5, 1), 0.5)
    filled = torch.full((1, 3, 5), -1.0)
    assert assigned(boxes, scores, filled).weight.sum() == 0
    assert assigned(boxes, scores, torch.zeros(1, 0, 5)).weight.shape == (1, 5)


def test_pictures_of_a_batch_do_not_see_each_other() -> None:
    boxes = answers(BOX, [0.0, 0, 12, 8], [0.0, 0, 16, 8], BOX, BOX)
    target = torch.tensor([[[0.0, *BOX]]])
    scores = torch.full((1, 5, 1), 0.5)
    alone = assigned(boxes, scores, target)
    empty = torch.full_like(target, -1.0)
    both = assign(
        PLACES.expand(2, -1, -1),
        boxes.expand(2, -1, -1),
        scores.expand(2, -1, -1),
        torch.cat((target, empty)),
        num_places=2,
        sharpness=6.0,
        radius=0.5,
    )
    assert torch.equal(both.weight[:1], alone.weight)
    assert both.weight[1].sum() == 0
