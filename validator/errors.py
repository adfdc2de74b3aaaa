"""What can be wrong with an input, as data: places, problems, the exceptions that carry them and the exit codes.

A `Problem` holds a code and values, never a finished sentence; `validator.messages` has the sentences. So a problem
can be sorted, compared, sent to another process and shown in either language.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

from validator.messages import LABELS, MESSAGES, SYSTEM_REASONS, UNPACKING_REASONS, Message, type_words

# What draws nothing or redraws its neighbours: controls, soft hyphen, zero-width and bidirectional characters, line
# separators, surrogates, byte order marks, tags. A terminal must not obey them and an eye can't see them.
INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f]"
)

_VALUE_LENGTH = 300  # characters of a quoted value that a message shows
_LINE_LENGTH = 200  # characters of a source line that a problem keeps
_BEFORE = 120  # of these, at most so many before the column
_WORD_LENGTH = 60  # longer words have no near neighbour: difflib takes quadratic time


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """A place in an input.

    Attributes:
        path: the file as the user named it, or ``-`` for standard input.
        line: line number from 1; 0 means the whole file.
        column: column in characters from 1; 0 means the whole line.
        pointer: JSON pointer of the value (RFC 6901) when the input is JSON.
    """

    path: str
    line: int = 0
    column: int = 0
    pointer: str = ""

    def __str__(self) -> str:
        """Return ``path:line:column`` as far as they are known."""
        parts = [visible(self.path)]
        if self.line:
            parts.append(str(self.line))
            if self.column:
                parts.append(str(self.column))
        return ":".join(parts)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or doubtful when `severity` is "warning".

    Attributes:
        code: stable word, the key of `validator.messages.MESSAGES`.
        place: where.
        values: (name, text) for the placeholders of the message. A name that ends in ``_zh`` or ``_en`` fills the
            placeholder without that ending in that language.
        line_text: the source line or the part of it around the column, at most 200 characters; "" if there is none.
        width: how many characters the caret underlines.
        severity: "error" or "warning".
        cut: how many characters of the source line stand before `line_text`.
    """

    code: str
    place: Place
    values: tuple[tuple[str, str], ...] = ()
    line_text: str = ""
    width: int = 1
    severity: str = "error"
    cut: int = 0

    def __lt__(self, other: "Problem") -> bool:
        """Order by place, then code, then what is left."""
        return self._key() < other._key()

    def _key(self) -> tuple[Place, str, tuple[tuple[str, str], ...], str]:
        return (self.place, self.code, self.values, self.severity)

    def message(self, lang: str) -> str:
        """Return the sentence: what was found, what was expected."""
        entry = MESSAGES.get(self.code)
        if entry is None:  # a test keeps this from happening; a missing sentence must not hide the problem
            return ", ".join(f"{k}={_quotable(v)}" for k, v in self.values) or self.code
        return _fill(entry.text(lang), self._values(lang))

    def help(self, lang: str) -> str:
        """Return the advice, or "" when there is none or one of its values is empty."""
        values = self._values(lang)
        for template in MESSAGES[self.code].help(lang) if self.code in MESSAGES else ():
            if all(values.get(name) for name in Message.placeholders(template)):
                return _fill(template, values)
        return ""

    def _values(self, lang: str) -> dict[str, str]:
        types = MESSAGES[self.code].types if self.code in MESSAGES else ()
        values = {n: _quotable(type_words(text, lang) if n in types else text) for n, text in self.values}
        ending = f"_{lang}"
        return values | {k.removesuffix(ending): v for k, v in values.items() if k.endswith(ending)}

    def render(self, lang: str) -> str:
        """Return the problem as lines of text, in `lang` "zh" or "en", without a final line end.

        ``path:line:column: code: found, expected``, the source line with a caret under the column, the JSON pointer
        and a line of help, each when there is one.
        """
        labels = LABELS[lang]
        severity = f" {labels['warning']}:" if self.severity == "warning" else ""
        lines = [f"{self.place}:{severity} {self.code}: {self.message(lang)}"]
        if self.line_text.strip() and self.place.column:
            lines += self._snippet()
        if self.place.pointer:
            lines.append(f"  {labels['at']}: {_quotable(self.place.pointer)}")
        advice = self.help(lang)
        if advice:
            lines.append(f"  {labels['help']}: {advice}")
        return "\n".join(lines)

    def _snippet(self) -> list[str]:
        start = max(self.place.column - 1 - self.cut, 0)
        before, marked, after = (
            visible(part)
            for part in (
                self.line_text[:start],
                self.line_text[start : start + self.width],
                self.line_text[start + self.width :],
            )
        )
        before = ("..." if self.cut else "") + before
        after += "..." if len(self.line_text) >= _LINE_LENGTH else ""
        carets = "^" * max(columns(marked), 1)
        gutter = f"{self.place.line:>5} | "
        empty = " " * (len(gutter) - 2) + "| "
        return [f"{gutter}{before}{marked}{after}".rstrip(), f"{empty}{' ' * columns(before)}{carets}"]

    def as_json(self, lang: str) -> dict[str, Any]:
        """Return the problem as plain data for JSON; the sentence in `lang`, the values as they are."""
        return {
            "code": self.code,
            "severity": self.severity,
            "path": visible(self.place.path),
            "line": self.place.line,
            "column": self.place.column,
            "pointer": _writable(self.place.pointer),
            "message": self.message(lang),
            "help": self.help(lang),
            "values": {name: _writable(text) for name, text in self.values},
        }


