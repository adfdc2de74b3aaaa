"""Workers that judge chunks side by side: results in the order of the chunks, whatever happens to a worker."""

from __future__ import annotations

import contextlib
import mmap
import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from validator.batch.chunk import JudgedChunk, Settings, give_up, join
from validator.batch.feed import Chunk
from validator.errors import Place, Problem, UsageError, system_reason

Judging = Callable[[Chunk], JudgedChunk]

AHEAD = 4  # chunks a worker that may be under way or wait for an earlier one; bounds the memory of the parent
AT_HAND = 2  # chunks that a worker has: it begins the second while what came of the first is put away
PLACE_BYTES = 1 << 20  # of the memory for the data of one chunk; longer data go through the pipe
TRIES = 2  # workers a chunk may cost before it is divided
_COPIES = sys.platform == "linux"  # a copy of this process has the program; elsewhere copying is unsafe: it is sent
_PATIENCE = 5  # seconds that a worker gets to end when it is told to


class WorkerFailed(RuntimeError):  # noqa: N818 - a bug in a worker, told with its own words
    """A worker met an exception, which is a bug: nothing that is read may raise one."""


def judged(chunks: Iterable[Chunk], judge: Judging, settings: Settings, workers: int) -> Iterator[JudgedChunk]:
    """Yield what comes of chunks, in their order.

    A worker that dies is replaced and its chunk tried again; a chunk that kills twice is divided until the record that
    does it is alone, and that record is rejected.
    """
    pool = _Pool(judge, settings, workers)
    try:
        yield from pool.run(iter(chunks))
    finally:
        pool.close()


@dataclass(slots=True)
class _Task:
    """A chunk, or a part of one, on its way."""

    chunk: Chunk
    deaths: int = 0
    done: JudgedChunk | None = None
    parts: tuple[_Task, _Task] | None = None

    def result(self, settings: Settings) -> JudgedChunk | None:
        """Return what came of it, when all of it is done."""
        if self.parts is not None and self.done is None:
            first, second = (part.result(settings) for part in self.parts)
            if first is not None and second is not None:
                self.done = join(first, second, settings)
                self.done.summary.content = self.chunk.content()
        return self.done


