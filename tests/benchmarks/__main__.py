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

from . import oracle
from .contestant import Contestant
from .growth import growths
from .measure import Entry, grow, growth_table, measure, table
from .peers import PEERS
from .project import (
    DEMONSTRATION,
    ENGINES,
    LAW,
    commands,
    count_findings,
    engines,
    law_keepers,
    law_writer,
    reader,
    writer,
    writers,
)
from .records import AS_OF, Shape
from .samples import Sample, in_other_ways, repeat, write_docket, write_records

try:
    from .reading import readers
except ModuleNotFoundError as error:
    raise SystemExit(f"the floor needs {error.name}: pip install -e '.[benchmark]'") from None


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
DIFFER = "differ"
EARLIER = "2024-06-30"
"""A moment at which most records have events that are yet to come."""
OFTEN = 20
"""So often the floor goes through the docket."""


def say(text: str = "") -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def contestants() -> Iterator[Contestant]:
    """Yield everything that can run here; what is missing is said on standard error."""
    yield from readers()
    yield reader()
    yield from engines()
    yield from writers()
    yield from commands()
    for name in PEERS:
        try:
            yield from importlib.import_module(f"{__package__}.peers.{name}").contestants()
        except ModuleNotFoundError as error:
            sys.stderr.write(f"{name}: left out, {error.name} is not installed: pip install -e '.[benchmark]'\n")


def expected(path: Path) -> list[oracle.Outcome]:
    """Return what the oracle finds in a file."""
    as_of = datetime.fromisoformat(AS_OF)
    return [o for line in path.read_bytes().splitlines() for o in oracle.judge(json.loads(line), as_of)]


def agreements(entries: Iterable[Entry], small: Sample) -> dict[str, str]:
    """Return what is printed about each contestant's agreement with the oracle on a small file."""
    wanted = expected(small.path)
    found = {}
    for entry in entries:
        one = entry.contestant
        missing = one.disagreements(small.path, wanted)
        whole = "all" if one.knows_places else "the part it can say"
        found[one.name] = "-" if one.outcomes is None else f"{missing} {DIFFER}" if missing else whole
    return found


def compare(folder: Path, plan: Plan) -> bool:
    """Measure everybody on the rules R1 to R16 and print the table; say whether all agree with the oracle."""
    fast, slow = (write_records(folder, "records", n, SEED, Shape()) for n in (plan.fast, plan.slow))
    entries = [Entry(c, slow if c.slow else fast) for c in contestants()]
    agreed = agreements(entries, slow)
    for engine in engines():
        vague = write_records(folder, "vague", plan.slow if engine.slow else plan.fast, SEED, Shape(coarse=0.1))
        name = f"{engine.name}, every tenth record with a coarse date"
        entries.append(Entry(replace(engine, name=name, outcomes=None), vague))
    for name, sample in in_other_ways(folder, plan.fast, SEED):
        one = writer("ndjson", whole=False)
        entries.append(Entry(replace(one, name=f"{one.name}, {name}"), sample))
    early = writer("ndjson", whole=False, as_of=EARLIER)
    entries.append(Entry(replace(early, name=f"{early.name}, as of {EARLIER}"), fast))
    measure(entries, entries[0].contestant, fast, plan.rounds)
    say(f"Rules R1 to R16, {fast.record_bytes} bytes a record, {plan.rounds} rounds:\n")
    say(table(entries, lambda c: agreed.get(c.name, "-")) + "\n")
    return not any(text.endswith(DIFFER) for text in agreed.values())


def judge_the_law(docket: Sample, plan: Plan, folder: Path) -> None:
    """Measure the shipped rule set on a synthetic docket and print the table."""
    program = load([str(LAW)], parameters=[str(DEMONSTRATION)])
    floor = next(readers())
    often = repeat(docket, OFTEN)
    entries = [Entry(floor, often)]
    for name, engine in ENGINES.items():
        run = partial(count_findings, engine, program, AS_OF, context=True)
        entries.append(Entry(Contestant(f"Zhijian: {name}", len(program.by_id), run), docket))
    entries.append(Entry(law_writer(program, docket.path), docket))
    entries += [Entry(keeper, docket) for keeper in law_keepers(program, docket.path, folder)]
    measure(entries, floor, often, plan.growth_rounds)
    say(f"The whole law on a synthetic docket that is its own context, {docket.record_bytes} bytes a record:\n")
    say(table(entries, lambda _: "-") + "\n")


def main() -> int:
    """Run the benchmarks (see CONTRIBUTING.md); return 1 if somebody does other work than the oracle, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer records and rounds: a minute or two")
    plan = QUICK if parser.parse_args().quick else WHOLE
    say(f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.machine()}\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        agreed = compare(folder, plan)
        docket = write_docket(folder, plan.docket, SEED)
        judge_the_law(docket, plan, folder)
        series = growths(folder, docket, plan.growth, SEED)
        say(growth_table((s, *grow(s, plan.growth_rounds)) for s in series))
    return 0 if agreed else 1


if __name__ == "__main__":
    sys.exit(main())
