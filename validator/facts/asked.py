"""What judging one record asks of the other records, so that a later run can see whether the answers have changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from validator.facts.context import Context
from validator.facts.timeline import Event, Timeline
from validator.facts.vocabulary import Vocabulary

Question = tuple[str, ...]
"""What is asked, and of what: see `_answer`."""


class AskedContext(Context):
    """A context that notes what it is asked while one record is judged.

    Attributes:
        questions: what it was asked, in order.
    """

    def __init__(self, context: Context) -> None:
        super().__init__({})
        self._context = context
        self.questions: dict[Question, None] = {}

    def __bool__(self) -> bool:
        """Be there, also when no record is: that none is there is an answer too."""
        return True

    def __getitem__(self, key: tuple[str, str]) -> Timeline:
        self.questions["record", *key] = None
        return self._context[key]

    def has(self, record_type: str) -> bool:
        """Say whether there is any record of a type."""
        self.questions["has", record_type] = None
        return self._context.has(record_type)

    def naming(self, record_type: str, attribute: str, identifier: str) -> list[tuple[Timeline, bool]]:
        """Return the records that name an id, or may."""
        self.questions["naming", record_type, attribute, identifier] = None
        return self._context.naming(record_type, attribute, identifier)

    def seen(self, timeline: Timeline, names: tuple[str, ...]) -> Sequence[Event]:
        """Return events of a record that was an answer before."""
        return self._context.seen(timeline, names)

    def holds(self, timeline: Timeline) -> bool:
        """Say whether a record is one of the context, as answers are and the one that is judged is not."""
        return self._context.holds(timeline)

    def next_to(self, timeline: Timeline, record_type: str, vocabulary: Vocabulary) -> Sequence[Timeline]:
        """Return the records of a type next to one; of the one that is judged they are found by asking."""
        if not self.holds(timeline):
            return super().next_to(timeline, record_type, vocabulary)
        self.questions["next to", timeline.record_type, timeline.id, record_type] = None
        return self._context.next_to(timeline, record_type, vocabulary)


def answers_digest(context: Context, vocabulary: Vocabulary, questions: Iterable[Question]) -> str:
    """Return the SHA-256 of what a context answers to some questions, in hex; the text of each record is part of it."""
    digest = hashlib.sha256()
    for question in questions:
        digest.update(repr(list(_answer(context, vocabulary, *question))).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()


def _answer(context: Context, vocabulary: Vocabulary, asked: str, record_type: str, *more: str) -> Iterator[object]:
    """Yield the parts of an answer."""
    if asked == "has":
        yield context.has(record_type)
    elif asked == "naming":
        yield from ((said, *_written(t)) for t, said in context.naming(record_type, more[0], more[1]))
    else:
        found = context.get((record_type, more[0]))
        if found is not None:
            yield _written(found)
            near = context.next_to(found, more[1], vocabulary) if asked == "next to" else ()
            yield from map(_written, near)


def _written(timeline: Timeline) -> tuple[str, str, str]:
    return timeline.record_type, timeline.id, timeline.digest
