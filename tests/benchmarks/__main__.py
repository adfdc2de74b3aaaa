"""Prints the tables: what judging costs beside reading, for the project and its peers, and how cost grows."""

import argparse
import importlib
import json
import platform
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from validator import load
from validator.output import json_line
from validator.sample import sample

from . import oracle
from .contestant import Contestant
from .growth import growths, write
from .measure import Entry, Sample, grow, growth_table, measure, table
from .peers import PEERS
from .project import DEMONSTRATION, ENGINES, LAW, commands, count_findings, engines, reader
from .reading import readers
from .records import AS_OF, Shape


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: records for the fast, for the slow, of the docket, for growth, and rounds."""

    fast: int
    slow: int
    docket: int
    growth: int
    rounds: int
    growth_rounds: int


WHOLE = Plan(fast=20_000, slow=500, docket=200, growth=50, rounds=5, growth_rounds=3)
QUICK = Plan(fast=2_000, slow=100, docket=20, growth=10, rounds=3, growth_rounds=1)
SEED = 7
OFTEN = 20
"""So often the docket is read for the floor: once takes too little time to be measured."""


def say(text: str = "") -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def contestants() -> Iterator[Contestant]:
    """Yield everything that can run here; what is missing is said on standard error."""
    yield from readers()
    yield reader()
    yield from engines()
    yield from commands()
    for name in PEERS:
        try:
            yield from importlib.import_module(f"{__package__}.peers.{name}").contestants()
        except ImportError as error:
            sys.stderr.write(f"{name}: left out, {error.name} is not installed: pip install -e '.[benchmark]'\n")


def expected(path: Path) -> list[oracle.Outcome]:
    """Return what the oracle finds in a file."""
    as_of = datetime.fromisoformat(AS_OF)
    return [o for line in path.read_bytes().splitlines() for o in oracle.judge(json.loads(line), as_of)]


def agreements(entries: Iterable[Entry], sample_: Sample) -> dict[str, str]:
    """Return what is printed about each contestant's agreement with the oracle, on the smaller file."""
    wanted = expected(sample_.path)
    found = {}
    for entry in entries:
        one = entry.contestant
        missing = one.disagreements(sample_.path, wanted)
        whole = "all" if one.knows_places else "the part it can say"
        found[one.name] = "-" if one.outcomes is None else f"{missing} differ" if missing else whole
    return found


def compare(folder: Path, plan: Plan) -> None:
    """Measure everybody on the rules R1 to R16 and print the table."""
    fast, slow = (write(folder, "records", n, SEED, Shape()) for n in (plan.fast, plan.slow))
    entries = [Entry(c, slow if c.slow else fast) for c in contestants()]
    agreed = agreements(entries, slow)
    for engine in engines():
        vague = write(folder, "vague", plan.slow if engine.slow else plan.fast, SEED, Shape(coarse=0.1))
        name = f"{engine.name}, every tenth record with a coarse date"
        entries.append(Entry(replace(engine, name=name, outcomes=None), vague))
    measure(entries, entries[0].contestant, fast, plan.rounds)
    say(f"Rules R1 to R16, {fast.path.stat().st_size // fast.records} bytes a record, {plan.rounds} rounds:\n")
    say(table(entries, lambda c: agreed.get(c.name, "-")) + "\n")


def judge_the_law(docket: Sample, plan: Plan) -> None:
    """Measure the shipped rule set on a synthetic docket and print the table."""
    program = load([str(LAW)], parameters=[str(DEMONSTRATION)])
    floor = next(readers())
    often = Sample(docket.path.with_stem("often"), OFTEN * docket.records)
    often.path.write_bytes(OFTEN * docket.path.read_bytes())
    entries = [Entry(floor, often)]
    for name, engine in ENGINES.items():
        run = partial(count_findings, engine, program, AS_OF, context=True)
        entries.append(Entry(Contestant(f"Zhijian: {name}", len(program.by_id), run), docket))
    measure(entries, floor, often, plan.growth_rounds)
    size = docket.path.stat().st_size // docket.records
    say(f"The whole law on a synthetic docket that is its own context, {size} bytes a record:\n")
    say(table(entries, lambda _: "-") + "\n")


def main() -> None:
    """Run the benchmarks; see CONTRIBUTING.md."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer records and rounds: a minute or two")
    plan = QUICK if parser.parse_args().quick else WHOLE
    say(f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.machine()}\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        compare(folder, plan)
        docket = Sample(folder / "docket.ndjson", plan.docket)
        docket.path.write_text("".join(json_line(r) + "\n" for r in sample(plan.docket, SEED)), encoding="utf-8")
        judge_the_law(docket, plan)
        series = growths(folder, docket, plan.growth, SEED)
        say(growth_table((s, *grow(s, plan.growth_rounds)) for s in series))


if __name__ == "__main__":
    main()
