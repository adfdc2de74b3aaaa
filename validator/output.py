"""Writing results: to standard output, or to a file that is published whole or not at all."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from validator.errors import OutputFailed, Place, Problem


@contextlib.contextmanager
def opened(target: str | None) -> Iterator[TextIO]:
    """Open a target for UTF-8 text: None or ``-`` is standard output, else a file replaced only when all is written.

    Raises `OutputFailed` when it cannot be written; an earlier file of that name is then left as it was.
    """
    if target in (None, "-"):
        try:
            yield sys.stdout
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _failed("-", error) from error
        return
    path = Path(str(target))
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
        temporary = None
    except OSError as error:
        raise _failed(str(path), error) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()


def _failed(path: str, error: OSError) -> OutputFailed:
    return OutputFailed(Problem("output-failed", Place(path), (("reason", error.strerror or str(error)),)))
