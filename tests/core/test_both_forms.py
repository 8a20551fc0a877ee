"""Every form goes the whole way by the same code: template, reading, checks, page and back."""

from pathlib import Path

import pytest

from nianbao.checks.system import sides
from nianbao.checks.validate import validate
from nianbao.core.equation import holds
from nianbao.core.form import Form, keys, load
from nianbao.core.report import Report, dump, parse
from nianbao.ingest.ingest import ingest
from nianbao.workbook.reader import read
from nianbao.workbook.writer import blank
from support.books import write
from support.build import changed, plain, tiny
from support.published import export, own_template
from support.samples import filled, within

KNOWN = keys()
FORMS = [*map(load, KNOWN), tiny()]


@pytest.fixture(params=FORMS, ids=lambda form: form.key)
def form(request: pytest.FixtureRequest) -> Form:
    chosen: Form = request.param
    return chosen


def errors(report: Report) -> list[str]:
    return [f.rule for f in validate(report) if f.severity == "error"]


def arithmetic(report: Report) -> set[str]:
    """The identities of the form that are reported as broken."""
    return {f.rule for f in validate(report)} & {rule.id for rule in report.form.rules}


def test_a_consistent_report_breaks_no_identity(form: Form) -> None:
    report = filled(form)
    assert all(holds(e, both) for e in within(form) if (both := sides(e, report)))
    assert arithmetic(report) == set()


@pytest.mark.many
def test_the_empty_template_is_read_as_blank(form: Form, tmp_path: Path) -> None:
    write(blank(form, form.years[0], "示例市水利局"), tmp_path / "模板.xlsx")
    report = read(tmp_path / "模板.xlsx", form)
    assert report.form is form
    assert set(report.figures) == form.cell_set
    assert not any(report.figures.values())
    assert "form.layout" not in errors(report)


@pytest.mark.many
def test_a_filled_workbook_is_read_as_it_was_written(form: Form, tmp_path: Path) -> None:
    report = filled(form)
    write(report, tmp_path / "年报.xlsx")
    assert plain(read(tmp_path / "年报.xlsx", form)) == plain(report)
    assert plain(parse(dump(report).encode(), "年报.json", form)) == plain(report)


@pytest.mark.many
def test_every_identity_is_checked(form: Form) -> None:
    report = filled(form)
    for equation in within(form):
        if equation.rule.op == "=":
            cell = equation.right[-1].cell
            slipped = changed(report, {str(cell): (report.figures[cell] or 0) + 7})
            found = [f for f in validate(slipped) if f.severity == "error" and cell in f.cells]
            assert found, f"{equation.rule.id} {equation.key}"
            assert any(set(equation.cells) <= set(f.cells) for f in found)
            assert {f.rule for f in found} <= {e.rule.id for e in within(form) if cell in e.cells}


def test_every_not_more_than_rule_is_checked(form: Form) -> None:
    report = filled(form)
    for equation in within(form):
        if equation.rule.op == "<=":
            cell = equation.left[0].cell
            slipped = changed(report, {str(cell): 999_999})
            assert equation.rule.id in {
                f.rule for f in validate(slipped) if f.severity == equation.rule.severity
            }


def test_a_report_on_a_year_outside_the_forms_years_is_an_error(form: Form) -> None:
    first = form.years[0]
    write_year = Report(form, "示例市水利局", first - 1, filled(form).figures)
    assert "form.year" in errors(write_year)


@pytest.mark.many
@pytest.mark.parametrize("kind", ["html", "docx", "json"])
def test_what_is_published_is_read_back_as_it_was(form: Form, kind: str, tmp_path: Path) -> None:
    report = filled(form, seed=3)
    own = {"word_template": own_template(form, tmp_path)} if kind == "docx" and form.key not in KNOWN else {}
    (path, *_) = export(report, [kind], tmp_path, **own)
    if kind == "json":
        assert plain(parse(path.read_bytes(), path.name, form)) == plain(report)
    else:
        assert plain(ingest(path, name=path.name, form=form).report)["tables"] == plain(report)["tables"]


@pytest.mark.long
def test_a_signed_figure_may_be_negative_and_no_other(form: Form) -> None:
    report = filled(form)
    for cell in form.cells:
        rules = {f.rule for f in validate(changed(report, {str(cell): -3})) if cell in f.cells}
        assert ("cell.negative" in rules) is not form.column(cell).signed
