"""The loop. It knows no task: data, objective, validation and augmentation are arguments.

Read `train` first; each line is one stage, in the order in which it happens. What a step does is in
`step.py`, what survives a crash in `state.py` and `checkpoint.py`.
"""

from torch import Tensor, nn

from lamina.training.config import TrainingConfig
from lamina.training.hooks import Hooks, TrainingResult
from lamina.training.rules.base import BatchObjective
from lamina.training.samples import Samples
from lamina.training.session import Session


def train(
    model: nn.Module,
    data: Samples,
    index: Tensor,
    objective: BatchObjective,
    config: TrainingConfig,
    *,
    seed: int,
    hooks: Hooks | None = None,
) -> TrainingResult:
    """Train a model in place; resume where a checkpoint is found.

    Args:
        model: On the device where it shall be trained.
        data: Anything with `batch(index)`.
        index: Row numbers of the training samples, int64 [samples].
        objective: Outputs and batch to one loss per sample.
        config: How to train.
        seed: Decides order, masks and augmentation.
        hooks: Validation, augmentation, checkpoints, log, stop.

    Returns:
        What came of it. The model holds the best, averaged or last weights, in evaluation mode.

    Raises:
        TrainingError: Losses are not finite again and again, or memory runs out.
        BundleError: The checkpoint belongs to another training.
    """
    hooks = hooks or Hooks()
    with Session(model, data, index, objective, config, seed=seed, hooks=hooks) as session:
        session.begin()
        while session.goes_on():
            session.stepper.take()
            if session.guard.check(is_forced=session.is_validation_due()):
                session.validate_if_due()
                session.correct_budget()
                session.save_if_due()
            session.log_if_due()
        return session.finish()
