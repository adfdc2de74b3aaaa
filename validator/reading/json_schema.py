"""Checks YAML against the JSON Schemas of the house (draft 2020-12) and explains in words of the record language."""

import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator, TypeChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from validator.errors import Place, Problem, nearest, too_many
from validator.limits import DEFAULT, Limits
from validator.reading.halfwidth import BLANKS, Wide, first_wide, half
from validator.reading.node import Node, shown
from validator.reading.respelling import respelled
from validator.resources import resource_dir


@cache
def schema(name: str) -> dict[str, Any]:
    """Return a JSON Schema of the house: ``article``, ``vocabulary``, ``overlay``, ``finding`` ..."""
    text = (resource_dir("schemas") / f"{name}.schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def _is_number(_checker: TypeChecker, value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _is_integer(_checker: TypeChecker, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


# Decimals are numbers, and a whole number is one that is written as one.
_SchemaValidator: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many({"number": _is_number, "integer": _is_integer}),
)


def validate(node: Node, schema: Mapping[str, Any], limits: Limits = DEFAULT) -> list[Problem]:
    """Check a tree against a JSON Schema of draft 2020-12.

    Descriptions in the schema ("Chinese / English") become what a message says was expected.

    Returns:
        The problems in file order, at most `limits.problems` and a last one that says so; none when the tree fits.
    """
    problems: set[Problem] = set()
    explainer = _Explainer(node, schema)
    for error in _SchemaValidator(schema).iter_errors(node.plain):
        problems.update(explainer.explain(error))
        if len(problems) >= limits.problems:
            problems.add(too_many(explainer.last, limits.problems))
            break
    return sorted(explainer.reconsidered(problems))


_NONE: Mapping[str, str] = {}


class _Stray(NamedTuple):
    """A key that is unknown where it stands, with the places of the mappings around."""

    name: str
    node: Node
    problem: Problem
    around: frozenset[Place]


