"""`lamina transcribe`: what is said in a recording of any length, as it arrives."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from lamina.cli import options as o


def register(app: typer.Typer) -> None:
    """Add the command to the program.

    Args:
        app: The program.
    """
    app.command("transcribe")(transcribe)


def transcribe(
    run: Annotated[
        Path, typer.Argument(help="Folder of the run of transcripts, or the file of an export.")
    ],
    sound: Annotated[
        str,
        typer.Argument(help="Recording: WAV, FLAC or OGG; - takes WAV or raw from standard input."),
    ],
    form: Annotated[
        str, typer.Option("--format", help="How it is written: text, json, srt or vtt.")
    ] = "text",
    rate: Annotated[
        int | None,
        typer.Option("--rate", help="Samples per second of raw ones: 16 bits, one channel."),
    ] = None,
    delay: Annotated[
        float | None,
        typer.Option(
            "--delay", help="Seconds within which a sound is to be heard; costs work and accuracy."
        ),
    ] = None,
    as_json: o.Json = False,
) -> None:
    """Write what is said in a recording, with times, while it is still arriving."""
    from lamina.runtime.captions import captions

    heard: Any = sys.stdin.buffer if sound == "-" else sound
    if run.is_file():
        from lamina.runtime.function import load

        segments = load(run).transcribe(heard, rate=rate, delay_s=delay)
    else:
        from lamina.runs.run import Run

        segments = Run(run).transcribe(heard, rate=rate, delay_s=delay)
    if as_json:
        found = list(segments)
        told = [{"start_s": p.start_s, "end_s": p.end_s, "text": p.text} for p in found]
        o.print_json({"text": "".join(p.text for p in found).strip(), "segments": told})
        return
    for line in captions(segments, form):
        sys.stdout.write(line)
        sys.stdout.flush()
