"""Zhijian (执监): checks court enforcement records against legal policies written as YAML.

The public verbs: `load` a rule set; `check` a record, or `check_many`; ask the `gate` whether a step may be taken; list
what is `due`; `explain` a verdict; count a `deadline`.  `read_records` reads files, `read_context` makes the other
records that a record names.  `validator.checker.Checker` judges many records as bytes, with compiled code.
"""

from validator.api import check, check_many, deadline, due, explain, gate, parse_as_of, read_context
from validator.engine import RecordResult, Summary, load
from validator.errors import InvalidPolicy, InvalidRecord, InvalidSource, Problem, ZhijianError
from validator.judging.finding import Finding, Verdict
from validator.judging.interpreter import Options
from validator.questions.due import Clock, Urgency
from validator.questions.gate import Answer, Gate
from validator.reading.intake import RawRecord, Rejected, read_records
from validator.rules.cache import Cache, cache_folder
from validator.version import __version__

__all__ = [
    "Answer",
    "Cache",
    "Clock",
    "Finding",
    "Gate",
    "InvalidPolicy",
    "InvalidRecord",
    "InvalidSource",
    "Options",
    "Problem",
    "RawRecord",
    "RecordResult",
    "Rejected",
    "Summary",
    "Urgency",
    "Verdict",
    "ZhijianError",
    "__version__",
    "cache_folder",
    "check",
    "check_many",
    "deadline",
    "due",
    "explain",
    "gate",
    "load",
    "parse_as_of",
    "read_context",
    "read_records",
]
