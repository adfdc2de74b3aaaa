"""Wrong usage in Chinese: click says it in English only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import click

from validator.errors import nearest, visible
from validator.output.phrases import PHRASES, phrase

_SENTENCES = ("choice", "choices", "range", "kind", "extra", "extras", "flag", "argument", "command", "no_command")
_KINDS = {"integer": "整数", "integer range": "整数", "float": "数字", "float range": "数字", "boolean": "是否值"}
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")


def told(error: click.ClickException) -> Iterator[str]:
    """Yield what is wrong in Chinese, as click shows it: how the command is used, where there is more, the mistake."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        pieces = " ".join(context.command.collect_usage_pieces(context))
        yield phrase("zh", "usage.line", command=context.command_path, pieces=pieces)
        yield phrase("zh", "usage.more", command=context.command_path)
        yield ""
    yield phrase("zh", "usage.error", message=visible(_message(error)))


def _message(error: click.ClickException) -> str:
    match error:
        case click.NoSuchOption():
            return phrase("zh", "usage.no_option", word=error.option_name) + _meant(error.possibilities or ())
        case click.MissingParameter(param=click.Parameter() as param):
            name = "usage.no_argument" if isinstance(param, click.Argument) else "usage.no_value"
            return phrase("zh", name, word=_name(param, error.ctx))
        case click.BadParameter(param=click.Parameter() as param):
            return phrase("zh", "usage.bad", word=_name(param, error.ctx), message=_in_chinese(error.message))
    message = _in_chinese(error.message)
    found = _pattern("no_command").fullmatch(error.message)
    if found is None or not isinstance(error, click.UsageError) or not isinstance(error.cmd, click.Group):
        return message
    known = error.cmd.list_commands(error.ctx) if error.ctx is not None else []
    return message + _meant(filter(None, [nearest(_bare(found["word"]), known)]))


def _name(param: click.Parameter, context: click.Context | None) -> str:
    return " / ".join(param.opts) if context is None else _bare(param.get_error_hint(context))


def _meant(words: Iterator[str] | list[str] | tuple[str, ...]) -> str:
    known = list(words)
    return phrase("zh", "usage.meant", words=phrase("zh", "or").join(f"“{word}”" for word in known)) if known else ""


def _bare(text: str) -> str:
    """Return a text without the quotes that click puts around words."""
    return _QUOTED.sub(r"\1", text)


def _in_chinese(message: str) -> str:
    """Return a sentence of click in Chinese; one that is not known stays as it is."""
    for name in _SENTENCES:
        found = _pattern(name).fullmatch(message)
        if found is not None:
            words = {key: _bare(text) for key, text in found.groupdict().items()}
            if "kind" in words:
                words["kind"] = _KINDS.get(words["kind"], words["kind"])
            return phrase("zh", f"usage.{name}", **words)
    return message


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Return what recognises a sentence: the English phrase is the one that click uses."""
    parts = re.split(r"\{(\w+)\}", PHRASES["en"][f"usage.{name}"])
    return re.compile("".join(f"(?P<{p}>.+)" if i % 2 else re.escape(p) for i, p in enumerate(parts)), re.DOTALL)