class _Desk:
    """Memory that the parent shares with one worker: a place for the data of each chunk that the worker has.

    Through a pipe, which holds less than a chunk, either side would wait for the other again and again.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, AT_HAND * PLACE_BYTES) if _COPIES else None
        self._next = 0

    def put(self, chunk: Chunk) -> tuple[Chunk, int, int]:
        """Return what to send for a chunk: it, and where its data begin and end, or they are in it."""
        size = len(chunk.data)
        if self._memory is None or size > PLACE_BYTES:
            return chunk, 0, 0
        begin, self._next = self._next * PLACE_BYTES, (self._next + 1) % AT_HAND
        self._memory[begin : begin + size] = chunk.data
        return replace(chunk, data=b""), begin, begin + size

    def take(self, sent: tuple[Chunk, int, int]) -> Chunk:
        """Return the chunk for which this was sent."""
        chunk, begin, end = sent
        return chunk if self._memory is None or begin == end else replace(chunk, data=self._memory[begin:end])


@dataclass(slots=True)
class _Worker:
    """A process, and the chunks that it has: it works on the first."""

    process: BaseProcess
    pipe: Connection
    desk: _Desk
    tasks: deque[_Task] = field(default_factory=deque)

    def give(self, task: _Task) -> None:
        """Send a chunk; raises OSError when the process has died."""
        self.tasks.append(task)
        self.pipe.send(self.desk.put(task.chunk))


@dataclass(slots=True)
class _Pool:
    judge: Judging
    settings: Settings
    size: int
    workers: list[_Worker] = field(default_factory=list)
    waiting: deque[_Task] = field(default_factory=deque)  # to be tried again, or parts

    def run(self, chunks: Iterator[Chunk]) -> Iterator[JudgedChunk]:
        """Keep every worker busy and yield results as soon as all before them are there."""
        order: deque[_Task] = deque()
        more = True
        while more or order:
            while more and len(order) < self.size * AHEAD and self._has_free() and not self.waiting:
                chunk = next(chunks, None)
                more = chunk is not None
                if chunk is not None:
                    order.append(_Task(chunk))
                    self.waiting.append(order[-1])
                self._hand_out()
            self._hand_out()
            if any(worker.tasks for worker in self.workers):
                self._collect()
            while order and (result := order[0].result(self.settings)) is not None:
                order.popleft()
                yield result

    def close(self) -> None:
        """End all workers, also those that are in the middle of something."""
        for worker in self.workers:
            worker.process.terminate()
            worker.pipe.close()
        for worker in self.workers:
            worker.process.join(_PATIENCE)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
        self.workers.clear()

    def _has_free(self) -> bool:
        """Say whether a worker may have more, or there may be more workers."""
        return len(self.workers) < self.size or any(len(worker.tasks) < AT_HAND for worker in self.workers)

    def _next_free(self) -> _Worker | None:
        """Return the worker that has least to do, if it may have more; a new one if all work and there may be more."""
        if len(self.workers) < self.size and all(worker.tasks for worker in self.workers):
            self._add()
        worker = min(self.workers, key=lambda w: len(w.tasks))
        return worker if len(worker.tasks) < AT_HAND else None

    def _hand_out(self) -> None:
        while self.waiting and (worker := self._next_free()) is not None:
            try:
                worker.give(self.waiting.popleft())
            except OSError:  # it died between two chunks
                self._replace(worker)

    def _collect(self) -> None:
        """Wait until a worker has something to say, or has died."""
        ready = set(wait([worker.pipe for worker in self.workers]))
        for worker in [w for w in self.workers if w.pipe in ready]:
            try:
                answer = worker.pipe.recv()
            except (EOFError, OSError):
                self._replace(worker)
                continue
            if isinstance(answer, str):
                raise WorkerFailed(answer)
            worker.tasks.popleft().done = answer

    def _replace(self, worker: _Worker) -> None:
        """Start another worker for one that died; what it worked on is suspect, what it only had at hand is not."""
        worker.pipe.close()
        worker.process.join()
        self.workers.remove(worker)
        self.waiting.extendleft(reversed(worker.tasks))
        if worker.tasks:
            self._again(self.waiting.popleft())
        self._add()

    def _again(self, task: _Task) -> None:
        """Try what a worker was lost on once more; after that divide it, or give it up when it is one record."""
        task.deaths += 1
        if task.deaths < TRIES:
            self.waiting.appendleft(task)
        elif len(task.chunk) > 1:
            first, second = task.chunk.halves()
            task.parts = (_Task(first, TRIES - 1), _Task(second, TRIES - 1))
            self.waiting.extendleft(reversed(task.parts))
        else:
            task.done = give_up(task.chunk, self.settings)

    def _add(self) -> None:
        """Start a worker; where the system has no room for one more those that there are do the work.

        Raises `UsageError` when there are none.
        """
        try:
            self.workers.append(self._start())
        except OSError as error:
            self.size = len(self.workers)
            if not self.workers:
                raise UsageError(Problem("no-process", Place("-j"), system_reason(error))) from error

    def _start(self) -> _Worker:
        context: Any = multiprocessing.get_context("fork" if _COPIES else "spawn")
        ours, theirs = context.Pipe()
        others = [*(worker.pipe for worker in self.workers), ours] if _COPIES else []
        desk = _Desk()
        process = context.Process(target=_work, args=(theirs, self.judge, desk, others), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours, desk)


def _work(pipe: Connection, judge: Judging, desk: _Desk, others: list[Connection]) -> None:
    """Judge chunks until there are no more; an exception is answered as text."""
    for name in ("SIGINT", "SIGHUP"):  # Ctrl-C and a closed terminal are for the parent, which ends the workers
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in others:  # so that the end of the parent is the end of every pipe
        other.close()
    with contextlib.suppress(EOFError, OSError):
        while True:
            chunk = desk.take(pipe.recv())
            try:
                answer: JudgedChunk | str = judge(chunk)
            except Exception as error:  # noqa: BLE001 - said in the parent
                answer = f"{type(error).__name__}: {error}"
            pipe.send(answer)
