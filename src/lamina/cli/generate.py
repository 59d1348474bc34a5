"""`lamina generate`: let a language model write."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from lamina.cli import options as o


def register(app: typer.Typer) -> None:
    """Add the command to the program.

    Args:
        app: The program.
    """
    app.command("generate")(generate)


def generate(
    run: Annotated[Path, typer.Argument(help="Folder of the run of a language model.")],
    prompt: Annotated[str, typer.Option("--prompt", help="What the text begins with.")] = "",
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
    as_json: o.Json = False,
) -> None:
    """Write texts that go on from a prompt; one text is shown as it is written."""
    from lamina.networks.generation import SamplingConfig
    from lamina.runs.generate import generate as write
    from lamina.runs.generate import stream
    from lamina.runs.run import Run

    sampling = SamplingConfig(temperature=temperature, top_p=top_p, top_k=top_k)
    predictor = Run(run).predictor
    if num == 1 and not as_json:
        sys.stdout.write(prompt)
        for piece in stream(predictor, prompt, num_tokens=tokens, sampling=sampling, seed=seed):
            sys.stdout.write(piece)
            sys.stdout.flush()
        sys.stdout.write("\n")
        return
    found = write(predictor, prompt, num_texts=num, num_tokens=tokens, sampling=sampling, seed=seed)
    if as_json:
        texts = [{"text": one.text, "tokens": one.tokens} for one in found]
        o.print_json({"prompt": prompt, "texts": texts})
        return
    for place, one in enumerate(found):
        sys.stdout.write(f"--- {place + 1}\n{one.prompt}{one.text}\n")
