"""The files that the contestants go through."""

from dataclasses import dataclass
from pathlib import Path

from validator.output.publishing import json_line
from validator.sample import sample

from .records import Shape, record_lines


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


def write_docket(folder: Path, count: int, seed: int) -> Sample:
    """Write a synthetic docket of the law."""
    path = folder / "docket.ndjson"
    path.write_text("".join(json_line(record) + "\n" for record in sample(count, seed)), encoding="utf-8")
    return Sample(path, count)


def repeat(once: Sample, times: int) -> Sample:
    """Write the records of a file again and again: a small file is read in too little time to be measured."""
    path = once.path.with_stem(f"{once.path.stem}-{times}-times")
    path.write_bytes(times * once.path.read_bytes())
    return Sample(path, times * once.records)
