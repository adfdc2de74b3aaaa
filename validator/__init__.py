"""Zhijian (执监): checks court enforcement records against legal policies written as YAML.

The public verbs: `load` a rule set, `check` records, `explain` one judgement; `read_records` reads files.
"""

__version__ = "0.1.0"

from validator.cache import Cache, cache_folder
from validator.engine import RecordResult, Summary, check, explain, load, read_context
from validator.errors import InvalidPolicy, InvalidRecord, InvalidSource, Problem, ZhijianError
from validator.finding import Finding, Verdict
from validator.instant import parse_as_of
from validator.intake import RawRecord, Rejected, read_records
from validator.interpreter import Options

__all__ = [
    "Cache",
    "Finding",
    "InvalidPolicy",
    "InvalidRecord",
    "InvalidSource",
    "Options",
    "Problem",
    "RawRecord",
    "RecordResult",
    "Rejected",
    "Summary",
    "Verdict",
    "ZhijianError",
    "__version__",
    "cache_folder",
    "check",
    "explain",
    "load",
    "parse_as_of",
    "read_context",
    "read_records",
]
