"""The commands that show what there is: ``show``, ``schema``, ``sample``."""

from __future__ import annotations

import sys
from typing import Any

import click

from validator.authoring.record_schema import record_schema
from validator.commands.settings import common, load_program, named, refused, rules
from validator.compiling.compiled import CompiledProgram
from validator.errors import nearest
from validator.facts.context import Context
from validator.judging.interpreter import Options
from validator.legal_time.instant import END
from validator.output.printing import Printer
from validator.output.publishing import json_line, opened, pretty
from validator.questions.show import describe
from validator.reading.json_schema import schema
from validator.rules.program import Program
from validator.sample import sample


@click.command("show")
@click.argument("name")
@click.option("--compiled", is_flag=True, help="判断此类记录的代码 / the code that judges records of this type")
@rules
@common
def show_command(name: str, **settings: Any) -> int:
    """Show a norm (A13.1), an article (A13), an event, a variable, an entity, a parameter or a table.

    查看规则或词汇。
    """
    program, printer = load_program(settings["policies"], settings["parameters"], settings["lang"]), Printer(sys.stdout)
    for line in _code(program, name) if settings["compiled"] else describe(program, name, settings["lang"]):
        printer.line(line)
    return 0


def _code(program: Program, record_type: str) -> list[str]:
    types = program.vocabulary.record_types()
    if record_type not in types:
        words = ", ".join(types)
        raise refused(
            "unknown-record-type", "show", name=record_type, nearest=nearest(record_type, types) or "", words=words
        )
    compiled = CompiledProgram(program, END, Options(), Context({}))
    return dict(compiled.sources())[record_type].splitlines()


@click.command("schema")
@click.argument(
    "name", type=click.Choice(["record", "article", "vocabulary", "overlay", "finding", "output", "reject", "waivers"])
)
@rules
@common
def schema_command(name: str, policies: tuple[str, ...], parameters: tuple[str, ...], lang: str) -> int:
    """Print a JSON Schema: of records (from the vocabulary), of policy files, of findings and other lines of output.

    输出 JSON Schema。
    """
    found = record_schema(load_program(policies, parameters, lang).vocabulary) if name == "record" else schema(name)
    sys.stdout.write(pretty(found) + "\n")
    return 0


@click.command("sample")
@click.option("-n", "--n", "count", type=click.IntRange(0), default=100, help="件数 / how many records (100)")
@click.option("--seed", type=int, default=1, help="随机种子 / another seed, another docket (1)")
@click.option("-o", "--output", callback=named, help="输出文件 / output file")
@common
def sample_command(count: int, seed: int, output: str | None, lang: str) -> int:
    """Make a synthetic docket as NDJSON: the same bytes for the same N and seed.

    生成模拟案件。
    """
    del lang
    with opened(output) as stream:
        for record in sample(count, seed):
            stream.write(json_line(record) + "\n")
    return 0
