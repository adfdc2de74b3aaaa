"""The ledger of norms against the list of all norms of the Opinions."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from validator.authoring.ledger import ledger, markdown, plain
from validator.authoring.mutation import score
from validator.resources import resource_dir
from validator.rules.labels import CHECKS, KINDS, LEVELS, MODES
from validator.rules.rulebook import RuleBook, read_rules

ALL: dict[int, dict[str, dict[str, str]]] = yaml.safe_load(
    (Path(__file__).parent / "data" / "norms.yaml").read_text(encoding="utf-8")
)["norms"]


@cache
def rule_set() -> RuleBook:
    """Read the shipped rule set once."""
    return read_rules()


@cache
def articles() -> dict[int, dict[str, list[dict[str, Any]]]]:
    """Return article -> norm -> records, as the ledger of the shipped rule set has them."""
    return {a["article"]: {n["norm"]: n["records"] for n in a["norms"]} for a in ledger(rule_set())}


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


def test_every_code_of_a_rule_file_has_a_name() -> None:
    """What the schema allows has a label in both languages, and nothing else has."""
    schema = json.loads((resource_dir("schemas") / "article.schema.json").read_text(encoding="utf-8"))
    record = schema["$defs"]["record"]["properties"]
    for name, labels in (("kind", KINDS), ("check", CHECKS), ("level", LEVELS)):
        assert list(labels) == record[name]["enum"]
        assert all(re.search("[\u4e00-\u9fff]", label.zh) and label.en for label in labels.values())
    assert {norm.mode for norm in rule_set().program.norms} == set(MODES)


def test_the_ledger_for_policy_staff_is_in_chinese() -> None:
    """Of the lines in Chinese only ids, names of parameters and quoted words of a title are in Latin letters."""
    entries = ledger(rule_set())
    for line in (*plain(entries, "zh"), *markdown(entries, "zh")):
        left = re.sub(r"\bA\d+\.\d+[a-z]?\b|\b[a-z]+(_[a-z]+)+\b|12368|APP", "", line)
        assert not re.search("[A-Za-z]{2,}", left), line
    records = [line for line in plain(entries, "zh") if line.startswith("  A")]
    assert all(re.search(r" \d+ 个示例 ", line) for line in records)


SHORT = ("A7.7a", "A13.1", "A16.3", "A22.1", "A22.9a", "A23.4", "A33.6", "A42.2")
"""One norm of each kind of clock and trigger."""


@pytest.mark.parametrize("name", [*SHORT, pytest.param("", marks=pytest.mark.slow)])
def test_a_slip_of_the_pen_is_noticed(name: str) -> None:
    """Every mutant of a norm ("": of all norms) fails an example, or the record lists it with the reason."""
    rules = rule_set()
    chosen = [n for n in rules.program.norms if name in ("", n.id)]
    assert chosen
    for norm in chosen:
        found = score(rules, norm)
        assert (norm.id, found.survivors, found.stale) == (norm.id, (), ())
        assert found.count or norm.check != "machine", norm.id
