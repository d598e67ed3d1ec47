"""Do our tests notice when the program is wrong? ``python -m tests.mutation``, or ``tox -e mutation``.

Draws flips of the core, of the store and of the gathering, makes each in a copy of the repository, and runs the tests
that execute the flipped line: those of the mirrored file first, then the others, the most specific first, until one
fails. A run that lasts several times as long as it should counts as noticed as well. The order of the tests, their
random choices and the draw are the same in each run.

One line of JSON is written for each flip, so that an interrupted run goes on where it ended; remove the folder
``.mutation`` to begin anew. The last lines printed say how many were noticed, and name the survivors: each is given a
test, or is named as equivalent in ``equivalent.toml``.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import functools
import json
import os
import re
import threading
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from tests.mutation.choosing import Chooser
from tests.mutation.copies import ROOT, Copy
from tests.mutation.flips import Flip, draw
from tests.mutation.measuring import QUICK, measured

SEED = 9
SOURCES = """
    store chat gathering parts core checking child derived differences exports following groups history launcher moments
    own progress projection router showing stamps standalone waiting
"""
"""Modules and packages of ``ptgbot`` that are flipped: what commits, delivers and decides."""
FIRST = 25
"""Tests of the first run of a flip; most flips are noticed by one of them, and collecting more takes longer."""
BUDGET = 120.0
"""Seconds of the further tests of a flip. What is left out then could only raise the number of flips noticed."""
WHOLE = 600.0
"""Seconds of the whole quick suite."""
PROCESSES = 2
WANTED = 0.85
EQUIVALENT = Path(__file__).with_name("equivalent.toml")


def main() -> int:
    """Run what the arguments ask for; return 1 if fewer than the wanted share was noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--flips", type=int, default=200)
    parser.add_argument("--again", action="store_true", help="try the survivors again, with the tests written since")
    parser.add_argument("--whole", action="store_true", help="run the whole quick suite for each survivor")
    parser.add_argument("--list", action="store_true", help="print the flips as differences and end")
    parser.add_argument("--work", type=Path, default=ROOT / ".mutation", help="folder of copies and results")
    options = parser.parse_args()
    flips = draw(ROOT, files(), options.seed, options.flips)
    if options.list:
        print("\n".join(map(shown, flips)))
        return 0
    options.work.mkdir(exist_ok=True)
    results = Results(options.work / f"seed-{options.seed}.jsonl")
    wanted = [flip for flip in flips if results.key(flip) not in results.kept]
    if options.again or options.whole:
        wanted += [flip for flip in results.survivors(flips) if not is_equivalent(flip)]
    if wanted:
        run(wanted, results, options.work, whole=options.whole)
    return results.tell(flips)


def files() -> list[str]:
    """Return the sources that are flipped.

    Raises:
        SystemExit: One of them was renamed: this list must follow.
    """
    found: list[str] = []
    for name in SOURCES.split():
        here = [*ROOT.glob(f"ptgbot/{name}.py"), *ROOT.glob(f"ptgbot/{name}/**/*.py")]
        if not here:
            raise SystemExit(f"there is no ptgbot.{name}")
        found += [str(path.relative_to(ROOT)) for path in here]
    return sorted(found)


@functools.cache
def pair(flip: Flip) -> tuple[str, str]:
    """Return the line that a flip changes, before and after."""
    source = (ROOT / flip.file).read_text()
    before, after = source.splitlines(), (flip.apply(source) or "").splitlines()
    line = flip.start[0] - 1
    if flip.operator.endswith("RemoveDecorator"):
        return before[line].strip(), ""
    if before[line] == after[line]:
        line = next(n for n, (old, new) in enumerate(zip(before, after, strict=False)) if old != new)
    return before[line].strip(), after[line].strip()


def is_equivalent(flip: Flip) -> bool:
    """Say whether a flip is named as one that changes nothing; ``after`` is the line before, where lines are alike."""
    above = (ROOT / flip.file).read_text().splitlines()[flip.start[0] - 2].strip()
    return any(
        (one["file"], one["was"], one["now"]) == (flip.file, *pair(flip)) and one.get("after", above) == above
        for one in tomllib.loads(EQUIVALENT.read_text())["flip"]
    )


def shown(flip: Flip) -> str:
    """Return a flip as three lines: its place and operator, what stood there, what stands there now."""
    was, now = pair(flip)
    return f"{flip.file}:{flip.start[0]}: {flip.operator.partition('/')[2]}\n    - {was}\n    + {now}"