class _Explainer:
    """Turns schema errors into problems of the nodes they are about."""

    def __init__(self, root: Node, schema: Mapping[str, Any]) -> None:
        self._root, self._schema = root, schema
        self.last = root.place
        self._misspelt: set[tuple[Place, str]] = set()  # (mapping, key that was meant)
        self._missing: list[tuple[Place, Sequence[str], Problem]] = []  # (mapping, keys it lacks, problem)
        self._strays: list[_Stray] = []
        self._empty: dict[Node, Problem] = {}  # what is nothing where there should be something
        self._emptied: set[Node] = set()  # of these: whose content stands beside it
        self._handlers: dict[str, Callable[[ValidationError, Node], Iterable[Problem]]] = {
            "additionalProperties": self._unknown_keys,
            "unevaluatedProperties": self._unknown_keys,
            "required": self._missing_keys,
            "dependentRequired": self._needed_keys,
            "enum": self._word,
            "const": self._word,
            "type": self._type,
            "pattern": self._form,
            "format": self._form,
            "uniqueItems": self._repeated,
            "anyOf": self._branches,
            "oneOf": self._branches,
        }

    def reconsidered(self, problems: set[Problem]) -> set[Problem]:
        """Return the problems without those that another says better.

        They are about missing keys that are there, but misspelt or too deep, and about what is empty since its content
        stands beside it.
        """
        found = problems - {problem for node, problem in self._empty.items() if node in self._emptied}
        for place, keys, problem in self._missing:
            if any((place, key) in self._misspelt for key in keys):
                found = found - {problem}
            for stray in self._strays:
                if stray.name in keys and place in stray.around:
                    found = found - {problem, stray.problem} | {
                        stray.node.problem("too-far-in", key=True, name=stray.name)
                    }
        return found

    def explain(self, error: ValidationError) -> Iterator[Problem]:
        """Yield the problems that a schema error stands for."""
        node = self._root.closest([*error.absolute_path])
        self.last = node.place
        if "propertyNames" in error.absolute_schema_path and isinstance(node.value, dict):
            yield self._key_name(error, node)
            return
        keyword = str(error.validator)
        if keyword in self._handlers:
            yield from self._handlers[keyword](error, node)
        elif keyword in _SIZES:
            yield _size_problem(error, node, keyword)
        elif error.schema is False:
            yield _not_here(error, node)
        else:
            yield node.problem("not-allowed", rule=keyword)

    # -- keys
    def _unknown_keys(self, error: ValidationError, node: Node) -> Iterator[Problem]:
        known = self._known_keys(error.schema)
        patterns = error.schema.get("patternProperties", {}) if isinstance(error.schema, Mapping) else {}
        free = [key for key in known if node.get(key) is None]
        for key, child in node.items():
            if key in known or any(re.search(pattern, key) for pattern in patterns):
                continue
            wide = first_wide(key)
            if wide is not None:
                self._misspelt.add((node.place, key[: wide.start].rstrip(": ") or nearest(key, free) or ""))
                yield _wide_in_key(child, wide)
                continue
            owner = self._emptied_by(key, node, error)
            if owner is None:
                yield self._stray(key, child, error, free or known)
            elif owner[1] not in self._emptied:  # said once for all keys that it should have
                self._emptied.add(owner[1])
                yield child.problem("too-far-out", key=True, name=key, owner=owner[0])

    def _stray(self, name: str, node: Node, error: ValidationError, words: Sequence[str]) -> Problem:
        """Say that a key of a mapping is unknown there."""
        path = [*error.absolute_path]
        meant = nearest(name, words) or ""
        self._misspelt.add((self._root.closest(path).place, meant))
        problem = node.problem("unknown-key", key=True, name=name, nearest=meant, words=_listed(words))
        around = frozenset(self._root.closest(path[:depth]).place for depth in range(len(path)))
        self._strays.append(_Stray(name, node, problem, around))
        return problem

    def _emptied_by(self, name: str, node: Node, error: ValidationError) -> tuple[str, Node] | None:
        """Return the key above, and its value, that is empty and should have this key: it was not indented enough."""
        before = itertools.takewhile(lambda item: item[0] != name, node.items())
        empty = [(key, child) for key, child in before if child.value is None]
        properties = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
        inner = properties.get(empty[-1][0]) if empty else None
        known = self._known_keys(inner)
        takes_any = isinstance(inner, Mapping) and inner.get("type") == "object" and not known
        return empty[-1] if takes_any or name in known else None

    def _known_keys(self, schema: Any) -> list[str]:
        """Return the keys a schema names, also through its references and branches, in the order it names them."""
        found: dict[str, None] = {}
        seen: set[int] = set()
        waiting = [schema]
        while waiting:
            part = waiting.pop(0)
            if not isinstance(part, Mapping) or id(part) in seen:
                continue
            seen.add(id(part))
            found.update(dict.fromkeys(k for k, v in part.get("properties", {}).items() if v is not False))
            if part.get("additionalProperties") is not False:  # closed schemas see their own keys only
                waiting += [part.get(keyword) for keyword in ("if", "then", "else")]
                waiting += [branch for keyword in ("allOf", "anyOf", "oneOf") for branch in part.get(keyword, ())]
                waiting += [*part.get("dependentSchemas", {}).values(), self._target(part)]
        return list(found)

    def _target(self, schema: Mapping[str, Any]) -> Any:
        """Follow a reference inside the schema."""
        reference = schema.get("$ref", "")
        if not reference.startswith("#/"):
            return None
        part: Any = self._schema
        for step in reference[2:].split("/"):
            part = part.get(step.replace("~1", "/").replace("~0", "~"), {}) if isinstance(part, Mapping) else {}
        return part

    def _missing_keys(self, error: ValidationError, node: Node) -> Iterator[Problem]:
        for key in _rule(error):
            if node.get(key) is None and f"{key!r} is a required" in error.message:
                described = self._description(self._property(error, key))
                yield self._lacks(node, [key], "missing-key", name=key, **described)

    def _property(self, error: ValidationError, key: str) -> Any:
        """Return the schema of a key: of the innermost schema on the way to an error that says what the key holds."""
        found: Any = {}
        for _, schema in self._way(error):
            if isinstance(schema, Mapping):
                found = schema.get("properties", {}).get(key, found)
        return found

    def _way(self, error: ValidationError) -> Iterator[tuple[Any, Any]]:
        """Yield the steps that lead to an error, and what of the schema each starts from."""
        schema: Any = self._schema
        for step in error.absolute_schema_path:
            while isinstance(schema, Mapping) and step not in schema and "$ref" in schema:
                schema = self._target(schema)
            yield step, schema
            schema = schema[step]

    def _needed_keys(self, error: ValidationError, node: Node) -> Iterator[Problem]:
        for key, needs in _rule(error).items():
            for needed in needs:
                if node.get(key) is not None and node.get(needed) is None:
                    yield node.at([key]).problem("key-needs-key", key=True, name=key, needed=needed)

    def _lacks(self, node: Node, keys: Sequence[str], code: str, **values: Any) -> Problem:
        problem = node.problem(code, key=True, **values)  # the key of the mapping is where its reader looks
        self._missing.append((node.place, keys, problem))
        return problem

    def _key_name(self, error: ValidationError, node: Node) -> Problem:
        name = str(error.instance)
        child = node.get(name) or node
        if error.validator in ("enum", "const"):
            words = _words(error)
            return child.problem(
                "unknown-key", key=True, name=name, nearest=nearest(name, words) or "", words=_listed(words)
            )
        if error.validator == "pattern":
            fitting = respelled(name, lambda other: re.search(_rule(error), other) is not None)
            return child.problem("wrong-key-form", key=True, text=name, nearest=fitting, **self._form_of(error))
        return child.problem("not-allowed", key=True, rule=f"propertyNames {error.validator}")

    # -- values
    def _word(self, error: ValidationError, node: Node) -> Iterator[Problem]:
        labels = error.schema.get("x-labels", {}) if isinstance(error.schema, Mapping) else {}
        yield self._unknown_word(node, _words(error), {label: code for code, label in labels.items()})

    @staticmethod
    def _unknown_word(node: Node, words: Sequence[str], labels: Mapping[str, str] = _NONE) -> Problem:
        if isinstance(node.value, dict | tuple):
            return node.problem("wrong-type", found=_type_of(node.value), expected=_listed(words))
        name = shown(node.value)
        meant = nearest(name, words) or labels.get(nearest(name, labels) or "", "")
        return node.problem("unknown-word", name=name, nearest=meant, words=_listed(words))

    def _type(self, error: ValidationError, node: Node) -> Iterator[Problem]:
        form = {f"form{key.removeprefix('expected')}": text for key, text in self._description(error.schema).items()}
        problem = self._wrong_type(node, _as_list(_rule(error)), form)
        if node.value is None:
            self._empty[node] = problem
        yield problem

    @staticmethod
    def _wrong_type(node: Node, expected: Sequence[str], form: Mapping[str, Any] = _NONE) -> Problem:
        slip = _slip_of_the_pen(node, expected)
        if slip is not None:
            return slip
        empty = node.value is None  # nothing can be underlined, so point at the key
        return node.problem("wrong-type", key=empty, found=_type_of(node.value), expected=" | ".join(expected), **form)

    def _form(self, error: ValidationError, node: Node) -> Iterator[Problem]:
        yield node.problem("wrong-form", text=shown(node.value), **self._form_of(error), **self._meant(error, node))

    def _meant(self, error: ValidationError, node: Node) -> dict[str, Any]:
        """Return what a text of a wrong form was probably meant to be: another spelling, or several in a list.

        ``slot``, the key that it is given for, lets others look for names whose label it is.
        """
        text, pattern = str(error.instance), str(_rule(error))
        slot = next((step for step in reversed(error.absolute_path) if isinstance(step, str)), "")
        found = respelled(text, lambda other: re.search(pattern, other) is not None)
        items = [item for part in _BETWEEN.split(text) if (item := part.strip())]
        several = len(items) > 1 and all(re.search(pattern, item) for item in items)
        if several and node.key_place is None:  # it is an item itself
            return {"nearest": ", ".join(items)}
        listed = ", ".join(items) if several and self._takes_list(error) else ""
        return {"nearest": found, "items": listed, "slot": slot}

    def _takes_list(self, error: ValidationError) -> bool:
        """Say whether the value of an error could be a list as well."""
        found = False
        for step, schema in self._way(error):
            found = found or (isinstance(schema, Mapping) and "array" in _as_list(schema.get("type", [])))
            if step in ("properties", "items", "additionalProperties"):
                found = False
        return found

    def _form_of(self, error: ValidationError) -> dict[str, Any]:
        described = self._description(error.schema)
        return described or {"expected": str(_rule(error))}

    def _description(self, schema: Any) -> dict[str, Any]:
        """Return the description of a schema, or of what it refers to, by language."""
        while isinstance(schema, Mapping) and "description" not in schema:
            schema = self._target(schema)
        if not isinstance(schema, Mapping):
            return {}
        chinese, _, english = str(schema["description"]).partition(" / ")
        return {"expected_zh": chinese, "expected_en": english or chinese}

    @staticmethod
    def _repeated(_error: ValidationError, node: Node) -> Iterator[Problem]:
        seen: list[Any] = []
        for item in node.members():
            plain = item.plain
            if any(plain == other and type(plain) is type(other) for other in seen):
                yield item.problem("repeated-item", text=shown(plain))
            seen.append(plain)

    # -- alternatives
    def _branches(self, error: ValidationError, node: Node) -> Iterator[Problem]:
        """Explain why no alternative fits: by what all lack alike, else by the alternative that was meant."""
        context = error.context or []
        here = [e for e in context if not e.path]
        if not context:  # oneOf: more than one fits
            yield node.problem("not-allowed", rule=str(error.validator))
        elif all(e.validator == "required" for e in context) and here == context:
            words = [*dict.fromkeys(key for e in context for key in _rule(e) if node.get(key) is None)]
            yield self._lacks(node, words, "missing-one-key", words=_listed(words))
        elif all(e.validator in ("enum", "const") for e in context) and here == context:
            yield self._unknown_word(node, [*dict.fromkeys(word for e in context for word in _words(e))])
        elif all(e.validator == "type" for e in context) and here == context:
            kinds = [k for e in context for k in _as_list(_rule(e))]
            yield self._wrong_type(node, [*dict.fromkeys(kinds)])
        else:
            for found in _meant_branch(context):
                yield from self.explain(found)


