"""`lamina generate`: let a language model write."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lamina.cli import options as o

if TYPE_CHECKING:
    from lamina.runtime.sampling import SamplingConfig
    from lamina.runtime.writing import Writing, WritingConfig


def register(app: typer.Typer) -> None:
    """Add the command to the program.

    Args:
        app: The program.
    """
    app.command("generate")(generate)


def generate(
    run: Annotated[
        Path, typer.Argument(help="Run of a language model, or its exported .onnx or .pt2 file.")
    ],
    prompt: Annotated[
        str,
        typer.Option(
            "--prompt", help="What the text begins with; of a masked model a text with [MASK]."
        ),
    ] = "",
    num: Annotated[int, typer.Option("--num", help="Texts to write.")] = 1,
    tokens: Annotated[int, typer.Option("--tokens", help="Most tokens of a text.")] = 256,
    temperature: Annotated[
        float,
        typer.Option("--temperature", help="0 takes the likeliest; above 1 dares more."),
    ] = 0.8,
    top_p: Annotated[
        float, typer.Option("--top-p", help="Draw from the likeliest tokens of this probability.")
    ] = 1.0,
    top_k: Annotated[
        int | None, typer.Option("--top-k", help="Draw from so many of the likeliest tokens.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Decides what is drawn.")] = 0,
    stop: Annotated[
        list[str] | None, typer.Option("--stop", help="Text that ends a text; may be repeated.")
    ] = None,
    as_json: o.Json = False,
) -> None:
    """Write texts that go on from a prompt, or fill in its [MASK] with a masked language model."""
    from lamina.runtime.sampling import SamplingConfig
    from lamina.runtime.writing import WritingConfig

    config = WritingConfig(
        prompt=prompt, num_texts=num, num_tokens=tokens, seed=seed, stop=tuple(stop or ())
    )
    sampling = SamplingConfig(temperature=temperature, top_p=top_p, top_k=top_k)
    if _is_filled_in(run):
        _fill(run, prompt, top_k or 5, as_json=as_json)
        return
    writing = _writing(run, config, sampling)
    if num == 1 and not as_json:
        sys.stdout.write(prompt)
        for (piece,) in writing:
            sys.stdout.write(piece)
            sys.stdout.flush()
        sys.stdout.write("\n")
        return
    texts = ["".join(pieces) for pieces in zip(*writing)]
    if as_json:
        told = [
            {"text": text, "tokens": count, "end": end}
            for text, count, end in zip(texts, writing.counts, writing.ends)
        ]
        o.print_json({"prompt": prompt, "texts": told})
        return
    for place, text in enumerate(texts):
        sys.stdout.write(f"--- {place + 1}\n{prompt}{text}\n")


def _is_filled_in(path: Path) -> bool:
    """Return whether a run fills in what is hidden instead of writing on."""
    from lamina.export.formats import is_exported
    from lamina.runs.masked import masked_network

    return not is_exported(path) and masked_network(path) is not None


def _fill(path: Path, prompt: str, num_candidates: int, *, as_json: bool) -> None:
    from lamina.runs.fill import fill
    from lamina.runs.run import Run

    told = fill(Run(path).predictor, prompt, num_candidates=num_candidates)
    if as_json:
        o.print_json({"prompt": prompt, "text": told.text, "candidates": told.candidates})
    else:
        sys.stdout.write(told.text + "\n")


def _writing(path: Path, config: "WritingConfig", sampling: "SamplingConfig") -> "Writing":
    """Return texts that a run or an exported file writes."""
    from lamina.export.formats import is_exported, open_exported

    if is_exported(path):
        return open_exported(path).write(config, sampling)
    from lamina.runs.generate import writing
    from lamina.runs.run import Run

    return writing(Run(path).predictor, config, sampling)
