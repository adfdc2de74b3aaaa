"""How cost grows: with the records, with the events of a record, with the norms, and with the records around one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from validator import load

from .measure import Series, Step
from .project import DEMONSTRATION, ENGINES, LAW, RULES, Engine, count_findings
from .records import AS_OF, Shape
from .samples import Sample, write_docket, write_records

EVENTS = 18
"""Events of a record, about the mean of the usual ones."""
NORMS = (16, 100, 314)
"""Sizes of rule sets; the last is what the law has."""
TIMES = (1, 10, 100)
SMALL_DOCKET = 30
"""Records of the smallest docket: three quarters are cases."""

IDLE = """\
  - id: A3.{number}
    title: {{zh: 从不触发, en: Never triggered}}
    source: {{paragraph: 1, sentence: {number}}}
    kind: achievement
    check: machine
    level: low
    subject: case
    trigger: {{event: file_archived}}
    deadline: 5 working days
    allowed_states: {{event: hearing_held}}
    remedy: none
"""


def growths(folder: Path, docket: Sample, count: int, seed: int) -> Iterator[Series]:
    """Yield what grows, for each engine; ``count`` records at the start, and that many times ten and a hundred."""
    for name, engine in ENGINES.items():
        yield _records(name, engine, folder, count, seed)
        yield _events(name, engine, folder, count, seed)
        yield _idle_norms(name, engine, folder, count, seed)
        yield _norms_of_the_law(name, engine, docket)
    yield _docket(folder, max(SMALL_DOCKET, count // TIMES[-1]), seed)


def _records(name: str, engine: Engine, folder: Path, count: int, seed: int) -> Series:
    program = load([str(RULES)])
    samples = [write_records(folder, "usual", count * n, seed, Shape()) for n in TIMES]
    steps = [Step(s.records, s.records, partial(count_findings, engine, program, AS_OF, s.path)) for s in samples]
    return Series(f"{name}: records", steps, whole=True)


def _events(name: str, engine: Engine, folder: Path, count: int, seed: int) -> Series:
    program = load([str(RULES)])
    steps = []
    for times in TIMES:
        sample = write_records(folder, f"long-{times}", max(3, count // times), seed, Shape(events=EVENTS * times))
        run = partial(count_findings, engine, program, AS_OF, sample.path)
        steps.append(Step(EVENTS * times, sample.records, run))
    return Series(f"{name}: events of a record", steps)


def _idle_norms(name: str, engine: Engine, folder: Path, count: int, seed: int) -> Series:
    """Rules R1 to R16 and others that wait for an event which no record has."""
    sample = write_records(folder, "usual", count, seed, Shape())
    steps = []
    for size in NORMS:
        article = folder / f"idle-{size}.yaml"
        norms = "".join(IDLE.format(number=n + 1) for n in range(size - NORMS[0]))
        article.write_text(
            "article: 3\ntitle: {zh: 从不触发, en: Never triggered}\nrecords:\n" + norms, encoding="utf-8"
        )
        program = load([str(RULES), *([str(article)] if norms else [])])
        steps.append(Step(size, count, partial(count_findings, engine, program, AS_OF, sample.path)))
    return Series(f"{name}: norms that wait for what never happens", steps)


def _norms_of_the_law(name: str, engine: Engine, docket: Sample) -> Series:
    """The shipped norms, evenly chosen, on the synthetic docket."""
    program = load([str(LAW)], parameters=[str(DEMONSTRATION)])
    known = sorted({n.norm for n in program.norms}, key=lambda n: [int(part) for part in n[1:].split(".")])
    steps = []
    for size in NORMS:
        chosen = [known[len(known) * n // size] for n in range(size)]
        run = partial(count_findings, engine, program, AS_OF, docket.path, select=chosen, context=True)
        steps.append(Step(size, docket.records, run))
    return Series(f"{name}: norms of the law", steps)


def _docket(folder: Path, count: int, seed: int) -> Series:
    """The whole law on dockets, each its own context: a record has ever more others around it."""
    program, engine = load([str(LAW)], parameters=[str(DEMONSTRATION)]), ENGINES["interpreter"]
    dockets = [write_docket(folder, count * n, seed) for n in TIMES]
    steps = [
        Step(d.records, d.records, partial(count_findings, engine, program, AS_OF, d.path, context=True))
        for d in dockets
    ]
    return Series("interpreter: a docket that is its own context", steps, whole=True)
