"""Compares what a template makes of fixed findings with a file in ``tests/golden``.

``ZHIJIAN_REWRITE_GOLDEN=1 pytest tests/test_case_page.py`` writes the files anew; look at the difference before
committing it.
"""

import os
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
REWRITE = "ZHIJIAN_REWRITE_GOLDEN"
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
_STYLE = re.compile(r"(?<=<style>\n).*?(?=</style>)", re.DOTALL)
_FINDING = re.compile(r"\b[0-9a-f]{16}\b")


def settled(text: str) -> str:
    """Leave out the style, which pages share, and what changes with every word of the rules: digests; ids by order."""
    ids: dict[str, str] = {}
    text = _STYLE.sub("", text)
    return _FINDING.sub(lambda m: ids.setdefault(m[0], f"finding-{len(ids) + 1}"), _DIGEST.sub("digest", text))


def assert_golden(name: str, text: str) -> None:
    """Assert that a text is, apart from digests, what the file holds."""
    path = FOLDER / name
    if os.environ.get(REWRITE):
        path.parent.mkdir(exist_ok=True)
        path.write_text(settled(text), encoding="utf-8")
    assert settled(text) == path.read_text(encoding="utf-8")
