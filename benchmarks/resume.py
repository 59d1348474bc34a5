"""Resume: kill -9 at random moments, compare the final weights bit by bit.

    python benchmarks/resume.py            every task and network family, 20 kills each
    python benchmarks/resume.py --kills 3
    python benchmarks/resume.py --only vit  the cases of that name

Goal: bit-identical final weights for every row. Checkpoints are written every two seconds or less
often, and many kills fall into the writing of one.
"""

import argparse
import tempfile
from pathlib import Path

from common import read_results, write_results
from made_data import CASES, plan_of

from lamina.runs.plan import write_plan
from lamina.runs.verify import verify_resume


def prove(name: str, folder: Path, kills: int) -> dict[str, object]:
    """Let `verify-resume` kill a repetition of a case and compare."""
    write_plan(plan_of(name, folder, "training.epochs=6"), folder / "plan.yaml")
    proof = verify_resume(folder / "plan.yaml", num_kills=kills, folder=folder / "work")
    return {
        "is_equal": proof.is_equal,
        "kills": proof.num_kills,
        "tensors": proof.num_tensors,
        "seconds": round(proof.seconds, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    results = dict(read_results("resume").get("cases", {}))
    for name in (case for case in CASES if arguments.only in case):
        with tempfile.TemporaryDirectory() as temporary:
            results[name] = prove(name, Path(temporary), arguments.kills)
        print(name, results[name], flush=True)
        summary = {
            "cases": results,
            "identical": sum(bool(r["is_equal"]) for r in results.values()),
        }
        write_results("resume", summary, seed=0)


if __name__ == "__main__":
    main()
