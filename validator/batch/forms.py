"""The forms of output: what was found in a few records, as bytes that can be put one behind the other."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

from validator.engine import RecordResult
from validator.errors import Problem
from validator.judging.finding import IN_ORDER, Finding
from validator.output.printing import Printer
from validator.output.publishing import json_line
from validator.output.render import MOST_POINTERS, folded

FORMS = ("text", "json", "ndjson", "csv", "parquet")
IN_PIECES = frozenset({"json", "ndjson", "csv"})
"""Those of which a part is written as it is, whatever is written beside it."""

# Name and type of every column of a table, in order. Moments stay text: they may be coarse, or bounds.
COLUMNS: Mapping[str, Literal["text", "number", "day", "flag"]] = MappingProxyType(
    {
        "record": "text", "record_type": "text", "article": "number", "norm": "text", "key": "text", "verdict": "text",
        "level": "text", "entity": "text", "trigger": "text", "started": "text", "due_day": "day", "due": "text",
        "decided_at": "text", "breach_at": "text", "late_working_days": "number", "late_calendar_days": "number",
        "missing": "text", "asks": "text", "title": "text", "path": "text", "line": "number",
        "provisional": "flag",
    }
)  # fmt: skip
_JOIN = "; "
_NAME = re.compile(r"[(（〔]?[^\W_][\w()（）〔〕.:/-]*")  # of most cases and things; every form writes it as it is
_FORMULA = re.compile(r"[=+\-@\t\r]")  # what a spreadsheet would take for the beginning of a formula


@dataclass(frozen=True, slots=True)
class View:
    """How findings are shown.

    Attributes:
        form: one of `FORMS`.
        lang: "zh" or "en".
        whole: show every finding, not only those that somebody has to look at.
        width: columns of the terminal on which text is shown; 0 when there is none.
    """

    form: str = "text"
    lang: str = "zh"
    whole: bool = False
    width: int = 0

    @property
    def separator(self) -> bytes:
        """The bytes between the outputs of two chunks, if both have any."""
        return b",\n  " if self.form == "json" else b"\n" if self.form == "text" and self.width else b""

    def shows(self, finding: Finding) -> bool:
        """Say whether a finding is listed or only counted."""
        return self.whole or finding.verdict not in IN_ORDER


def joined(pieces: Iterable[bytes], view: View) -> bytes:
    """Put outputs one behind the other."""
    return view.separator.join(piece for piece in pieces if piece)


def encode(results: Sequence[RecordResult], view: View) -> bytes:
    """Return what is shown of some records in the form of a view; it may be empty."""
    return _ENCODERS[view.form](results, view)


def stands(text: str, form: str) -> bool:
    """Say whether a form writes a text as it is, wherever it stands in it."""
    if _NAME.fullmatch(text):
        return True
    if form == "csv":
        return csv_line((text,)) == f"{text}\r\n"
    return json_line(text) == f'"{text}"'


def problem_lines(problems: Iterable[Problem], lang: str) -> bytes:
    """Return problems as JSON, one a line."""
    return b"".join(_bytes(json_line(p.as_json(lang))) + b"\n" for p in problems)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _text(results: Sequence[RecordResult], view: View) -> bytes:
    stream = io.StringIO()
    printer = Printer(stream, view.width)
    for result in results:
        shown = [f for f in result.findings if view.shows(f) and (view.whole or not folded(f))]
        printer.findings(shown, result.path, result.line, view.lang, 0 if view.whole else MOST_POINTERS)
    return _bytes(stream.getvalue())


def _placed(result: RecordResult, view: View) -> Iterator[dict[str, Any]]:
    for finding in result.findings:
        if view.shows(finding):
            yield {**finding.as_json(), "path": result.path, "line": result.line}


def _json(results: Sequence[RecordResult], view: View) -> bytes:
    return joined((_bytes(json_line(f)) for r in results for f in _placed(r, view)), view)


def _ndjson(results: Sequence[RecordResult], view: View) -> bytes:
    lines: list[str] = []
    for result in results:
        lines += [json_line({"finding": f}) for f in _placed(result, view)]
        if result.rejected:
            lines.append(json_line({"rejected": [p.as_json(view.lang) for p in result.problems]}))
    return b"".join(_bytes(line) + b"\n" for line in lines)


# -- tables -----------------------------------------------------------------------------------------------------------
def rows(results: Iterable[RecordResult], view: View) -> Iterator[tuple[Any, ...]]:
    """Yield a row of `COLUMNS` for every finding; a day or number that there is none of is None."""
    for result in results:
        for finding in result.findings:
            if view.shows(finding):
                yield _row(finding, result, view.lang)


def _row(finding: Finding, result: RecordResult, lang: str) -> tuple[Any, ...]:
    entity = "+".join("?" if i is None else i for i in finding.entities.values() if i != finding.record)
    late = finding.late_by
    return (
        finding.record, finding.record_type, finding.article, finding.norm, finding.key, str(finding.verdict),
        finding.level, entity, finding.trigger, finding.started,
        date.fromisoformat(finding.due_day) if finding.due_day else None, finding.due, finding.decided_at,
        finding.breach_at, late and late.working_days, late and late.calendar_days, _JOIN.join(finding.missing),
        _JOIN.join(finding.asks), finding.title.text(lang), result.path, result.line,
        "provisional" in finding.flags,
    )  # fmt: skip


def csv_line(cells: Iterable[Any]) -> str:
    r"""Return a line of CSV (RFC 4180, so it ends with ``\r\n``) that no spreadsheet takes for formulas.

    Flags are ``true`` and ``false``.
    """
    stream = io.StringIO()
    csv.writer(stream).writerow(map(_cell, cells))
    return stream.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def _csv(results: Sequence[RecordResult], view: View) -> bytes:
    return b"".join(_bytes(csv_line(row)) for row in rows(results, view))


def arrow_schema(metadata: Mapping[str, str] | None = None) -> Any:
    """Return the columns as Arrow knows them; needs pyarrow."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    types = {"text": pa.string(), "number": pa.int64(), "day": pa.date32(), "flag": pa.bool_()}
    return pa.schema([pa.field(name, types[kind]) for name, kind in COLUMNS.items()], metadata=metadata)


def _arrow(results: Sequence[RecordResult], view: View) -> bytes:
    """Return the rows as one Arrow stream."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    columns = list(zip(*rows(results, view), strict=True))
    if not columns:
        return b""
    schema = arrow_schema()
    clean = [[_bytes(c).decode() if isinstance(c, str) else c for c in column] for column in columns]
    batch = pa.record_batch([pa.array(c, f.type) for c, f in zip(clean, schema, strict=True)], schema=schema)
    stream = io.BytesIO()
    with pa.ipc.new_stream(stream, schema) as writer:
        writer.write_batch(batch)
    return stream.getvalue()


_ENCODERS: Mapping[str, Callable[[Sequence[RecordResult], View], bytes]] = MappingProxyType(
    {"text": _text, "json": _json, "ndjson": _ndjson, "csv": _csv, "parquet": _arrow}
)
