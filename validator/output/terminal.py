"""A terminal: how wide it is, and styled lines on it."""

from typing import TextIO

from rich.console import Console
from rich.text import Text

from validator.output.text import Line


class Terminal:
    """Shows lines in colour, as far as the terminal and ``NO_COLOR`` allow; the terminal breaks long ones.

    With a number of `columns` the stream is taken for a terminal of that width.
    """

    def __init__(self, stream: TextIO, columns: int = 0) -> None:
        self._console = Console(
            file=stream, markup=False, highlight=False, force_terminal=bool(columns) or None, width=columns or None
        )

    @property
    def width(self) -> int:
        """How many columns there are."""
        return self._console.width

    def show(self, line: Line) -> None:
        """Show one line."""
        self._console.print(Text.assemble(*line), soft_wrap=True)
