"""`lamina serve`."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from lamina.cli import options as o

if TYPE_CHECKING:
    from lamina.serving.config import ServingConfig

Words = Annotated[
    list[str],
    typer.Argument(
        metavar="RUN_OR_FILE...",
        help="Runs, exported .onnx files, or folders of runs; NAME=FILE gives another name.",
    ),
]
Token = Annotated[
    str | None,
    typer.Option(
        "--token",
        envvar="LAMINA_TOKEN",
        show_default=False,
        help="Bearer token that clients must send. Other users of the machine can see the "
        "command line, so the environment variable is better.",
    ),
]
MaxBatch = Annotated[
    int, typer.Option("--max-batch", help="Rows of one call of the model; 1: no batching.")
]
WaitMs = Annotated[
    float, typer.Option("--wait-ms", help="Milliseconds that a request waits for others.")
]


def register(app: typer.Typer) -> None:
    """Add the command to the program.

    Args:
        app: The program.
    """
    app.command("serve")(serve)


def serve(
    models: Words,
    host: Annotated[str, typer.Option("--host", help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Port; 0 takes a free one.")] = 8000,
    token: Token = None,
    max_batch: MaxBatch = 64,
    wait_ms: WaitMs = 2.0,
    max_rows: Annotated[int, typer.Option("--max-rows", help="Rows of one request.")] = 1000,
    max_mb: Annotated[float, typer.Option("--max-mb", help="Megabytes of one request.")] = 16.0,
    max_tokens: Annotated[
        int, typer.Option("--max-tokens", help="Tokens of one text that is written.")
    ] = 4096,
    rate: Annotated[
        float, typer.Option("--rate", help="Requests per second of one address; 0: any number.")
    ] = 200.0,
    timeout: Annotated[str, typer.Option("--timeout", help="Time for one answer.")] = "30s",
    drift_rows: Annotated[
        int, typer.Option("--drift-rows", help="Last rows that are compared with training.")
    ] = 2000,
    reload: Annotated[
        bool, typer.Option("--reload/--no-reload", help="Pick up new versions of the models.")
    ] = True,
    as_json: o.Json = False,
) -> None:
    """Answer over HTTP, with a page to try the model in a browser."""
    from lamina.core.durations import parse_duration
    from lamina.serving.config import BatchingConfig, LimitsConfig, ServingConfig

    config = ServingConfig(
        host=host,
        port=port,
        token=token,
        batching=BatchingConfig(max_rows=max_batch, wait_s=wait_ms / 1000),
        limits=LimitsConfig(
            rows=max_rows,
            body_bytes=int(max_mb * 1024 * 1024),
            rate=rate,
            burst=max(1, round(2 * rate)),
            answer_s=parse_duration(timeout),
            written_tokens=max_tokens,
        ),
        drift_rows=drift_rows,
        reload_s=1.0 if reload else 0.0,
    )
    _run(models, config, as_json=as_json)


def _run(words: list[str], config: "ServingConfig", *, as_json: bool) -> None:
    from lamina.runs.serve import Places
    from lamina.runtime.function import load
    from lamina.serving.app import Application
    from lamina.serving.meter import Meter
    from lamina.serving.models import Models
    from lamina.serving.server import Server, bind, is_loopback
    from lamina.serving.watch import Watcher

    def say(text: str) -> None:
        typer.echo(text, err=True)

    listener = bind(config.host, config.port)
    with listener:
        meter = Meter()
        models = Models(config, meter)
        watcher = Watcher(models, Places(words, say=say).find, load, say=say)
        watcher.start()
        tasks = [lambda: watcher.run(config.reload_s)] if config.reload_s else []
        server = Server(Application(models, config, meter, say=say, tasks=tasks), config, listener)

        def started() -> None:
            if as_json:
                told = [model.to_document() for model in models.every().values()]
                o.print_json({"url": server.url, "page": f"{server.url}/", "models": told})
            else:
                for name, model in models.every().items():
                    typer.echo(f"{name}  {model.function.signature.task}, {model.version}")
                typer.echo(f"Answers at {server.url}/v1/models, described in /openapi.json")
                typer.echo(f"Try it at  {server.url}/  (Ctrl-C stops)")
                if config.token is None and not is_loopback(config.host):
                    say("Everyone who reaches this address may ask: there is no --token.")
            sys.stdout.flush()

        server.run(started)
        if not as_json:
            typer.echo("stopped.")
