"""Users' own templates: a folder whose templates come before the shipped ones, rendered by a process of its own.

Such a template may be wrong, slow or hostile. It is rendered in Jinja's sandbox, and the process that does it has
limits of time and memory: whatever happens in it, what comes back is a text or a problem with its place.
"""

from __future__ import annotations

import base64
import json
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from validator.errors import Place, Problem, UsageError, ZhijianError
from validator.reading.source import printable_path, unreadable
from validator.reporting.template import render
from validator.resources import resource_dir

SECONDS = 20
"""How long a template may take, starting the process included."""
# Libraries are found where this process found them, and never (-P) where the user happens to be.
_IMPORT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from validator.reporting.confined import main; main()"
)
_RENDERER = ("-P", "-c", _IMPORT)


class InvalidTemplate(ZhijianError):  # noqa: N818 - like the other invalid things
    """A template of a user that can't be rendered."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class OwnTemplates:
    """A folder of templates.

    A template of the same name as a shipped one takes its place; names that the folder has not are those of the
    shipped ones, which are also there as ``shipped/NAME``.
    """

    folder: str

    def render(self, name: str, view: Mapping[str, Any], lang: str) -> str:
        """Return what a template makes of a view.

        Raises `UsageError` when there is no such folder or nothing in it that could be used, and `InvalidTemplate`.
        """
        return str(self._ask(name, view, lang))

    def fill(self, name: str, view: Mapping[str, Any], lang: str) -> bytes:
        """Return the Word document that a template makes of a view; raises what `render` does."""
        return base64.b64decode(self._ask(name, view, lang))

    def _ask(self, name: str, view: Mapping[str, Any], lang: str) -> str:
        self._check(name)
        request = json.dumps({"folder": self.folder, "name": name, "view": view, "lang": lang}, default=str)
        path = json.dumps([p for p in sys.path if p])
        stopped = self._problem("template-stopped", name, seconds=str(SECONDS))
        try:
            ran = subprocess.run(  # noqa: S603 - the arguments are fixed
                [sys.executable, *_RENDERER, path],
                input=request.encode(),
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
            answer = json.loads(ran.stdout)
        except subprocess.TimeoutExpired:
            raise InvalidTemplate(stopped) from None
        except ValueError:  # it was ended before it could answer
            raise InvalidTemplate(stopped) from None
        if "problems" in answer:
            raise InvalidTemplate([_problem(p) for p in answer["problems"]])
        return str(answer["text"])

    def _check(self, name: str) -> None:
        """Refuse a folder that isn't there or can't be looked into, or where nothing has a shipped template's name."""
        shipped, folder = resource_dir("reports"), Path(self.folder)
        parts = [p.relative_to(shipped) for p in shipped.rglob("*") if p.suffix in (".j2", ".css", ".docx")]
        try:
            if not (_is_there(folder) and stat.S_ISDIR(folder.stat().st_mode)):
                raise UsageError(self._problem("template-folder", ""))
            if not any(_is_there(folder / n) for n in [Path(name), *parts]):
                raise UsageError(self._problem("template-none", "", name=name))
        except (OSError, ValueError) as error:  # nobody may look, or it is no name that a folder could have
            raise InvalidTemplate(unreadable(printable_path(folder), error)) from None

    def _problem(self, code: str, file: str, **values: str) -> Problem:
        path = Path(self.folder) / file if file else Path(self.folder)
        return Problem(code, Place(str(path)), tuple(values.items()))


def _is_there(path: Path) -> bool:
    """Say whether there is something; raises `OSError` when nobody may look."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def rendered(folder: str | None, name: str, view: Mapping[str, Any], lang: str) -> str:
    """Return what a template of a folder, without one the shipped one, makes of a view; see `OwnTemplates.render`."""
    return render(name, view, lang) if folder is None else OwnTemplates(folder).render(name, view, lang)


def _problem(plain: Mapping[str, Any]) -> Problem:
    """Return a problem as `validator.reporting.confined` wrote it down."""
    values = tuple((str(k), str(v)) for k, v in plain["values"])
    return Problem(**{**plain, "place": Place(**plain["place"]), "values": values})
