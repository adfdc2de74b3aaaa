"""Shows on standard error how far a run is: a bar on a terminal, a line a minute elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Generic, NamedTuple, TypeVar

from validator.engine import Summary
from validator.output.phrases import phrase

T = TypeVar("T")
MINUTE = 60.0
_REDRAWN = 0.1  # seconds


class Standing(NamedTuple):
    """Where a check stands: the counts so far, and how many of the records an earlier run had read."""

    summary: Summary
    earlier: int = 0


Report = Callable[[Standing, int], None]


@contextmanager
def progress(total: int, words: Callable[[T, float], str], *, bar: bool) -> Iterator[Callable[[T, int], None]]:
    """Give a function that is told the counts so far and how many bytes of the inputs are done.

    Args:
        total: bytes of the inputs; 0 when nobody knows.
        words: say the counts, after so many seconds; `judged` for the counts of a check.
        bar: draw a bar; otherwise a plain line is written once a minute.
    """
    if not bar:
        yield Plain(total, words).report
        return
    from rich.console import Console  # noqa: PLC0415 - only for a bar
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn("zhijian"), BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    # Without a thread that draws: a process with threads can't be copied safely for new workers.
    with Progress(
        *columns, console=Console(file=sys.stderr, force_terminal=True), auto_refresh=False, transient=True,
        redirect_stdout=False, redirect_stderr=False,
    ) as shown:  # fmt: skip
        task = shown.add_task("", total=total or None)
        began = time.monotonic()

        def report(counts: T, done: int) -> None:
            shown.update(task, completed=done, description=words(counts, time.monotonic() - began), refresh=True)

        shown.refresh()
        yield report


class Plain(Generic[T]):
    """Writes a line a minute."""

    def __init__(self, total: int, words: Callable[[T, float], str]) -> None:
        self._total, self._words = total, words
        self._began = self._said = time.monotonic()

    def report(self, counts: T, done: int) -> None:
        """Take note of the counts so far; write them when the last line is a minute old."""
        now = time.monotonic()
        if now - self._said < MINUTE:
            return
        self._said = now
        share = f"  {done * 100 // self._total} %" if self._total else ""
        sys.stderr.write(f"zhijian{share}  {self._words(counts, now - self._began)}\n")
        sys.stderr.flush()


def judged(lang: str) -> Callable[[Standing, float], str]:
    """Return how the counts of a check are said in a language; the rate is that of this run."""

    def words(standing: Standing, seconds: float) -> str:
        summary = standing.summary
        return phrase(
            lang, "progress", read=summary.read, rate=rate(summary.read - standing.earlier, seconds),
            breaches=summary.breaches, rejected=summary.rejected,
        )  # fmt: skip

    return words


def counted(items: Iterable[T], lang: str, *, bar: bool) -> Iterator[T]:
    """Yield records, and show how many there were; ten times a second at most."""

    def words(read: int, seconds: float) -> str:
        return phrase(lang, "records_read", read=read, rate=rate(read, seconds))

    with progress(0, words, bar=bar) as report:
        shown = 0.0
        for read, item in enumerate(items, 1):
            yield item
            now = time.monotonic()
            if now - shown >= _REDRAWN:
                report(read, 0)
                shown = now


def rate(count: int, seconds: float) -> int:
    """Return how many there are a second."""
    return round(count / seconds) if seconds > 0 else 0
