"""How fast and how steady a server answers, on this machine, asked over loopback by one process.

python benchmarks/serving.py                    # all parts; the models are fitted first, 30 s each
python benchmarks/serving.py load memory        # some of them
python benchmarks/serving.py fuzz --file forecasts=taxi.onnx   # of exported models of your own

* load: requests of one row from clients that ask again as soon as they are answered, with and
  without joining of requests: requests per second, p50, p99, errors.
* fuzz: schemathesis over /openapi.json: server errors and answers that do not fit their schema.
* memory: resident memory of the server over 100,000 requests.
* writing: tokens per second of clients that have texts written at the same time, streamed, from
  prompts of different lengths, with and without joining; two rounds in turn, the texts compared.
"""

import argparse
import asyncio
import base64
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from common import data_folder, read_results, write_results
from table_sets import SETS

PARTS = ("load", "fuzz", "memory", "writing")

WRITERS = {
    "Transformer": ["--size", "6"],
    "LSTM": ["--size", "2", "--set", "network.decoder=recurrent_decoder"],
}
"""Language models that are written with, by what `lamina fit` is told."""

WRITING_CLIENTS = (1, 4, 8)
"""Clients that have texts written at the same time."""

WRITTEN_TOKENS = 200
"""Tokens of each text."""

CLIENTS = 32
"""Connections that ask at the same time."""


