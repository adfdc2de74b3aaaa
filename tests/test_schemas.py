"""The JSON Schemas accept what the record language allows and name exactly what is wrong with the rest."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from validator.judging.finding import VERDICT_LABELS
from validator.legal_time.deadline import BadPeriod, Period, Unit, parse_period
from validator.reading.strict_yaml import load_yaml
from validator.resources import resource_dir
from validator.rules.labels import CHECKS, KINDS, LEVELS

Schema = dict[str, Any]

CASES = Path(__file__).parent / "data" / "schema_cases.yaml"
SCHEMAS: dict[str, Schema] = {
    path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(resource_dir("schemas").glob("*.schema.json"))
}


def cases(verdict: str) -> Iterator[Any]:
    """Yield the good or bad snippets as (schema to apply, snippet), each with a readable id."""
    groups: list[dict[str, Any]] = load_yaml(CASES.read_bytes(), str(CASES)).plain
    for group in groups:
        whole = SCHEMAS[group["schema"]]
        schema = {"$ref": f"#/$defs/{group['at']}", "$defs": whole["$defs"]} if "at" in group else whole
        where = f"{group['schema']}.{group.get('at', 'file')}"
        for number, snippet in enumerate(group[verdict]):
            yield pytest.param(schema, snippet, id=f"{where}-{number}")


def errors_of(schema: Schema, value: object) -> list[str]:
    """Return what the schema finds as sorted lines "<keyword> <JSON pointer>"."""
    return sorted(
        f"{error.validator} /" + "/".join(map(str, error.absolute_path))
        for error in Draft202012Validator(schema).iter_errors(value)
    )


@pytest.mark.parametrize(("schema", "value"), list(cases("good")))
def test_good_snippets_are_accepted(schema: Schema, value: object) -> None:
    """What the record language allows passes."""
    assert errors_of(schema, value) == []


@pytest.mark.parametrize(("schema", "bad"), list(cases("bad")))
def test_bad_snippets_give_exactly_the_errors_of_their_mistakes(schema: Schema, bad: dict[str, Any]) -> None:
    """Every mistake is found where it stands, and nothing else is reported."""
    assert errors_of(schema, bad["value"]) == sorted(bad["errors"])


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_are_valid_draft_2020_12(name: str) -> None:
    """Every shipped schema satisfies its own meta-schema."""
    assert SCHEMAS[name]["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("name", SCHEMAS)
def test_descriptions_are_in_both_languages(name: str) -> None:
    """An editor shows every description in Chinese and in English."""
    texts = [node["description"] for node in forms(SCHEMAS[name]) if isinstance(node.get("description"), str)]
    assert texts
    assert [text for text in texts if not is_bilingual(text)] == []


def test_labels_of_codes_are_those_of_the_program() -> None:
    """Whoever writes the Chinese label of a code is told the code."""
    record = SCHEMAS["article"]["$defs"]["record"]["properties"]
    expected = {"kind": KINDS, "check": CHECKS, "level": LEVELS}
    labelled = {key: (record[key], labels) for key, labels in expected.items()}
    labelled["verdict"] = (SCHEMAS["article"]["$defs"]["verdict"], {str(v): x for v, x in VERDICT_LABELS.items()})
    for schema, labels in labelled.values():
        assert schema["x-labels"] == {code: label.zh for code, label in labels.items()}
        assert set(schema["enum"]) == set(labels)


def test_names_of_keys_are_described() -> None:
    """A key of a wrong form is explained in words, not by a pattern."""
    for schema in SCHEMAS.values():
        for node in forms(schema):
            assert "pattern" not in node.get("propertyNames", {}) or "description" in node["propertyNames"]


def is_bilingual(text: str) -> bool:
    """Say whether a description reads "Chinese / English"."""
    zh, slash, en = text.partition(" / ")
    return bool(slash) and any("\u4e00" <= letter <= "\u9fff" for letter in zh) and en.strip() != ""


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_object_is_closed(name: str) -> None:
    """No mapping of a policy file may hold a key that nobody reads; only the case data of an example is free."""
    example = SCHEMAS[name]["$defs"].get("example", {"properties": {}})["properties"]
    free_nodes = [id(node) for word in ("record", "context") for node in forms(example.get(word))]
    objects = [node for node in forms(SCHEMAS[name]) if node.get("type") == "object" and id(node) not in free_nodes]
    assert objects
    assert [node for node in objects if not is_closed(node)] == []


def forms(node: object) -> Iterator[Schema]:
    """Yield every schema that describes a value: all mappings but the conditions of an `if`."""
    if isinstance(node, dict):
        yield node
        for key, child in node.items():
            yield from forms(child) if key != "if" else ()
    elif isinstance(node, list):
        for child in node:
            yield from forms(child)


def is_closed(schema: Schema) -> bool:
    """Say whether an object schema, or each branch of it, limits the keys."""
    if "additionalProperties" in schema:
        return True
    branches = [schema[key] for key in ("then", "else") if key in schema]
    return bool(branches) and all("$ref" in branch or is_closed(branch) for branch in branches)


def is_period(text: str) -> bool:
    """Say whether the program reads a text as a period."""
    try:
        parse_period(text)
    except BadPeriod:
        return False
    return True


@pytest.mark.parametrize("unit", Unit)
def test_schema_and_program_agree_what_a_period_is(unit: Unit) -> None:
    """Both accept and refuse the same spellings; the schema alone accepts a parameter."""
    schema = SCHEMAS["article"]["$defs"]["period"]
    words = {str(Period(amount, unit)).partition(" ")[2] for amount in (1, 2)}
    words |= {
        Period(2, unit).text("zh").lstrip("2"),
        unit.value.upper(),
        unit.value.replace(" ", ""),
        "个" + unit.value,
    }
    texts = [
        f"{n}{gap}{word}"
        for n in ("0", "1", "07", "-3", "3.5", "９", "1" * 9, "1" * 10, "")
        for gap in ("", " ")
        for word in words
    ]
    assert [text for text in texts if is_period(text) is bool(errors_of(schema, text))] == []


def test_shared_definitions_are_the_same_everywhere() -> None:
    """A definition that two schemas hold, such as `text`, says the same in both."""
    shared = ("text", "name", "path", "date", "expression", "norm", "basis", "remedy_step")
    for word in shared:
        held = [schema["$defs"][word] for schema in SCHEMAS.values() if word in schema.get("$defs", {})]
        assert all(definition == held[0] for definition in held), word


@pytest.mark.parametrize("path", sorted(resource_dir("policies").rglob("*.yaml")), ids=lambda path: path.name)
def test_shipped_policies_satisfy_their_schema(path: Path) -> None:
    """Every policy file passes the schema of its kind."""
    value = load_yaml(path.read_bytes(), str(path)).plain
    is_overlay = path.match("parameters.*.yaml")
    kind = "article" if "article" in value else "overlay" if is_overlay else "vocabulary"
    assert errors_of(SCHEMAS[kind], value) == []
