"""Puts the outputs of chunks together: a header before them, a summary behind them."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, BinaryIO, Protocol, cast

from validator.batch import forms
from validator.batch.forms import COLUMNS, View, csv_line
from validator.errors import Place, Problem, UsageError
from validator.output.printing import Printer
from validator.output.publishing import TEMPORARY, json_line, reported
from validator.output.render import MOST_NORMS, summary_lines, summary_table
from validator.output.seal import Seal, Sealing
from validator.reading.source import BOM

GROUP_ROWS = 8192  # rows of a row group of Parquet
_MEMORY = 1 << 20  # bytes of problems kept in memory; more go to a temporary file


class Sink(Protocol):
    """Writes one output from its beginning to its end."""

    def add(self, output: bytes, problems: bytes) -> None:
        """Add the output of a chunk, and the JSON lines of its problems."""

    def end(self, summary: Mapping[str, Any], folds: Counter[str]) -> None:
        """Write what stands at the end."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a sink writes besides findings.

    Attributes:
        view: the form, and how it is shown.
        header: versions, digests and the moment of judgement; plain data.
        moment: the moment of judgement, as text shows it.
        mark: begin CSV with a byte order mark, by which Excel knows UTF-8.
        labels: what the figures and tables of the rule set are called, by names such as ``param.x``.
    """

    view: View
    header: Mapping[str, Any]
    moment: str = ""
    mark: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)


def sink(stream: BinaryIO, frame: Frame) -> Sink:
    """Begin an output of the form of a frame."""
    return _SINKS[frame.view.form](stream, frame)


def require(form: str) -> None:
    """Raise `UsageError` when the package that a form needs is not installed."""
    if form != "parquet":
        return
    try:
        import pyarrow.parquet  # noqa: F401, PLC0415 - an extra
    except ImportError:
        values = (("suffix", form), ("package", "pyarrow"), ("extra", "parquet"))
        raise UsageError(Problem("needs-extra", Place("--output-format"), values)) from None


def counted_lines(frame: Frame, summary: Mapping[str, Any], folds: Mapping[str, int]) -> list[str]:
    """Return the sentences that say what was read and found, without the table."""
    view = frame.view
    folding = view.form == "text" and not view.whole
    most = 0 if view.whole else MOST_NORMS
    return list(summary_lines(summary, folds if folding else {}, frame.labels, frame.moment, view.lang, most))


@dataclass(slots=True)
class _Plain:
    """One output behind the other, with what the form has between them."""

    stream: BinaryIO
    frame: Frame
    begun: bool = False

    def add(self, output: bytes, problems: bytes) -> None:
        del problems
        if output:
            self.stream.write(self.frame.view.separator if self.begun else b"")
            self.stream.write(output)
            self.begun = True

    def end(self, summary: Mapping[str, Any], folds: Counter[str]) -> None:
        """Nothing stands at the end."""


class _Text(_Plain):
    def end(self, summary: Mapping[str, Any], folds: Counter[str]) -> None:
        lines = io.StringIO()
        printer = Printer(lines, self.frame.view.width)
        printer.line()
        for row in summary_table(summary, self.frame.view.lang):
            printer.line(row)
        printer.line()
        for line in counted_lines(self.frame, summary, folds):
            printer.sentence(line)
        self.stream.write(_bytes(lines.getvalue()))


class _Lines(_Plain):
    """One JSON value a line, sealed at the end: whoever changes a line, or leaves one out, breaks the seal."""

    def __init__(self, stream: BinaryIO, frame: Frame) -> None:
        self._seal = Seal()
        super().__init__(cast("BinaryIO", Sealing(stream, self._seal)), frame)
        self.stream.write(_bytes(json_line({"header": frame.header}) + "\n"))

    def end(self, summary: Mapping[str, Any], folds: Counter[str]) -> None:
        del folds
        self.stream.write(_bytes(json_line({"summary": {**summary, "seal": self._seal.closed(summary)}}) + "\n"))


class _Document(_Plain):
    """One JSON value. Problems stand behind the findings, so they wait in a temporary file."""

    def __init__(self, stream: BinaryIO, frame: Frame) -> None:
        import tempfile  # noqa: PLC0415 - other forms keep nothing for the end

        super().__init__(stream, frame)
        self._problems = tempfile.SpooledTemporaryFile(_MEMORY)  # noqa: SIM115 - closed at the end
        stream.write(_bytes('{"header": ' + json_line(frame.header) + ',\n "findings": ['))

    def add(self, output: bytes, problems: bytes) -> None:
        if output and not self.begun:
            self.stream.write(b"\n  ")
        super().add(output, problems)
        if problems:
            with reported(TEMPORARY):
                self._problems.write(b", " if self._problems.tell() else b"")
                self._problems.write(problems.rstrip(b"\n").replace(b"\n", b", "))

    def end(self, summary: Mapping[str, Any], folds: Counter[str]) -> None:
        del folds
        self.stream.write(b'\n ],\n "problems": [')
        with reported(TEMPORARY), self._problems as problems:
            problems.seek(0)
            while piece := problems.read(_MEMORY):
                self.stream.write(piece)
        self.stream.write(_bytes('],\n "summary": ' + json_line(summary) + "}\n"))


class _Csv(_Plain):
    def __init__(self, stream: BinaryIO, frame: Frame) -> None:
        super().__init__(stream, frame)
        stream.write((BOM if frame.mark else b"") + _bytes(csv_line(COLUMNS)))


class _Parquet:
    """Row groups of one size, whatever the chunks; header and summary are metadata of the file."""

    def __init__(self, stream: BinaryIO, frame: Frame) -> None:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        import pyarrow.parquet as pq  # noqa: PLC0415

        self._arrow = pa
        self._schema = forms.arrow_schema({"zhijian.header": json_line(frame.header)})
        self._target = pa.PythonFile(stream, mode="w")
        self._writer = pq.ParquetWriter(self._target, self._schema)
        self._waiting: list[Any] = []
        self._rows = 0

    def add(self, output: bytes, problems: bytes) -> None:
        del problems
        source = self._arrow.BufferReader(output)
        while source.tell() < len(output):
            batches = list(self._arrow.ipc.open_stream(source))
            self._waiting += batches
            self._rows += sum(len(b) for b in batches)
        if self._rows >= GROUP_ROWS:
            self._write(GROUP_ROWS)

    def end(self, summary: Mapping[str, Any], folds: Counter[str]) -> None:
        del folds
        self._write(1)
        self._writer.add_key_value_metadata({"zhijian.summary": json_line(summary)})
        self._writer.close()

    def _write(self, least: int) -> None:
        table = self._arrow.Table.from_batches(self._waiting, forms.arrow_schema()) if self._waiting else None
        while table is not None and len(table) >= least:
            group = table.slice(0, GROUP_ROWS).replace_schema_metadata(self._schema.metadata)
            self._writer.write_table(group, row_group_size=GROUP_ROWS)
            table = table.slice(GROUP_ROWS)
        self._waiting = table.to_batches() if table is not None and len(table) else []
        self._rows = sum(len(b) for b in self._waiting)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


_SINKS: Mapping[str, Callable[[BinaryIO, Frame], Sink]] = MappingProxyType(
    {"text": _Text, "json": _Document, "ndjson": _Lines, "csv": _Csv, "parquet": _Parquet}
)
