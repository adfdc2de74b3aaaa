"""A run over many records: feeds chunks to workers, writes what they answer, and loses nothing on the way."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from validator.batch.chunk import Judge, JudgedChunk, Settings
from validator.batch.feed import CHUNK_BYTES, Chunk, chunks
from validator.batch.forms import problem_lines
from validator.batch.progress import Report, Standing
from validator.batch.sinks import Frame, Sink, require, sink
from validator.engine import Summary
from validator.errors import Problem
from validator.facts.context import Context
from validator.legal_time.instant import format_instant
from validator.output.publishing import opened_binary, probe
from validator.rules.program import Program
from validator.version import __version__

_OF_THIS_RUN = frozenset({"as_of", "context_digest"})
"""Of the header of a run, what changes from one to the next while findings may stand."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What a run reads and writes.

    Attributes:
        paths: inputs.
        stdin: standard input in binary; None when there is none.
        frame: form and header of the output.
        settings: how chunks are judged.
        output: where findings go; None is standard output.
        rejects: where refused records are listed; None is nowhere.
        checkpoint: folder in which the run notes what is done; None for none.
        resume: go on with what the checkpoint holds.
        keep: folder in which the findings of each record are kept for later runs; None for none.
        identity: what the bytes of the output depend on besides the input, for the checkpoint.
        workers: how many processes judge.
        chunk_bytes: size of a chunk.
    """

    paths: tuple[str, ...]
    stdin: BinaryIO | None
    frame: Frame
    settings: Settings
    output: str | None = None
    rejects: str | None = None
    checkpoint: str | None = None
    resume: bool = False
    keep: str | None = None
    identity: Mapping[str, Any] = field(default_factory=dict)
    workers: int = 1
    chunk_bytes: int = CHUNK_BYTES

    def feed(self) -> Iterator[Chunk]:
        """Cut the inputs into chunks."""
        return chunks(self.paths, self.stdin, self.settings.limits, self.chunk_bytes)


@dataclass(slots=True)
class Told:
    """What a run has told so far: counts of records and findings, and of findings that text leaves out."""

    summary: Summary = field(default_factory=Summary)
    folds: Counter[str] = field(default_factory=Counter)


def run_header(program: Program, settings: Settings, context_digest: str) -> dict[str, Any]:
    """Return what the header of findings says: version, digests of all that they rest on but the records, options."""
    options = settings.options
    return {
        "zhijian": __version__, "policy_digest": program.digest, "digests": dict(program.digests),
        "context_digest": context_digest, "waivers_digest": options.waivers.digest,
        "as_of": format_instant(settings.as_of), "assume_in_force": options.assume_in_force,
        "require_attestation": options.require_attestation,
        "ignore_unknown_events": settings.ignore_unknown_events, "select": sorted(options.select),
        "findings": "all" if settings.view.whole else "problems",
    }  # fmt: skip


def judge_of(program: Program, context: Context, settings: Settings) -> Judge:
    """Return what judges chunks as the settings want it."""
    if not settings.compiled:
        return Judge(program, context, settings)
    from validator.batch.quick import QuickJudge  # noqa: PLC0415 - a few records are judged before it is imported

    return QuickJudge(program, context, settings)


def _keeping(program: Program, context: Context, batch: Batch, folder: str) -> Judge:
    """Return what judges the chunks of a batch and keeps in a folder what it found."""
    from validator.batch.keeping import KeepingJudge  # noqa: PLC0415 - most runs keep nothing

    view = batch.frame.view
    identity = {name: value for name, value in batch.frame.header.items() if name not in _OF_THIS_RUN}
    identity |= {"output_format": view.form, "lang": view.lang}
    return KeepingJudge(program, context, batch.settings, folder, identity)


def run(
    program: Program, context: Context, batch: Batch, problems: tuple[Problem, ...],
    tell: Callable[[tuple[Problem, ...]], None], report: Report,
) -> Told:  # fmt: skip
    """Judge everything and publish the outputs; return the counts.

    Args:
        program: the rules.
        context: other records.
        batch: what to read and write.
        problems: problems of the context, which belong into a JSON document.
        tell: is given the problems of records as they come.
        report: is told how far the run is.

    Raises:
        UsageError: the checkpoint belongs to another run, or a package is missing for the form.
        OutputFailed: an output can't be written.
    """
    require(batch.frame.view.form)
    settings, folder = batch.settings, batch.keep
    judge = judge_of(program, context, settings) if folder is None else _keeping(program, context, batch, folder)
    told = Told()
    before = problem_lines(problems, batch.frame.view.lang) if batch.frame.view.form == "json" else b""

    def ends() -> tuple[Mapping[str, Any], Counter[str]]:
        return told.summary.as_json(program, batch.settings.options), told.folds

    run_on = _Run(batch, judge, told, tell, report)
    if batch.checkpoint is None:
        with _outputs(batch) as (findings, rejects):
            findings.add(b"", before)
            for answer, lines in run_on.answers(batch.feed()):
                findings.add(answer.output, lines)
                rejects.write(answer.rejects)
            findings.end(*ends())
    else:
        _run_with_checkpoint(batch, run_on, before, ends)
    judge.end()
    return told


def _run_with_checkpoint(
    batch: Batch, run_on: _Run, before: bytes, ends: Callable[[], tuple[Mapping[str, Any], Counter[str]]]
) -> None:
    for target in (batch.output, batch.rejects):
        probe(target)  # better now than at the end of the night
    from validator.batch.journal import Journal  # noqa: PLC0415 - most runs keep no journal

    with Journal(str(batch.checkpoint), batch.identity, resume=batch.resume) as journal:
        feed = batch.feed()
        consumed = 0
        for number in range(len(journal.done)):
            chunk = next(feed, None)
            done = journal.check(number, chunk)
            run_on.add(done.summary, done.folds)
            consumed = chunk.consumed if chunk is not None else 0
        run_on.earlier = run_on.told.summary.read
        run_on.show(consumed)  # only once, so that rate and time left are those of this run
        digests: dict[int, str] = {}
        for answer, lines in run_on.answers(_digested(feed, digests)):
            journal.append(digests.pop(answer.number), answer, lines)
        with _outputs(batch) as (findings, rejects):
            findings.add(b"", before)
            for output, refused, lines in journal.pieces():
                findings.add(output, lines)
                rejects.write(refused)
            findings.end(*ends())
        journal.remove()


def _digested(feed: Iterator[Chunk], digests: dict[int, str]) -> Iterator[Chunk]:
    for chunk in feed:
        digests[chunk.number] = chunk.digest()
        yield chunk


@contextlib.contextmanager
def _outputs(batch: Batch) -> Iterator[tuple[Sink, BinaryIO]]:
    """Open the outputs, each to be published whole; refused records that nobody wants go nowhere."""
    with contextlib.ExitStack() as stack:
        findings = stack.enter_context(opened_binary(batch.output))
        rejects = stack.enter_context(opened_binary(batch.rejects or os.devnull))
        yield sink(findings, batch.frame), rejects


@dataclass(slots=True)
class _Run:
    """Judges chunks and keeps the accounts; ``earlier``: how many of the records an earlier run has read."""

    batch: Batch
    judge: Judge
    told: Told
    tell: Callable[[tuple[Problem, ...]], None]
    report: Report
    earlier: int = 0

    def answers(self, feed: Iterator[Chunk]) -> Iterator[tuple[JudgedChunk, bytes]]:
        """Yield what comes of chunks, with the JSON lines of their problems when the form wants them."""
        sent: dict[int, tuple[int, int]] = {}
        view = self.batch.frame.view
        for answer in self._judged(_noted(feed, sent)):
            size, consumed = sent.pop(answer.number)
            if size != answer.summary.read + answer.blank:
                raise RuntimeError(f"records lost: {size} sent, {answer.summary.read} + {answer.blank} came back")
            self.tell(answer.problems)
            errors = [p for p in answer.problems if p.severity == "error"]
            yield answer, problem_lines(errors, view.lang) if view.form == "json" else b""
            self.add(answer.summary, answer.folds)
            self.show(consumed)
        if sent or self.told.summary.read != self.told.summary.judged + self.told.summary.rejected:
            raise RuntimeError(f"records lost: {self.told.summary}, {len(sent)} chunks without an answer")

    def _judged(self, chunks: Iterator[Chunk]) -> Iterator[JudgedChunk]:
        """Yield what comes of chunks; one worker is this process itself."""
        if self.batch.workers == 1:
            return map(self.judge, chunks)
        from validator.batch.pool import judged  # noqa: PLC0415 - one process needs none of the machinery for several

        return judged(chunks, self.judge, self.batch.settings, self.batch.workers)

    def add(self, summary: Summary, folds: Counter[str]) -> None:
        """Add up."""
        self.told.summary.merge(summary)
        self.told.folds.update(folds)

    def show(self, consumed: int) -> None:
        """Show how far the run is: so many bytes of the inputs are done."""
        self.report(Standing(self.told.summary, self.earlier), consumed)


def _noted(feed: Iterator[Chunk], sent: dict[int, tuple[int, int]]) -> Iterator[Chunk]:
    for chunk in feed:
        sent[chunk.number] = len(chunk), chunk.consumed
        yield chunk
