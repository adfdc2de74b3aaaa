"""From YAML to a program: binds the schema-checked records of a rule set to its vocabulary and checks them.

Everything that can be known before a case is read is checked here and in `coherence` (record language, section 16);
all problems are collected, each with its place in the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from validator.errors import Place, Problem
from validator.expressions import expression as x
from validator.expressions.binder import BindError, Scope, bind
from validator.expressions.closures import closure
from validator.expressions.derived import Derived, Effect
from validator.facts.declarations import read_step
from validator.facts.vocabulary import BOOLEAN, TIME, EventType, Label, Step, Vocabulary
from validator.legal_time.calendar import WorkCalendar
from validator.legal_time.deadline import BadPeriod, Unit, parse_period
from validator.legal_time.instant import BEGIN, END, BadInstant, Instant, day_of, format_day, parse_when
from validator.reading.node import Node
from validator.rules.coherence import check_norm, check_norms, opening_types
from validator.rules.program import (
    Alternative,
    AtTrigger,
    Both,
    By,
    ChainTrigger,
    Condition,
    Deadline,
    Duration,
    Effective,
    End,
    EventTrigger,
    Every,
    Ground,
    Leg,
    NoDeadline,
    Norm,
    Pattern,
    Program,
    Reading,
    Review,
    StateTrigger,
    Test,
    Trigger,
    Until,
    Within,
)

ISSUE_DATE = "issue_date"
UNITS = frozenset(u.value for u in Unit)


def bind_program(
    articles: Iterable[Node], vocabulary: Vocabulary, calendar: WorkCalendar, digest: str
) -> tuple[Program, list[Problem]]:
    """Bind the article files of a rule set.  Returns the program and every problem found."""
    problems: list[Problem] = []
    derived = _derived(vocabulary, problems)
    norms: list[Norm] = []
    nodes: dict[Place, Node] = {}
    for article in articles:
        for record in article.at(["records"]).members():
            nodes[record.place] = record
            binder = _RecordBinder(record, article, vocabulary)
            norm = binder.bind()
            problems.extend(binder.problems)
            if norm is not None:
                norms.append(norm)
    norms = _successors_marked(_complete_counts_with(norms))
    problems.extend(check_norms(norms, nodes))
    norms.sort(key=lambda n: (n.article, _norm_number(n.norm), n.id, n.effective.start))
    return indexed(norms, vocabulary, calendar, derived, digest), problems


def _norm_number(norm: str) -> int:
    digits = norm.rpartition(".")[2]
    return int(digits) if digits.isdigit() else 0


def indexed(
    norms: list[Norm], vocabulary: Vocabulary, calendar: WorkCalendar, derived: Derived, digest: str
) -> Program:
    """Return a program of bound norms, indexed by record type and by what triggers them."""
    by_type: dict[str, list[Norm]] = {}
    by_event: dict[tuple[str, str], list[Norm]] = {}
    standing: dict[str, list[Norm]] = {}
    for norm in norms:
        by_type.setdefault(norm.record_type, []).append(norm)
        names = {e for a in norm.trigger.alternatives if isinstance(a, EventTrigger) for e in a.events}
        for name in names:
            by_event.setdefault((norm.record_type, name), []).append(norm)
        if not all(isinstance(a, EventTrigger) for a in norm.trigger.alternatives):
            standing.setdefault(norm.record_type, []).append(norm)
    by_id: dict[str, list[Norm]] = {}
    for norm in norms:
        by_id.setdefault(norm.id, []).append(norm)
    return Program(
        tuple(norms), vocabulary, calendar, derived, digest, {k: tuple(v) for k, v in by_id.items()},
        {k: tuple(v) for k, v in by_type.items()}, {k: tuple(v) for k, v in by_event.items()},
        {k: tuple(v) for k, v in standing.items()},
    )  # fmt: skip


def bind_record(node: Node, article: Node, norm: Norm, vocabulary: Vocabulary) -> tuple[Norm | None, list[Problem]]:
    """Bind a changed record of an article in the place of ``norm``; returns what it became and its problems."""
    binder = _RecordBinder(node, article, vocabulary)
    found = binder.bind()
    return (None if found is None else replace(found, counts_with=norm.counts_with)), binder.problems


# -- the vocabulary's own expressions ----------------------------------------------------------------------------------
def _derived(vocabulary: Vocabulary, problems: list[Problem]) -> Derived:
    effects: dict[tuple[str, str], list[Effect]] = {}
    for event in vocabulary.events.values():
        for setter in event.sets:
            where = None
            if setter.where is not None:
                kinds = frozenset({setter.variable.partition(".")[0]})
                scope = Scope(vocabulary, _home(vocabulary, next(iter(kinds))), kinds, (event,))
                where = bind_text(setter.where, scope, problems)
            effects.setdefault((event.name, setter.variable), []).append(Effect(setter, where))
    expressions: dict[str, x.Expression] = {}
    for variable in vocabulary.variables.values():
        if variable.source == "is" and variable.expression is not None:
            home = _home(vocabulary, variable.kind)
            scope = Scope(vocabulary, home, frozenset({variable.kind, home}))
            found = bind_text(variable.expression, scope, problems, variable.type)
            if found is not None:
                expressions[variable.name] = found
    setters: dict[str, list[str]] = {}
    for event_name, variable_name in effects:
        setters.setdefault(variable_name, []).append(event_name)
    problems.extend(_check_loops(vocabulary, expressions))
    by_variable = {k: tuple(sorted(v)) for k, v in setters.items()}
    return Derived({k: tuple(v) for k, v in effects.items()}, expressions, by_variable, closure)


def _check_loops(vocabulary: Vocabulary, expressions: Mapping[str, x.Expression]) -> Iterator[Problem]:
    """Refuse ``is`` variables that are computed from themselves."""
    uses = {
        name: {n.variable.name for n in x.walk(e) if isinstance(n, x.Read) and n.variable.name in expressions}
        for name, e in expressions.items()
    }
    for name, used in uses.items():
        seen, open_names = {name}, list(used)
        while open_names:
            other = open_names.pop()
            if other == name:
                node = vocabulary.variables[name].expression
                if node is not None:
                    yield node.problem("computed-from-itself", name=name)
                break
            if other not in seen:
                seen.add(other)
                open_names.extend(uses[other])


def _home(vocabulary: Vocabulary, kind: str) -> str:
    """Return the record type in which entities of a kind live (the first, if several)."""
    entity = vocabulary.entities.get(kind)
    return kind if entity is None or entity.record or not entity.inside else entity.inside[0]


def bind_text(node: Node, scope: Scope, problems: list[Problem], expected: Any = BOOLEAN) -> x.Expression | None:
    """Bind an expression written in a YAML scalar; a problem points into the text."""
    text = node.value
    if isinstance(text, bool):
        problems.append(node.problem("boolean-stands-alone", found=str(text).lower()))
        return None
    try:
        return bind(str(text), scope, expected)
    except BindError as error:
        problems.append(node.problem(error.code, offset=error.offset, width=error.width, **error.values))
        return None


# -- one record --------------------------------------------------------------------------------------------------------
class _RecordBinder:
    """Binds one record of an article; ``problems`` collects what is wrong with it."""

    def __init__(self, node: Node, article: Node, vocabulary: Vocabulary) -> None:
        self.node, self.article, self.vocabulary = node, article, vocabulary
        self.problems: list[Problem] = []

    def bind(self) -> Norm | None:
        """Bind the record; None when it has problems."""
        subject = self._subject()
        if subject is None:
            return None
        self.subject = subject
        self.record_type = _home(self.vocabulary, subject)
        inside = self.vocabulary.kinds_inside(self.record_type)
        self.kinds_at_hand = (self.record_type, *(k.name for k in inside))
        self.scope = Scope(self.vocabulary, self.record_type, frozenset({subject, self.record_type}))
        for_each = self._for_each()
        if for_each is not None:
            self.scope = replace(self.scope, kinds=self.scope.kinds | {for_each[0]}, bare_kind="")
        trigger = self._trigger(self.node.at(["trigger"]))
        self.scope = replace(self.scope, trigger=opening_types(trigger, self.vocabulary))
        unsure = any(p.code == "unknown-event" for p in self.problems)
        deadline = self._deadline(self.node.at(["deadline"]), trigger)
        if isinstance(deadline, Every) and self.scope.trigger is not None:
            self.scope = replace(self.scope, trigger=(*self.scope.trigger, *self._answers()))
        condition = self._condition(self.node.at(["allowed_states"]))
        unless = tuple(self._grounds("unless"))
        stops = tuple(self._grounds("suspended_while"))
        if unsure:  # nobody knows the attributes of an unknown trigger
            self.problems = [p for p in self.problems if ("base", "trigger") not in p.values]
        if self.problems or trigger is None or deadline is None or condition is None:
            return None
        norm = self._norm(for_each, trigger, deadline, condition, unless, stops)
        self.problems.extend(check_norm(norm, self.node, self.vocabulary))
        return None if self.problems else norm

    def _norm(
        self, for_each: tuple[str, x.Expression] | None, trigger: Trigger, deadline: Deadline, condition: Condition,
        unless: tuple[Ground, ...], stops: tuple[Ground, ...],
    ) -> Norm:  # fmt: skip
        identifier = self._text("id")
        source = self.node.at(["source"])
        words = "" if source.get("words") is None else str(source.at(["words"]).value)
        law = self.article.get("law")
        return Norm(
            id=identifier, norm=identifier.rstrip("abcdefghijklmnopqrstuvwxyz"),
            article=int(self.article.at(["article"]).plain), title=_label(self.node.at(["title"])),
            article_title=_label(self.article.at(["title"])), law=self.vocabulary.law if law is None else _label(law),
            paragraph=int(source.at(["paragraph"]).plain), sentence=int(source.at(["sentence"]).plain),
            words=words, passage=self._passage(source, words),
            kind=self._text("kind"), check=self._text("check"), level=self._text("level"), subject=self.subject,
            record_type=self.record_type, for_each=for_each, trigger=trigger, deadline=deadline, condition=condition,
            unless=unless, stops=stops, counts_with=_texts(self.node.get("counts_with")), effective=self._effective(),
            remedy=tuple(self._remedy()), readings=tuple(_readings(self.node.get("reading"))), place=self.node.place,
        )  # fmt: skip

    def _text(self, key: str) -> str:
        return str(self.node.at([key]).value)

    def _passage(self, source: Node, words: str) -> str:
        """Return the sentence of the article that the record rests on; its words must stand in it."""
        text, number = self.article.get("text"), int(source.at(["paragraph"]).plain)
        if text is None or number == 0:  # the lead: its words are all that there is of it
            return words
        paragraphs = _texts(text)
        if number > len(paragraphs):
            place, last = source.at(["paragraph"]), str(len(paragraphs))
            self.problems.append(place.problem("no-such-paragraph", found=str(number), last=last))
            return ""
        sentences = [f"{s}。" for s in paragraphs[number - 1].split("。") if s]
        place = source.at(["sentence"])
        chosen = int(place.plain)
        if not 0 < chosen <= len(sentences):
            self.problems.append(place.problem("no-such-sentence", found=str(chosen), last=str(len(sentences))))
            return ""
        if words not in sentences[chosen - 1]:
            bare = words.strip("“”‘’「」\"' ")
            near = bare if bare in sentences[chosen - 1] else ""
            span = self.node.get("effective")
            first = None if span is None else span.get("from")
            since = "" if first is None else str(first.plain)
            self.problems.append(source.at(["words"]).problem("words-not-in-text", nearest=near, since=since))
        return sentences[chosen - 1]

    def _subject(self) -> str | None:
        node = self.node.at(["subject"])
        if node.value in self.vocabulary.entities:
            return str(node.value)
        self._unknown(node, "entity", str(node.value), self.vocabulary.entities)
        return None

    def _unknown(self, node: Node, what: str, name: str, known: Iterable[str], **values: Any) -> None:
        near, width = self.vocabulary.meant(name, known), max(len(name), 1)
        self.problems.append(node.problem(f"unknown-{what}", name=name, nearest=near, width=width, **values))

    def _expression(self, node: Node, scope: Scope, expected: Any = BOOLEAN) -> x.Expression | None:
        return bind_text(node, scope, self.problems, expected)

    def _for_each(self) -> tuple[str, x.Expression] | None:
        node = self.node.get("for_each")
        if node is None:
            return None
        (kind, test), *_ = node.items()
        if kind not in self.vocabulary.entities:
            self._unknown(test, "entity", kind, self.vocabulary.entities, key=True)
            return None
        if kind == self.subject:
            self.problems.append(test.problem("for-each-of-itself", key=True, name=kind))
        elif kind not in self.kinds_at_hand:
            others = ", ".join(k for k in self.kinds_at_hand if k not in (self.subject, self.record_type))
            self.problems.append(
                test.problem("for-each-elsewhere", key=True, name=kind, record=self.record_type, words=others)
            )
        found = self._expression(test, replace(self.scope, kinds=self.scope.kinds | {kind}, bare_kind=kind))
        return None if found is None else (kind, found)

    # -- trigger ----------------------------------------------------------------------------------------------------
    def _event_names(self, node: Node) -> tuple[str, ...]:
        found = []
        for part in node.members() or (node,):
            name = str(part.value)
            if name == "any":
                return tuple(self.vocabulary.events)
            if name in self.vocabulary.events:
                found.append(self.vocabulary.events[name])
            else:
                self._unknown(part, "event", name, self.vocabulary.events)
        needed = {kind for event in found for kind in event.one_of or self.kinds_at_hand}
        if found and needed.isdisjoint(self.kinds_at_hand):
            names, words = (" | ".join(w) for w in ([e.name for e in found], sorted(needed)))
            self.problems.append(node.problem("event-elsewhere", name=names, record=self.record_type, words=words))
        return tuple(e.name for e in found)

    def _where(self, node: Node, names: tuple[str, ...]) -> x.Expression | None:
        where = node.get("where")
        if where is None or not names:
            return None
        return self._expression(where, self.scope.within(self.vocabulary.events[n] for n in names))

    def _trigger(self, node: Node) -> Trigger | None:
        one_per = node.get("one_per")
        parts = node.get("any_of")
        alternatives = tuple(self._alternative(n) for n in (parts.members() if parts is not None else (node,)))
        return Trigger(alternatives, "" if one_per is None else str(one_per.value))

    def _alternative(self, node: Node) -> Alternative:
        for key in ("breach_of", "clock_of"):
            records = node.get(key)
            if records is not None:
                return ChainTrigger(_texts(records), on_breach=key == "breach_of")
        state = node.get("state")
        if state is not None:
            return StateTrigger(None if state.value == "always" else self._expression(state, self.scope))
        names = self._event_names(node.at(["event"]))
        where = self._where(node, names)
        legs = []
        also = node.get("also")
        for leg in also.members() if also is not None else ():
            leg_names = self._event_names(leg.at(["event"]))
            legs.append(Leg(leg_names, self._where(leg, leg_names)))
        return EventTrigger(names, where, tuple(legs))

    # -- deadline ---------------------------------------------------------------------------------------------------
    def _deadline(self, node: Node, trigger: Trigger | None) -> Deadline | None:
        if not isinstance(node.value, dict):
            text = str(node.value)
            if text == "at trigger":
                return AtTrigger()
            if text == "none":
                return NoDeadline()
            duration = self._duration(node)
            return None if duration is None else Within(duration)
        within = node.get("within")
        if within is not None:
            duration = self._duration(within)
            return None if duration is None else Within(duration, roll=node.get("roll") is None)
        by = node.get("by")
        if by is not None:
            instant, path = self._date_or_path(by)
            lead = node.get("lead")
            return By(instant, path, None if lead is None else self._duration(lead))
        every = node.get("every")
        if every is not None:
            duration, ends = self._duration(every), node.get("until")
            bound = self._ends(ends) if ends is not None else ()
            return None if duration is None else Every(duration, bound, node.get("first_gap") is None)
        return self._until(node.at(["until"]), trigger)

    def _answers(self) -> Iterator[EventType]:
        """Yield the types of the events that answer one gap of a series and open the next."""
        node = self.node.at(["allowed_states"]).get("event")
        for part in (node.members() or (node,)) if node is not None else ():
            if part.value in self.vocabulary.events:
                yield self.vocabulary.events[str(part.value)]

    def _until(self, node: Node, trigger: Trigger | None) -> Deadline | None:
        if node.value == "forever":
            return Until()
        if node.value == "trigger ends":
            if trigger is not None and not all(isinstance(a, StateTrigger) for a in trigger.alternatives):
                self.problems.append(node.problem("trigger-has-no-end"))
            return Until(with_trigger=True)
        return Until(self._ends(node))

    def _ends(self, node: Node) -> tuple[End, ...]:
        ends = []
        for part in node.members() or (node,):
            if isinstance(part.value, dict):
                names = self._event_names(part.at(["event"]))
                ends.append(End(pattern=Pattern(names, self._where(part, names))))
            else:
                instant, path = self._date_or_path(part)
                ends.append(End(instant=instant, path=path))
        return tuple(ends)

    def _duration(self, node: Node) -> Duration | None:
        text = str(node.value)
        if text.startswith("param."):
            name = text.removeprefix("param.")
            parameter = self.vocabulary.parameters.get(name)
            if parameter is None:
                self._unknown(node, "parameter", name, self.vocabulary.parameters)
                return None
            if parameter.unit not in UNITS:
                self.problems.append(node.problem("unit-does-not-fit", name=text, unit=parameter.unit))
                return None
            return Duration(None, name)
        try:
            return Duration(parse_period(text))
        except BadPeriod as bad:
            self.problems.append(node.problem(bad.code, **bad.values))
            return None

    def _date_or_path(self, node: Node) -> tuple[Instant | None, x.Expression | None]:
        text = str(node.value)
        if text[:1].isdigit():
            try:
                return parse_when(text).hi, None
            except BadInstant as bad:
                self.problems.append(node.problem(bad.code, **bad.values))
                return None, None
        return None, self._expression(node, self.scope, TIME)

    # -- conditions -------------------------------------------------------------------------------------------------
    def _condition(self, node: Node) -> Condition | None:
        if not isinstance(node.value, dict):
            found = self._expression(node, self.scope)
            return None if found is None else Test(found)
        for key in ("all_of", "any_of"):
            parts = node.get(key)
            if parts is not None:
                bound = [self._condition(p) for p in parts.members()]
                return Both(key == "all_of", tuple(b for b in bound if b is not None))
        review = node.get("review")
        if review is not None:
            return Review(_label(review))
        negated = node.get("no_event") is not None
        names = self._event_names(node.at(["no_event" if negated else "event"]))
        window, last = node.get("window"), node.get("within_last")
        duration = None if last is None else self._duration(last)
        return Pattern(names, self._where(node, names), negated, window is not None, duration)

    def _grounds(self, key: str) -> Iterator[Ground]:
        node = self.node.get(key)
        for part in node.members() if node is not None else ():
            if isinstance(part.value, dict):
                condition = self._condition(part.at(["when"]))
                if condition is not None:
                    yield Ground(condition, _label(part.at(["ground"])), _texts(part.get("basis")))
                continue
            name = str(part.value)
            variable = self.vocabulary.variables.get(name)
            found = self._expression(part, self.scope)
            if variable is not None and found is not None:
                yield Ground(Test(found), variable.label, variable.basis, name)
            elif found is not None:
                self.problems.append(part.problem("ground-not-named", name=name))

    # -- the rest ---------------------------------------------------------------------------------------------------
    def _effective(self) -> Effective:
        node = self.node.get("effective")
        issue = self.vocabulary.parameters.get(ISSUE_DATE)
        default = BEGIN
        if issue is not None and issue.values:
            try:
                default = parse_when(str(issue.values[-1].value)).lo
            except BadInstant:
                default = BEGIN
        if node is None:
            return Effective(default, END)
        start, end = (self._date(node.get(k)) for k in ("from", "to"))
        back = node.get("reaches_back")
        found = Effective(
            default if start is None else start[0], END if end is None else end[1],
            reaches_back=back is not None and bool(back.value), explicit=start is not None,
        )  # fmt: skip
        if found.end < found.start:
            last, first = node.at(["to"]), format_day(day_of(found.start))
            self.problems.append(last.problem("effective-ends-before", to=last.plain, start=first))
        return found

    def _date(self, node: Node | None) -> tuple[Instant, Instant] | None:
        if node is None:
            return None
        try:
            return tuple(parse_when(str(node.value)))  # type: ignore[return-value]
        except BadInstant as bad:
            self.problems.append(node.problem(bad.code, **bad.values))
            return None

    def _remedy(self) -> Iterator[Step]:
        node = self.node.at(["remedy"])
        for part in node.members():
            general = part.get("general")
            if general is None:
                step, known = read_step(part), self.vocabulary.actors
                if known and step.by not in known:
                    self._unknown(part.at(["by"]), "actor", step.by, known)
                yield step
                continue
            found = self.vocabulary.remedies.get(str(general.value))
            if found is None:
                self._unknown(general, "remedy", str(general.value), self.vocabulary.remedies)
                continue
            yield from found.steps


def reads_attested(expression: x.Expression, vocabulary: Vocabulary) -> bool:
    """Say whether an expression reads a judgement that somebody must vouch for."""
    for node in x.walk(expression):
        if isinstance(node, x.Read) and node.variable.source == "attested":
            return True
        if isinstance(node, x.EventRead):
            for name in node.base.type.events:
                event = vocabulary.events.get(name)  # None: the result of an upstream norm, which nobody attests
                own = None if event is None else event.attributes.get(node.attribute)
                if own is not None and own.attested:
                    return True
    return False


def _complete_counts_with(norms: list[Norm]) -> list[Norm]:
    """Make ``counts_with`` symmetric."""
    pairs = {(n.id, other) for n in norms for other in n.counts_with}
    partners: dict[str, set[str]] = {}
    for one, two in pairs:
        partners.setdefault(one, set()).add(two)
        partners.setdefault(two, set()).add(one)
    return [replace(n, counts_with=tuple(sorted(partners.get(n.id, ())))) for n in norms]


def _successors_marked(norms: list[Norm]) -> list[Norm]:
    """Say of each version of a norm whether it follows another one."""
    first: dict[str, Instant] = {}
    for norm in norms:
        first[norm.id] = min(norm.effective.start, first.get(norm.id, END))
    return [replace(n, effective=replace(n.effective, succeeds=n.effective.start > first[n.id])) for n in norms]


def _label(node: Node) -> Label:
    return Label(str(node.at(["zh"]).value), str(node.at(["en"]).value))


def _texts(node: Node | None) -> tuple[str, ...]:
    return () if node is None else tuple(str(n.value) for n in node.members())


def _readings(node: Node | None) -> Iterator[Reading]:
    for part in node.members() if node is not None else ():
        others = part.get("alternatives")
        yield Reading(
            _label(part.at(["point"])), _label(part.at(["taken"])),
            tuple(_label(a) for a in (others.members() if others is not None else ())),
        )  # fmt: skip
