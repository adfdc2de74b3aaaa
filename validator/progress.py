"""Shows on standard error how far a run is: a bar on a terminal, a line a minute elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from validator.engine import Summary
from validator.render import phrase

Report = Callable[[Summary, int], None]
MINUTE = 60.0


@contextmanager
def progress(total: int, lang: str, *, bar: bool) -> Iterator[Report]:
    """Give a function that is told the counts so far and how many bytes of the inputs are done.

    Args:
        total: bytes of the inputs; 0 when nobody knows.
        lang: "zh" or "en".
        bar: draw a bar; otherwise a plain line is written once a minute.
    """
    if not bar:
        yield Plain(total, lang).report
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

        def report(summary: Summary, done: int) -> None:
            words = _words(summary, time.monotonic() - began, lang)
            shown.update(task, completed=done, description=words, refresh=True)

        report(Summary(), 0)
        yield report


class Plain:
    """Writes a line a minute."""

    def __init__(self, total: int, lang: str) -> None:
        self._total, self._lang = total, lang
        self._began = self._said = time.monotonic()

    def report(self, summary: Summary, done: int) -> None:
        """Take note of the counts so far; write them when the last line is a minute old."""
        now = time.monotonic()
        if now - self._said < MINUTE:
            return
        self._said = now
        share = f"  {done * 100 // self._total} %" if self._total else ""
        sys.stderr.write(f"zhijian{share}  {_words(summary, now - self._began, self._lang)}\n")
        sys.stderr.flush()


def _words(summary: Summary, seconds: float, lang: str) -> str:
    rate = round(summary.read / seconds) if seconds > 0 else 0
    return phrase(
        lang, "progress", read=summary.read, rate=rate, breaches=summary.breaches, rejected=summary.rejected
    )  # fmt: skip
