"""Safety: ten thousand mutated bundles and checkpoints load equal or are refused with BundleError.

    python benchmarks/safety.py

Half are mutated bundles (their JSON or their weights), half checkpoints. Any other exception, a
difference that goes unnoticed, or an audit event of code execution counts as a failure.
"""

import random
import sys
import tempfile
from pathlib import Path

import torch
from common import write_results

import lamina
from lamina.core.bundle import load_bundle, read_tensors
from lamina.core.errors import BundleError
from lamina.runs.predictor import load_predictor

NUM_MUTANTS = 10_000
_FORBIDDEN = (
    "exec",
    "os.system",
    "subprocess.Popen",
    "os.exec",
    "os.posix_spawn",
    "pickle.find_class",
)


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Return bytes with a cut, an insertion, a deletion, changed bytes, or two parts swapped."""
    mutated = bytearray(data)
    kind = chance.randrange(6)
    place = chance.randrange(len(mutated))
    if kind == 0:
        return bytes(mutated[:place])
    if kind == 1:
        mutated[place:place] = chance.randbytes(chance.randrange(1, 33))
    elif kind == 2:
        del mutated[place : place + chance.randrange(1, 33)]
    elif kind == 3:
        other = chance.randrange(len(mutated))
        mutated[place], mutated[other] = mutated[other], mutated[place]
    else:
        # Headers decide how the rest is read: half of the changed bytes fall there.
        limit = min(len(mutated), 2000) if kind == 4 else len(mutated)
        for _ in range(chance.randrange(1, 5)):
            mutated[chance.randrange(limit)] = chance.randrange(256)
    return bytes(mutated)


def main() -> None:
    chance = random.Random(0)
    counts = {"refused": 0, "equal": 0, "unnoticed": 0, "other_error": 0, "code_executed": 0}
    errors: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        run = lamina.fit("wine", out=Path(temporary) / "run", settings=("training.steps=20",))
        files = {
            "bundle": run.folder.model / "bundle.json",
            "weights": run.folder.model / "network.safetensors",
            "checkpoint": next(run.folder.checkpoint.glob("*.safetensors")),
        }
        whole = {name: path.read_bytes() for name, path in files.items()}
        bundle = load_bundle(run.folder.model)
        checkpoint, document = read_tensors(files["checkpoint"])
        load_predictor(run.folder.model)
        watched = _watch(counts)
        for number in range(NUM_MUTANTS):
            name = ("bundle", "checkpoint", "weights", "checkpoint")[number % 4]
            files[name].write_bytes(mutate(whole[name], chance))
            watched["on"] = True
            try:
                if name == "checkpoint":
                    tensors, found = read_tensors(files[name])
                    is_equal = found == document and _equal(tensors, checkpoint)
                else:
                    loaded = load_bundle(run.folder.model)
                    is_equal = loaded.document == bundle.document and _equal(
                        loaded.tensors, bundle.tensors
                    )
                counts["equal" if is_equal else "unnoticed"] += 1
            except BundleError:
                counts["refused"] += 1
            except Exception as error:
                counts["other_error"] += 1
                errors.append(repr(error)[:200])
            finally:
                watched["on"] = False
                files[name].write_bytes(whole[name])
    print(counts, errors[:3])
    write_results("safety", {"counts": counts, "errors": errors[:20]}, mutants=NUM_MUTANTS, seed=0)


def _equal(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[n], other[n]) for n in one)


def _watch(counts: dict[str, int]) -> dict[str, bool]:
    """Count audit events of code execution while a mutant is read."""
    state = {"on": False}

    def hook(event: str, _arguments: tuple) -> None:
        if state["on"] and event in _FORBIDDEN:
            counts["code_executed"] += 1

    sys.addaudithook(hook)
    return state


if __name__ == "__main__":
    main()
