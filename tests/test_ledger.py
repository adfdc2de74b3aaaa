"""The ledger of norms against the list of all norms of the Opinions."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from validator.engine import load
from validator.ledger import ledger
from validator.mutation import score

ALL: dict[int, dict[str, dict[str, str]]] = yaml.safe_load(
    (Path(__file__).parent / "data" / "norms.yaml").read_text(encoding="utf-8")
)["norms"]


@cache
def articles() -> dict[int, dict[str, list[dict[str, Any]]]]:
    return {a["article"]: {n["norm"]: n["records"] for n in a["norms"]} for a in ledger(load())}


def test_the_list_has_314_norms_in_43_articles() -> None:
    """The count of the norm matrix."""
    assert len(ALL) == 43
    assert sum(len(norms) for norms in ALL.values()) == 314


@pytest.mark.parametrize("article", sorted(ALL))
def test_every_norm_of_an_article_is_a_record(article: int) -> None:
    """No norm is missing and none is invented; check and kind are those of the matrix."""
    found = articles()[article]
    assert sorted(found) == sorted(ALL[article])
    for norm, wanted in ALL[article].items():
        assert {r["kind"] for r in found[norm]} <= {wanted["kind"], *_OTHER_HALF.get(norm, ())}, norm
        assert wanted["check"] in {r["check"] for r in found[norm]}, norm


# A norm with two modes is two records; the second half may be of another kind (the converse of a duty forbids).
_OTHER_HALF: dict[str, tuple[str, ...]] = {"A23.17": ("ordering",)}


def test_a_changed_figure_is_noticed() -> None:
    """The mutation test in short: every slip of the pen in one article of each kind of clock is seen by an example."""
    program = load()
    for name in ("A13.1", "A16.3", "A22.1", "A23.4"):
        norm = program.norm(name)
        assert norm is not None
        total, left = score(program, norm)
        assert total > 5
        assert left == []
