"""The files that the contestants go through."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from validator.output.publishing import json_line
from validator.sample import sample

from .records import Record, Shape, make_record, record_lines


@dataclass(frozen=True, slots=True)
class Sample:
    """A file and how many records it has."""

    path: Path
    records: int

    @property
    def record_bytes(self) -> int:
        """The mean size of a record."""
        return self.path.stat().st_size // self.records


def write_records(folder: Path, name: str, count: int, seed: int, shape: Shape) -> Sample:
    """Write records for the rules R1 to R16."""
    path = folder / f"{name}-{count}.ndjson"
    with path.open("wb") as file:
        file.writelines(record_lines(count, seed, shape))
    return Sample(path, count)


def in_other_ways(folder: Path, count: int, seed: int) -> Iterator[tuple[str, Sample]]:
    """Write the same records in other ways, and yield what is different about them."""
    records = [make_record(number, seed) for number in range(count)]
    ways: dict[str, Callable[[Record], str]] = {
        "written by `json.dumps`": json.dumps,
        "times without an offset": lambda record: _timed(record, len("2022-01-04T08:00:00")),
        "times known to the day": lambda record: _timed(record, len("2022-01-04")),
    }
    for number, (name, write) in enumerate(ways.items()):
        path = folder / f"way-{number}.ndjson"
        path.write_text("".join(write(record) + "\n" for record in records), encoding="utf-8")
        yield name, Sample(path, count)
    whole = folder / "array.json"
    some = records[: count // 2]  # all would be too many bytes for one document
    whole.write_text(json.dumps(some, ensure_ascii=False, indent=1), encoding="utf-8")
    yield "one indented JSON array", Sample(whole, len(some))


def _timed(record: Record, length: int) -> str:
    """Write a record with so many characters of each time."""
    events = [{**event, "at": event["at"][:length]} for event in record["events"]]
    return json.dumps({**record, "events": events}, ensure_ascii=False, separators=(",", ":"))


def write_docket(folder: Path, count: int, seed: int) -> Sample:
    """Write a synthetic docket of the law."""
    path = folder / f"docket-{count}.ndjson"
    path.write_text("".join(json_line(record) + "\n" for record in sample(count, seed)), encoding="utf-8")
    return Sample(path, count)


def repeat(once: Sample, times: int) -> Sample:
    """Write the records of a file again and again: a small file is read in too little time to be measured."""
    path = once.path.with_stem(f"{once.path.stem}-{times}-times")
    path.write_bytes(times * once.path.read_bytes())
    return Sample(path, times * once.records)