def run(flips: list[Flip], results: Results, work: Path, *, whole: bool) -> None:
    """Try flips in two copies at once, each flip in one of them."""
    first = Copy(work / "0")
    found = measured(first, print)
    when = (first.folder / ".times").stat().st_mtime
    tests = [path for path in ROOT.glob("tests/**/test_*.py") if path.stat().st_mtime > when]
    chooser = Chooser(ROOT, found, found.breadth(), [str(path.relative_to(ROOT)) for path in sorted(tests)])
    # The whole suite takes both processes for one flip.
    copies = [first, *(Copy(work / str(number)) for number in range(1, 1 if whole else PROCESSES))]
    queue = iter(flips)
    lock = threading.Lock()

    def consume(copy: Copy) -> None:
        while True:
            with lock:
                flip = next(queue, None)
            if flip is None:
                return
            outcome = attempt(flip, copy, chooser, whole=whole)
            with lock:
                results.add(flip, outcome)

    with concurrent.futures.ThreadPoolExecutor(len(copies)) as workers:
        for ended in [workers.submit(consume, copy) for copy in copies]:
            ended.result()


@attrs.frozen
class Outcome:
    """What became of one flip: the test that noticed it, or nothing; the number of tests; seconds."""

    by: str | None
    tests: int
    seconds: float


def attempt(flip: Flip, copy: Copy, chooser: Chooser, *, whole: bool) -> Outcome:
    """Make a flip in a copy, run tests until one fails, and take the flip back."""
    target = copy.folder / flip.file
    source, times = target.read_text(), target.stat()
    began = time.monotonic()
    chosen = chooser.choose(flip)
    by, number = None, 0
    changed = flip.apply(source)
    assert changed is not None
    target.write_text(changed)
    try:
        for tests, needed in portions(chosen, chooser) if not whole else [(["tests"], WHOLE)]:
            parallel = ("-n", str(PROCESSES)) if whole else ()
            status, said = copy.pytest(tests, "-x", "--timeout=60", *parallel, *QUICK, limit=60 + 4 * needed)
            number += len(tests)
            by = noticed_by(status, said)
            if by is not None:
                break
    finally:
        target.write_text(source)
        os.utime(target, ns=(times.st_atime_ns, times.st_mtime_ns))
    return Outcome(by, number, round(time.monotonic() - began, 1))


def portions(tests: list[str], chooser: Chooser) -> Iterator[tuple[list[str], float]]:
    """Yield the first tests, then as many others as the budget allows, with the seconds that they need."""
    seconds = chooser.measured.seconds
    rest, spent = [], 0.0
    for test in tests[FIRST:]:
        spent += seconds.get(test, 10.0)
        if spent > BUDGET:
            break
        rest.append(test)
    for portion in (tests[:FIRST], rest):
        if portion:
            yield portion, sum(seconds.get(test, 10.0) for test in portion)


def noticed_by(status: int | None, said: str) -> str | None:
    """Return the test that failed, "time" when the run was killed, None when all passed.

    Raises:
        RuntimeError: A test that was asked for does not exist; nothing ran.
    """
    if status is None:
        return "time"
    if status == 0:
        return None
    if status == pytest.ExitCode.USAGE_ERROR and "not found" in said:
        raise RuntimeError(said)
    if found := re.search(r"^(?:FAILED|ERROR) (.*?)(?: - .*)?$", said, re.MULTILINE):
        return found[1]
    return f"status {status}: " + "; ".join(said.strip().splitlines()[-3:])


class Results:
    """The file of results, and what is in it."""

    def __init__(self, path: Path) -> None:
        """Read what an earlier run wrote."""
        self.path = path
        told = path.read_text().splitlines() if path.exists() else []
        self.kept = {result["key"]: result for result in map(json.loads, told)}

    def key(self, flip: Flip) -> str:
        """Return what tells a flip from all others, also when code above it changes."""
        return shown(flip).replace(f":{flip.start[0]}:", f"/{flip.occurrence}:", 1)

    def add(self, flip: Flip, outcome: Outcome) -> None:
        """Write one result down, and print it."""
        key = self.key(flip)
        line = {"key": key, "file": flip.file, "line": flip.start[0], "operator": flip.operator}
        self.kept[key] = {**line, "noticed": outcome.by is not None, **attrs.asdict(outcome)}
        with self.path.open("a") as file:
            file.write(json.dumps(self.kept[key]) + "\n")
        said = shown(flip) if outcome.by is None else f"{flip.file}:{flip.start[0]}: noticed by {outcome.by}"
        print(said, flush=True)

    def survivors(self, flips: list[Flip]) -> list[Flip]:
        """Return the flips that nothing noticed when they were tried last."""
        return [flip for flip in flips if not self.kept.get(self.key(flip), {"noticed": True})["noticed"]]

    def tell(self, flips: list[Flip]) -> int:
        """Print the sum; return the status of the program."""
        tried = [flip for flip in flips if self.key(flip) in self.kept]
        survivors = self.survivors(flips)
        named = [flip for flip in survivors if is_equivalent(flip)]
        for flip in survivors:
            print("named as equivalent:" if flip in named else "survived:", shown(flip))
        share = 1 - len(survivors) / max(len(tried), 1)
        print(f"{share:.1%} of {len(tried)} flips noticed; {len(survivors)} survived, {len(named)} of them equivalent")
        return 0 if share >= WANTED else 1


if __name__ == "__main__":
    raise SystemExit(main())
