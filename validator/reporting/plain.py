"""Plain views: texts, numbers, lists and mappings, with every text fit to be shown."""

from __future__ import annotations

from typing import Any

from validator.errors import visible


def shown(value: Any) -> Any:
    """Return a view in which what is invisible, or would redraw its neighbours, is written as an escape."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {name: shown(member) for name, member in value.items()}
    return [shown(member) for member in value] if isinstance(value, list | tuple) else value
