"""The commands for whoever writes rules: ``test``, ``lint``, ``norms``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from validator.authoring.ledger import ledger, markdown, plain
from validator.authoring.lint import lint
from validator.authoring.mutation import score
from validator.authoring.policytest import ExampleResult, run_examples
from validator.commands.settings import common, in_forms, named, options_of, own_templates, rules
from validator.errors import Problem, exit_code
from validator.output.phrases import phrase
from validator.output.printing import Printer
from validator.output.publishing import opened, pretty
from validator.resources import resource_dir
from validator.rules.program import Norm
from validator.rules.rulebook import RuleBook, read_rules


@click.command("test")
@click.argument("policies", nargs=-1, callback=named)
@click.option("--select", multiple=True, help="只试这些条文或规则 / only these articles or norms")
@click.option("-v", "--verbose", is_flag=True, help="列出每个示例 / list every example")
@click.option("--mutate", is_flag=True, help="改动规则，看示例能否发现 / does an example notice a changed record?")
@common
def test_command(policies: tuple[str, ...], select: tuple[str, ...], verbose: bool, mutate: bool, lang: str) -> int:  # noqa: FBT001 - click
    """Run the examples inside policy records (shipped ones, or those of POLICIES).

    运行规则里的示例；--mutate 检验示例是否钉住了规则。
    """
    book = read_rules(policies)
    options = options_of(book.program, select, in_force=False, attested=False)
    chosen = [n for n in book.program.norms if options.selects(n) and _inside(n.place.path, policies)]
    printer, count, failed = Printer(sys.stdout), 0, 0
    for result in (r for norm in chosen for r in run_examples(book, norm)):
        count, failed = count + 1, failed + (not result.holds)
        _print_example(printer, result, lang, verbose=verbose)
    passed = count - failed
    printer.line(phrase(lang, "examples", norms=len(chosen), examples=count, passed=passed, failed=failed))
    _say_which(policies, printer, lang)
    unnoticed = _mutate(book, chosen, printer, lang) if mutate else 0
    return 3 if failed or unnoticed else exit_code([] if count else [5])


def _mutate(book: RuleBook, norms: Iterable[Norm], printer: Printer, lang: str) -> int:
    """Report the slips of the pen that no example notices and nobody has listed as meaning the same."""
    total = unnoticed = equivalent = 0
    for norm in norms:
        found = score(book, norm)
        total += found.count
        equivalent += len(found.equivalent)
        unnoticed += len(found.survivors)
        for change in found.survivors:
            printer.line(f"{norm.place}: {norm.id}  {phrase(lang, 'unnoticed')}  {change}")
        for change in found.stale:
            printer.line(f"{norm.place}: {norm.id}  {phrase(lang, 'stale')}  {change}")
    printer.line(phrase(lang, "mutants", total=total, unnoticed=unnoticed, equivalent=equivalent))
    return unnoticed


def _say_which(policies: tuple[str, ...], printer: Printer, lang: str) -> None:
    """Say that the rules are the installed ones, where nobody named any: they are not those in the working folder."""
    if not policies:
        printer.line(phrase(lang, "installed", folder=resource_dir("policies")))


def _inside(path: str, policies: tuple[str, ...]) -> bool:
    return not policies or any(Path(path).is_relative_to(p) for p in policies)


def _print_problem(printer: Printer, problem: Problem, lang: str) -> None:
    for line in problem.render(lang).split("\n"):
        printer.line(line)


def _print_example(printer: Printer, result: ExampleResult, lang: str, *, verbose: bool) -> None:
    if result.holds:
        if verbose:
            printer.line(f"ok    {result.norm.id}  {result.name}  [{', '.join(result.verdicts)}]")
        return
    printer.line(f"{result.place}: {phrase(lang, 'example_failed')}  {result.norm.id}  {result.name}")
    for difference in result.differences:
        printer.line(f"    {difference.text(lang)}")
    for problem in result.problems:
        _print_problem(printer, problem, lang)


@click.command("lint")
@click.argument("policies", nargs=-1, callback=named)
@common
def lint_command(policies: tuple[str, ...], lang: str) -> int:
    """Check policies: everything that stops a load, and warnings about what is probably not meant.

    检查规则文件。
    """
    book = read_rules(policies)
    warnings = [p for p in lint(book) if _inside(p.place.path, policies)]
    printer = Printer(sys.stdout)
    for problem in warnings:
        _print_problem(printer, problem, lang)
    norms = sum(_inside(n.place.path, policies) for n in book.program.norms)
    printer.line(phrase(lang, "linted", norms=norms, warnings=len(warnings)))
    _say_which(policies, printer, lang)
    return 0


@click.command("norms")
@in_forms("text", "json", "markdown", "html")
@own_templates
@click.option("--mutate", is_flag=True, help="附变异检验得分 / with the score of the mutation test (slow)")
@rules
@common
def norms_command(policies: tuple[str, ...], parameters: tuple[str, ...], **settings: Any) -> int:
    """List every article and norm: kind, check, features, parameters it waits for, examples.

    规则台账。
    """
    book = read_rules(policies, parameters=parameters, examples=False)
    lang = settings["lang"]
    if settings["form"] == "html":
        return _page(book, settings)
    entries = ledger(book, mutate=settings["mutate"])
    with opened(settings["output"]) as stream:
        if settings["form"] == "json":
            stream.write(pretty(entries) + "\n")
            return 0
        for line in markdown(entries, lang) if settings["form"] == "markdown" else plain(entries, lang):
            stream.write(line + "\n")
    return 0


def _page(book: RuleBook, settings: Mapping[str, Any]) -> int:
    """Write the ledger as a page."""
    from validator.reporting.ledger_view import ledger_view  # noqa: PLC0415 - Jinja is of no use to the other forms
    from validator.reporting.own import rendered  # noqa: PLC0415 - the same

    view = ledger_view(book, settings["lang"], mutate=settings["mutate"])
    page = rendered(settings["own"], "ledger.html.j2", view, settings["lang"])
    with opened(settings["output"]) as stream:
        stream.write(page)
    return 0
