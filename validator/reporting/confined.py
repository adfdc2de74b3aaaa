"""Renders one template of a user, in a process of its own: a request comes on standard input, the answer goes out.

Request: ``{folder, name, view, lang}``; answer: ``{text}`` (of a Word document in base64) or ``{problems}``.
Jinja's sandbox keeps a template from everything but the view; the system's limits of time and memory end what
the sandbox does not notice.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import sys
import traceback
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
)
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from validator.errors import Place, Problem, ZhijianError, nearest, problem_at
from validator.reading.source import Source, decode, read_bytes
from validator.reporting.template import environment
from validator.reporting.word import fill
from validator.resources import resource_dir

MAX_TEMPLATE = 1 << 20
"""Bytes of a template file; of a Word document ten times as many."""
MAX_OUTPUT = 1 << 25
"""Characters that a template may make, and that one product of a text and a number may have."""
MAX_POWER = 1000
CPU_SECONDS = 6
MEMORY = 1 << 30
WORD = ".docx"


class TooLarge(Exception):  # noqa: N818 - named after what happened
    """More text, or a larger number, than a report can need."""


class UnknownName(UndefinedError):  # noqa: N818 - named after what happened
    """A name that is not in the view, with what there is beside it."""

    def __init__(self, message: str, name: str, known: frozenset[str]) -> None:
        super().__init__(message)
        self.name, self.known = name, known


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, in which a product can't grow without limit."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Work out a product or a power.

        Raises `TooLarge` before it would become larger than a report can need.
        """
        if operator == "**" and isinstance(right, int | float) and abs(right) > MAX_POWER:
            raise TooLarge
        for many, times in ((left, right), (right, left)):
            if isinstance(many, str | list | tuple) and isinstance(times, int) and len(many) * times > MAX_OUTPUT:
                raise TooLarge
        return super().call_binop(context, operator, left, right)


class OwnLoader(BaseLoader):
    """Loads templates from a folder and from nowhere else, also by links."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:  # noqa: ARG002 - Jinja's
        """Return the text of a template, its path, and that it stays as it is."""
        path = own_path(self.folder, template)
        return decode(read_bytes(str(path), MAX_TEMPLATE), str(path)), str(path), lambda: True


def own_path(folder: Path, name: str) -> Path:
    """Return the path of a template in a folder.

    Raises `TemplateNotFound` when it isn't there, or would lie outside.
    """
    path = folder / name
    if "\\" in name or not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
        raise TemplateNotFound(name)
    return path


def main() -> None:
    """Answer the request on standard input."""
    _limit()
    json.dump(answer(json.load(sys.stdin)), sys.stdout)


def _limit() -> None:
    with contextlib.suppress(
        ImportError, ValueError, OSError
    ):  # Windows has no such limits; the caller's clock remains
        import resource  # noqa: PLC0415 - see above

        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer to a request, whatever happens in the template."""
    folder, name, view = Path(request["folder"]), request["name"], request["view"]
    try:
        return {"text": _rendered(folder, name, view, request["lang"])}
    except ZhijianError as error:
        return {"problems": [asdict(p) for p in error.problems]}
    except Exception as error:  # noqa: BLE001 - a template can make Python raise anything
        return {"problems": [asdict(_problem(error, folder, name))]}


def _rendered(folder: Path, name: str, view: Mapping[str, Any], lang: str) -> str:
    shipped = FileSystemLoader(resource_dir("reports"))
    loader = ChoiceLoader([OwnLoader(str(folder)), shipped, PrefixLoader({"shipped": shipped})])
    surroundings = environment(loader, name, lang, Sandbox)
    surroundings.undefined = _undefined(frozenset({*view, "lang", "version"}))
    if name.endswith(WORD):
        path = folder / name if (folder / name).exists() else resource_dir("reports") / name
        return base64.b64encode(fill(read_bytes(str(path), MAX_TEMPLATE * 10), view, surroundings)).decode()
    parts, length = [], 0
    for part in surroundings.get_template(name).generate(view):
        parts.append(part)
        length += len(part)
        if length > MAX_OUTPUT:
            raise TooLarge
    return "".join(parts)