class Server:
    """`lamina serve` in a process of its own."""

    def __init__(self, file: Path, *options: str) -> None:
        command = [sys.executable, "-m", "lamina", "serve", f"m={file}", "--port", "0", "--json"]
        self.process = subprocess.Popen(
            [*command, "--rate", "0", *options], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.url = json.loads(self.process.stdout.readline())["url"]
        host, _, port = self.url.removeprefix("http://").partition(":")
        self.address = host, int(port)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        if self.process.wait(60) != 0:
            raise SystemExit("the server did not stop cleanly.")

    def memory_mb(self) -> float:
        """Return the resident memory of the process."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        raise SystemExit("the server has ended.")


async def client(
    address: tuple[str, int], request: bytes, until: float, times: list[float], errors: list[str]
) -> None:
    """Ask over one connection again and again."""
    reader, writer = await asyncio.open_connection(*address)
    while time.perf_counter() < until:
        begin = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        times.append(time.perf_counter() - begin)
        if not head.startswith(b"HTTP/1.1 200") or b'"error"' in body:
            errors.append(head.split(b"\r\n")[0].decode())
    writer.close()


def ask(server: Server, row: dict[str, Any], *, seconds: float, clients: int) -> dict[str, Any]:
    """Return what many clients see that ask for one row each."""
    body = json.dumps({"rows": [row]}).encode()
    request = (
        b"POST /v1/models/m/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        b"content-length: %d\r\n\r\n%s" % (len(body), body)
    )
    times: list[float] = []
    errors: list[str] = []

    async def every() -> None:
        until = time.perf_counter() + seconds
        calls = [client(server.address, request, until, times, errors) for _ in range(clients)]
        await asyncio.gather(*calls)

    begin = time.perf_counter()
    asyncio.run(every())
    spent = time.perf_counter() - begin
    cuts = statistics.quantiles(times, n=100)
    return {
        "clients": clients,
        "seconds": spent,
        "requests": len(times),
        "requests_per_second": len(times) / spent,
        "p50_ms": cuts[49] * 1000,
        "p99_ms": cuts[98] * 1000,
        "errors": len(errors),
    }


def load(models: dict[str, tuple[Path, dict[str, Any]]], *, seconds: float) -> dict[str, Any]:
    """Return requests per second with and without joining, one after the other."""
    results: dict[str, Any] = {}
    for name, (file, row) in models.items():
        for joining, options in (("joined", ()), ("one by one", ("--max-batch", "1"))):
            with Server(file, *options) as server:
                ask(server, row, seconds=2, clients=CLIENTS)
                found = ask(server, row, seconds=seconds, clients=CLIENTS)
                found["alone"] = ask(server, row, seconds=5, clients=1)
            results[f"{name}, {joining}"] = found
            print(
                f"{name:8s} {joining:10s} {found['requests_per_second']:7.0f} requests/s, p50 "
                f"{found['p50_ms']:6.2f} ms, p99 {found['p99_ms']:6.2f} ms, "
                f"{found['errors']} errors of {found['requests']:,}"
            )
    return results


def fuzz(models: dict[str, Path], *, examples: int) -> dict[str, Any]:
    """Return what schemathesis finds, by model."""
    results = {}
    checks = "not_a_server_error,status_code_conformance,content_type_conformance"
    for name, file in models.items():
        with Server(file) as server:
            command = [
                *(str(Path(sys.executable).with_name("schemathesis")), "run"),
                f"{server.url}/openapi.json",
                *("--checks", f"{checks},response_schema_conformance"),
                *("--max-examples", str(examples), "--seed", "0", "--no-color"),
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            still = server.process.poll() is None
        tail = [line for line in done.stdout.splitlines() if line.strip()][-25:]
        results[name] = {"passed": done.returncode == 0, "server_lives": still, "told": tail}
        print(f"{name}: schemathesis {'passed' if done.returncode == 0 else 'FAILED'}")
        print("\n".join(tail))
    return results


def memory(file: Path, row: dict[str, Any], *, requests: int) -> dict[str, Any]:
    """Return the resident memory of a server over many requests."""
    with Server(file) as server:
        done, measured = 0, []
        while done < requests:
            done += ask(server, row, seconds=3, clients=CLIENTS)["requests"]
            measured.append([done, round(server.memory_mb(), 1)])
    first = next(mb for count, mb in measured if count >= requests / 10)
    print(f"{done:,} requests, {first} MB after a tenth, {measured[-1][1]} MB at the end")
    return {"requests": done, "measured_mb": measured, "growth_mb": measured[-1][1] - first}


async def _written(address: tuple[str, int], number: int) -> tuple[str, int, float]:
    """Return a text that is streamed, its tokens, and seconds until its first characters."""
    words = ["To", "be,", "or", "not", "to", "be,", "that", "is", "the", "question:"]
    prompt = " ".join(words[: 1 + number % len(words)]) * (1 + number)
    settings = {"prompt": prompt, "max_tokens": WRITTEN_TOKENS, "seed": number, "stream": True}
    body = json.dumps(settings).encode()
    reader, writer = await asyncio.open_connection(*address)
    head = "POST /v1/models/m/generate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
    begin, first, text, tokens = time.perf_counter(), 0.0, "", 0
    while not tokens:
        line = await reader.readline()
        told = json.loads(line[6:]) if line.startswith(b"data: ") else {}
        if "pieces" in told:
            first = first or time.perf_counter() - begin
            text += told["pieces"][0]
        tokens = told["texts"][0]["tokens"] if "texts" in told else 0
    writer.close()
    return text, tokens, first


def writing(models: dict[str, Path]) -> dict[str, Any]:
    """Return tokens per second of several clients, with and without joining, in turn."""
    results: dict[str, Any] = {}
    for name, file in models.items():
        with Server(file) as joined, Server(file, "--max-batch", "1") as apart:
            servers = {"joined": joined, "one by one": apart}
            for clients in WRITING_CLIENTS:
                rates: dict[str, list[float]] = {way: [] for way in servers}
                firsts: dict[str, list[float]] = {way: [] for way in servers}
                texts: dict[str, list[str]] = {}
                for way, server in [*servers.items()] * 3:  # the first round warms up
                    begin = time.perf_counter()
                    found = asyncio.run(_all_written(server.address, clients))
                    spent = time.perf_counter() - begin
                    rates[way].append(sum(tokens for _, tokens, _ in found) / spent)
                    firsts[way].append(max(first for _, _, first in found))
                    texts[way] = [text for text, _, _ in found]
                same = sum(a == b for a, b in zip(*texts.values(), strict=True))
                for way in servers:
                    results[f"{name}, {clients} at once, {way}"] = {
                        "tokens_per_second": rates[way][1:],
                        "last_first_characters_ms": [1000 * one for one in firsts[way][1:]],
                        "same_texts": same,
                    }
                    shown = ", ".join(f"{rate:.0f}" for rate in rates[way][1:])
                    print(f"{name:12s} {clients} at once, {way:10s} {shown} tokens/s, {same} same")
    return results


async def _all_written(address: tuple[str, int], clients: int) -> list[tuple[str, int, float]]:
    return await asyncio.gather(*(_written(address, number) for number in range(clients)))


def make_writers(folder: Path) -> dict[str, Path]:
    """Return files of language models that have learnt next to nothing: it is their speed alone."""
    lamina, made = [sys.executable, "-m", "lamina"], {}
    source = data_folder("tinyshakespeare") / "input.txt"
    for name, words in WRITERS.items():
        run, file = folder / name, folder / f"{name}.onnx"
        if not file.exists():
            settings = [*words, "--set", "training.steps=30"]
            command = [*lamina, "fit", source, *settings, "--out", run, "--overrule"]
            subprocess.run(command, check=True)
            subprocess.run([*lamina, "export", run, file], check=True)
        made[name] = file
    return made


def make_models(folder: Path) -> dict[str, tuple[Path, dict[str, Any]]]:
    """Return a file and a row of a table model and of a picture model."""
    from lamina.runtime.function import load as load_function

    lamina = [sys.executable, "-m", "lamina"]
    cifar = data_folder("cifar10")
    adult = SETS["adult"](0)
    adult.train.write_parquet(folder / "adult.parquet")
    sources = {
        "table": [folder / "adult.parquet", "--target", "income", "--time", "30s"],
        "pictures": [cifar / "train.parquet", "--test", cifar / "test.parquet", "--time", "60s"],
    }
    made = {}
    for name, words in sources.items():
        run, file = folder / name, folder / f"{name}.onnx"
        if not file.exists():
            subprocess.run([*lamina, "fit", *words, "--out", run, "--overrule"], check=True)
            subprocess.run([*lamina, "export", run, file], check=True)
        signature = load_function(file).signature
        made[name] = file, {field.name: _cell(field) for field in signature.fields}
    return made


def _cell(field: Any) -> Any:
    if field.modality != "image":
        return field.typical
    import io

    import numpy as np
    from PIL import Image

    noise = np.random.default_rng(0).integers(0, 256, (field.height, field.width, 3))
    stream = io.BytesIO()
    Image.fromarray(noise.astype(np.uint8)).save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


def main() -> None:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=PARTS)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--models", type=Path, default=None, help="keep the models in this folder")
    parser.add_argument("--file", action="append", default=[], metavar="NAME=FILE")
    choices = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if choices.file:
        results = read_results("serving")
        named = {name: Path(file) for name, _, file in (one.partition("=") for one in choices.file)}
        results["fuzz"] = {**results.get("fuzz", {}), **fuzz(named, examples=choices.examples)}
        write_results("serving", results, seconds=choices.seconds, clients=CLIENTS, seed=0)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = choices.models or Path(temporary)
        folder.mkdir(exist_ok=True, parents=True)
        models = make_models(folder) if {*choices.parts} - {"writing"} else {}
        results: dict[str, Any] = read_results("serving")
        if "writing" in choices.parts:
            results["writing"] = writing(make_writers(folder))
        if "load" in choices.parts:
            results["load"] = load(models, seconds=choices.seconds)
        if "fuzz" in choices.parts:
            files = {name: file for name, (file, _) in models.items()}
            results["fuzz"] = {**results.get("fuzz", {}), **fuzz(files, examples=choices.examples)}
        if "memory" in choices.parts:
            results["memory"] = memory(*models["table"], requests=choices.requests)
    write_results("serving", results, seconds=choices.seconds, clients=CLIENTS, seed=0)


if __name__ == "__main__":
    main()