def _meant_branch(context: Sequence[ValidationError]) -> list[ValidationError]:
    """Return the errors of the alternative the writer most likely meant.

    That is one whose type fits and whose discriminating words fit; of these the one with the fewest errors, and of
    these the first.
    """
    branches: dict[Any, list[ValidationError]] = {}
    for error in context:
        branches.setdefault(error.relative_schema_path[0], []).append(error)

    def distance(errors: list[ValidationError]) -> tuple[int, int, int]:
        of_type = sum(e.validator == "type" and not e.path for e in errors)
        of_word = sum(e.validator in ("const", "enum", "required", "additionalProperties") for e in errors)
        return (of_type, of_word, len(errors))

    return min(branches.values(), key=distance)


_BETWEEN = re.compile("[,，、;；]")
_DASH = re.compile(r"[－﹣−–—-](?![－—-])")
_TEXT_AS_KEY = re.compile(r"[^\s:]+:[^\s:/]")
_BRACKETS = {"array": "【［", "object": "｛"}


def _slip_of_the_pen(node: Node, expected: Sequence[str]) -> Problem | None:
    """Find why a list or a mapping became a text: a dash or a bracket that is none, a colon without its space."""
    text = node.value
    if "array" in expected and isinstance(text, str | dict):
        first = node if isinstance(text, str) else next(iter(text.values()), node)
        dash = _DASH.match(text if isinstance(text, str) else next(iter(text), ""))
        if dash is not None:
            return first.problem("yaml-dash", key=first is not node, width=1, found=dash.group())
    if not isinstance(text, str):
        return None
    if any(text.startswith(tuple(_BRACKETS.get(kind, ()))) for kind in expected):
        return node.problem("fullwidth-sign", width=1, found=text[0], expected=half(text[0]))
    if "object" not in expected:
        return None
    if "：" in text:
        return node.problem("yaml-fullwidth-colon", offset=text.index("："))
    blank = re.match(f"[^\\s:]+:([{BLANKS}])", text)
    if blank is not None:
        return node.problem("yaml-fullwidth-space", offset=blank.start(1))
    return node.problem("missing-space", text=text) if _TEXT_AS_KEY.match(text) else None