def _undefined(names: frozenset[str]) -> type[StrictUndefined]:
    """Return Jinja's class of what is not there, so that its error knows the name and what there is instead."""

    class Undefined(StrictUndefined):
        __slots__ = ()

        def __init__(
            self, hint: str | None = None, obj: Any = missing, name: str | None = None, exc: Any = UndefinedError
        ) -> None:
            super().__init__(hint, obj, name, exc)
            if exc is UndefinedError and name is not None:
                known = names if obj is missing else frozenset(map(str, obj)) if isinstance(obj, Mapping) else NOTHING
                error: Any = partial(UnknownName, name=str(name), known=known)
                self._undefined_exception = error

    return Undefined


NOTHING: frozenset[str] = frozenset()


# -- what went wrong ---------------------------------------------------------------------------------------------------
def _problem(error: Exception, folder: Path, name: str) -> Problem:
    """Return what a user is told of an error, at the line of the template where it came up."""
    path, line = _place(error, folder, name)
    code, values = _told(error, word=name.endswith(WORD))
    place = Place(path, line)
    if not line:
        return Problem(code, place, values)
    text = Source(path, decode(read_bytes(path, MAX_TEMPLATE), path)).line(line)
    wrong = dict(values).get("name", "")
    column = text.find(wrong) + 1 if wrong else 0
    return problem_at(code, Place(path, line, column), text, dict(values), width=len(wrong))


def _told(error: Exception, *, word: bool) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the code and the values of the message for an error."""
    match error:
        case UnknownName():
            return "template-name", (("name", error.name), ("nearest", nearest(error.name, error.known) or ""),
                                     ("words", ", ".join(sorted(error.known))))  # fmt: skip
        case TemplateNotFound():
            return "template-missing", (("name", str(error.name)),)
        case TemplateSyntaxError():
            return "template-syntax", _reasons(error.message or "")
        case SecurityError():
            return "template-refused", _reasons(str(error))
        case TooLarge() | OverflowError() | MemoryError():
            return "template-too-large", ()
        case RecursionError():
            return "template-too-deep", ()
        case zipfile.BadZipFile() | KeyError() | ValueError() | SyntaxError() if word:
            return "template-no-word", ()
        case _:
            return "template-failed", _reasons(str(error))


def _place(error: Exception, folder: Path, name: str) -> tuple[str, int]:
    """Return the template and the line in which an error came up; of a Word document there are no lines."""
    whole = str(folder / name)
    if name.endswith(WORD):
        return whole, 0
    if isinstance(error, TemplateSyntaxError):
        return error.filename or whole, error.lineno
    inside = (str(folder), str(resource_dir("reports")))
    frames = [
        (frame.f_code.co_filename, number)
        for frame, number in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename.startswith(inside)
    ]
    return frames[-1] if frames else (whole, 0)


_REASONS: tuple[tuple[str, str], ...] = (
    (r"Encountered unknown tag '(.*?)'.*", r"没有“\1”这个标签"),
    (r"Unexpected end of template\..*", r"模板没有写完，缺少结束的标签"),
    (r"expected token '(.*?)', got '(.*?)'", r"应为“\1”，却是“\2”"),
    (r"unexpected '(.*?)'", r"不应有“\1”"),
    (r"unexpected char (.*) at \d+", r"不应有字符 \1"),
    (r"No filter named '(.*?)'.*", r"没有名为“\1”的过滤器"),
    (r"No test named '(.*?)'.*", r"没有名为“\1”的测试"),
    (r"Missing end of .*", r"缺少结束的标签"),
    (r"unexpected end of .*", r"没有写完"),
    (r"block '(.*?)' defined twice", r"“\1”这个块写了两次"),
    (r"access to attribute '(.*?)' of .* is unsafe\.", r"读取“\1”"),
    (r".* is not safely callable", "调用这个函数"),
    (r"division by zero", "除数是零"),
    (r".* object is not callable", "这不是可以调用的"),
    (r".* object is not iterable", "这里需要一个列表"),
    (r"object of type .* has no len\(\)", "这里需要一个列表或者文字"),
    (r"unsupported operand type.*|can only concatenate .*|.* not supported between instances of .*", "两边的种类不同"),
)


def _reasons(message: str) -> tuple[tuple[str, str], ...]:
    """Return what Jinja or Python says of an error, in both languages as far as it is known."""
    for pattern, chinese in _REASONS:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            return (("reason_zh", found.expand(chinese)), ("reason_en", message))
    return (("reason_zh", message), ("reason_en", message))