def problem_at(
    code: str, place: Place, line: str, values: Mapping[str, object] | None = None, *, width: int = 1,
    severity: str = "error", line_start: int = 0,
) -> Problem:  # fmt: skip
    """Make a problem that shows the line it stands in.

    Args:
        code: key of `validator.messages.MESSAGES`.
        place: where.
        line: the source line, without its end; it may begin later than the real line, see `line_start`.
        values: the values of the message.
        width: characters underlined; cut at the end of the line.
        severity: "error" or "warning".
        line_start: how many characters of the real line stand before `line`.
    """
    column = max(place.column - 1 - line_start, 0)
    first = max(column - _BEFORE, 0) if len(line) > _LINE_LENGTH else 0
    shown = line[first : first + _LINE_LENGTH]
    width = max(1, min(width, len(shown) - (column - first)))
    texts = tuple((name, str(value)) for name, value in (values or {}).items())
    return Problem(code, place, texts, shown, width, severity, line_start + first)


def system_reason(error: Exception) -> tuple[tuple[str, str], ...]:
    """Return, as values of a problem, why the system refused, in both languages as far as the reason is known.

    Of an error that is not the system's it is what the error says.
    """
    said = getattr(error, "strerror", None) or str(error)
    zh, en = SYSTEM_REASONS.get(getattr(error, "errno", None) or 0, (said, said))
    return (("reason_zh", zh), ("reason_en", en))


def unpacking_reason(said: str) -> tuple[tuple[str, str], ...]:
    """Return, as values of a problem, why packed data can't be unpacked, by what the library said that tried."""
    zh, en = next(reason for word, reason in UNPACKING_REASONS.items() if re.search(word, said))
    return (("reason_zh", zh), ("reason_en", en))


def too_many(place: Place, limit: int) -> Problem:
    """Return the last problem of a text that has more than `limit` problems."""
    return Problem("too-many-problems", place, (("limit", str(limit)),))


def visible(text: str) -> str:
    r"""Return `text` with invisible, control and bidirectional characters written as escapes (``\t``, ``\u202e``)."""
    return INVISIBLE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    named = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}.get(char)
    if named:
        return named
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"  # noqa: PLR2004 - end of the plane


def _writable(text: str) -> str:
    """Replace lone surrogates, which no encoder takes, by escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def columns(text: str) -> int:
    """Return how many terminal columns `text` takes: East Asian wide characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def _quotable(text: str) -> str:
    shown = visible(text[: _VALUE_LENGTH + 1])
    return shown if len(shown) <= _VALUE_LENGTH else shown[: _VALUE_LENGTH - 3] + "..."


class _Missing(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def _fill(template: str, values: Mapping[str, str]) -> str:
    return template.format_map(_Missing(values))


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that `word` was most likely meant to be, or None; the order of candidates has no effect."""
    if not word or len(word) > _WORD_LENGTH:
        return None
    known = sorted(set(candidates))
    folded = _folded(word)
    for candidate in known:
        if _folded(candidate) == folded:
            return candidate
    import difflib  # noqa: PLC0415 - most runs meet no unknown word

    close = difflib.get_close_matches(word, known, n=1)
    return close[0] if close else None


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold().replace("-", "_").replace(" ", "_")


EXIT_CODES: Mapping[int, Mapping[str, str]] = MappingProxyType(
    {
        0: {"zh": "没有违规", "en": "clean"},
        1: {
            "zh": "有达到 --fail-on 级别的违规，或步骤被拦截，或结论有变",
            "en": "a breach at or above --fail-on, a denied step, or findings that differ",
        },
        2: {"zh": "命令用法错误", "en": "wrong usage"},
        3: {"zh": "规则或者模板文件无效", "en": "policies or a template invalid"},
        4: {"zh": "部分输入被拒绝，或步骤需核对", "en": "some input rejected, or a step to review"},
        5: {"zh": "没有可判断的内容", "en": "nothing evaluated"},
        70: {"zh": "程序内部错误", "en": "a bug in this program"},
        74: {"zh": "输出失败", "en": "output failed"},
        130: {"zh": "被中断（Ctrl-C）", "en": "interrupted (Ctrl-C)"},
        143: {"zh": "被终止", "en": "terminated"},
    }
)
"""Every exit code of the command line with its meaning."""

EXIT_PRECEDENCE = (143, 130, 70, 2, 3, 74, 4, 1, 5, 0)
"""When several hold, the first of these is the one returned; a run that was stopped or broke says so first."""


def exit_code(codes: Iterable[int]) -> int:
    """Return the one exit code for a run in which all of `codes` hold; 0 when there is none."""
    return min(codes, key=EXIT_PRECEDENCE.index, default=0)


class ZhijianError(Exception):
    """An input, a usage or an output that can't be accepted. Carries problems only, so that it can be pickled.

    Attributes:
        exit_code: exit code of a command that ends with this error.
        problems: what is wrong, at least one.
    """

    exit_code: ClassVar[int] = 70

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        """Return the problems in English, as `Problem.render` gives them."""
        return "\n".join(problem.render("en") for problem in self.problems)


class InvalidSource(ZhijianError):  # noqa: N818 - these are the words of the interface
    """Bytes that can't be read at all: unreadable, no YAML, no JSON, or over a limit."""

    exit_code = 3


class InvalidPolicy(ZhijianError):  # noqa: N818
    """Policies, vocabulary, parameters or a calendar that break the record language."""

    exit_code = 3


class InvalidRecord(ZhijianError):  # noqa: N818
    """A case record that can't be judged."""

    exit_code = 4


class UsageError(ZhijianError):
    """A command or a call with arguments that make no sense."""

    exit_code = 2


class OutputFailed(ZhijianError):  # noqa: N818
    """A result that could not be written."""

    exit_code = 74