def _wide_in_key(node: Node, wide: Wide) -> Problem:
    key = node.key_place or node.place
    place = replace(key, column=key.column + wide.start)
    return node.source.problem(wide.code, place, len(wide.found), found=wide.found, expected=wide.expected)


# (keyword, our code)
_SIZES = {
    "minItems": "too-few-items",
    "maxItems": "too-many-items",
    "minProperties": "too-few-keys",
    "maxProperties": "too-many-keys",
    "minLength": "text-too-short",
    "maxLength": "text-too-long",
    "minimum": "number-too-small",
    "exclusiveMinimum": "number-too-small",
    "maximum": "number-too-large",
    "exclusiveMaximum": "number-too-large",
}


def _size_problem(error: ValidationError, node: Node, keyword: str) -> Problem:
    found = shown(node.value) if keyword.endswith("imum") else str(len(_instance(error)))
    return node.problem(_SIZES[keyword], found=found, limit=_rule(error))


def _rule(error: ValidationError) -> Any:
    """Return the value of the keyword that failed."""
    return error.validator_value


def _instance(error: ValidationError) -> Any:
    return error.instance


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _not_here(error: ValidationError, node: Node) -> Problem:
    """Say that a key is one too many; the error knows its value only, not its name."""
    found = ((name, child) for name, child in node.items() if child.plain == error.instance)
    name, child = next(found, ("", node))
    return child.problem("key-not-here", key=True, name=name)


def _words(error: ValidationError) -> list[str]:
    values = _rule(error) if error.validator == "enum" else [_rule(error)]
    return [shown(value) for value in values]


_WORDS_SHOWN = 12


def _listed(words: Sequence[str]) -> str:
    more = ", ..." if len(words) > _WORDS_SHOWN else ""
    return ", ".join(words[:_WORDS_SHOWN]) + more


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    kinds = ((bool, "boolean"), (int, "integer"), (Decimal, "number"), (str, "string"), (dict, "object"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "array")
