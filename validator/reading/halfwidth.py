"""Signs, digits and blanks as a Chinese input method types them, and what the rule language writes instead."""

import re
from dataclasses import dataclass

_SIGNS = {
    **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},  # the full-width forms of ASCII
    **dict.fromkeys("“”「」『』", '"'),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("【〔", "["),
    **dict.fromkeys("】〕", "]"),
    **dict.fromkeys("—–−", "-"),
    "、": ",",
    "。": ".",
    "《": "<",
    "》": ">",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "×": "*",
}
BLANKS = "\u3000\xa0"
SIGNS = "".join(_SIGNS)
_TABLE = str.maketrans({**_SIGNS, **dict.fromkeys(BLANKS, " ")})
_WIDE = re.compile(f"[{re.escape(SIGNS)}]+|[{BLANKS}]+")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


@dataclass(frozen=True, slots=True)
class Wide:
    """A run of wide signs or blanks in a text: where it starts, what it is, what is written instead."""

    start: int
    found: str
    expected: str

    @property
    def code(self) -> str:
        """The problem that says so: blanks can't be shown."""
        return "yaml-fullwidth-space" if self.found[0] in BLANKS else "fullwidth-sign"


def first_wide(text: str) -> Wide | None:
    """Return the first run of wide signs or blanks outside of quotes, None when there is none."""
    covered = _QUOTED.sub(lambda match: "'" * len(match.group()), text)
    match = _WIDE.search(covered)
    return None if match is None else Wide(match.start(), match.group(), half(match.group()))


def half(text: str) -> str:
    """Return a text with ordinary signs, digits, letters and blanks in the place of wide ones."""
    return text.translate(_TABLE)
