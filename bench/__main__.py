"""Measures ptgbot beside simpler programs in the same minutes, and prints one table of ratios.

``python bench`` runs everything in about two minutes. ``--only NAME`` chooses a benchmark, ``--short`` only shows that
each one works. Compare times of one run only; between machines compare the ratios. Use a quiet machine.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

# Last, so that an installed ptgbot is the one that is measured.
sys.path.append(str(Path(__file__).parent.parent))

from bench import (
    beside,
    build,
    contributions,
    crowd,
    growth,
    history,
    journal,
    minutes,
    over_irc,
    page,
    subscribers,
    together,
)
from bench.figures import Line, head, row
from bench.programs import Missing
from ptgbot import logs

Bench = Callable[[Path, bool], Awaitable[Sequence[Line]]]
BENCHES: Mapping[str, Bench] = {
    # First: it measures the memory of this process.
    "history": history.run,
    "irc": over_irc.run,
    "journal": journal.run,
    "page": page.run,
    "together": together.run,
    "crowd": crowd.run,
    "growth": growth.run,
    "people": subscribers.run,
    "build": build.run,
    "minutes": minutes.run,
    "stats": contributions.run,
    "beside": beside.run,
}


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python bench", description="Benchmarks of ptgbot, printed as ratios.")
    parser.add_argument("--only", action="append", choices=BENCHES, help="run this one; may be given several times")
    parser.add_argument("--short", action="store_true", help="few rounds: shows that it works, not how fast")
    parser.add_argument(
        "--large", action="store_true", help="larger forms, too: 5,200 tracks, 10,000,000 facts"
    )
    parser.add_argument("--folder", type=Path, help="where to write: on the disk that is to be measured")
    return parser.parse_args(arguments)


async def measure(benches: Mapping[str, Bench], folder: Path, short: bool) -> int:
    """Run benchmarks one after the other and print the table as it grows. Return the exit status."""
    print(head(), flush=True)
    for name, bench in benches.items():
        began = time.monotonic()
        (folder / name).mkdir()
        try:
            lines = await bench(folder / name, short)
        except Missing as missing:
            print(f"{name}: left out, {missing}", flush=True)
            continue
        for line in lines:
            print(row(name, line), flush=True)
        print(f"{'':8}{time.monotonic() - began:.0f} s", flush=True)
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen benchmarks."""
    wanted = options(arguments)
    logs.configure("ERROR")
    # So that everything that was started is ended in order.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="ptgbot-bench-", dir=wanted.folder) as folder:
        large: Mapping[str, Bench] = (
            {
                "build": partial(build.run, large=True),
                "stats": partial(contributions.run, large=True),
            }
            if wanted.large
            else {}
        )
        chosen = {name: bench for name, bench in {**BENCHES, **large}.items() if not wanted.only or name in wanted.only}
        return asyncio.run(measure(chosen, Path(folder), wanted.short))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
