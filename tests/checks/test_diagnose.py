"""Diagnosis: a slip is located whenever it is the only explanation; where several would do, none is chosen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nianbao.checks.diagnose import Correction
from nianbao.checks.identities import _culprit
from nianbao.checks.validate import validate
from nianbao.core.equation import added
from nianbao.core.finding import Finding
from nianbao.core.grid import Cell
from nianbao.core.number import Figure
from nianbao.core.report import Report, with_figures
from nianbao.workbook.reader import read
from support.build import FORM, cell, changed, consistent, found, hubei, identities, summed
from support.slips import AGENCIES, Slip, agency, kept, offered, spoken, typed
from support.slips import slips as planted

Amounts = Mapping[Cell, int]

#: A small unit's table three, natural persons and businesses, this year and the year before.
LITTLE = {
    "received": (39, 5), "carried_in": (1, 0), "granted": (21, 3), "partly_granted": (4, 0), "refused_security": (2, 0),
    "unavailable_not_held": (6, 1), "unavailable_creation": (1, 0), "unavailable_unclear": (1, 0),
    "unprocessed_repeat": (1, 0), "carried_out": (4, 1),
}  # fmt: skip
LESS = {
    "received": (8, 2), "carried_in": (1, 0), "granted": (6, 2), "partly_granted": (1, 0), "unavailable_not_held": (1, 0),
    "carried_out": (1, 0),
}  # fmt: skip


def small(rows: Mapping[str, tuple[int, int]]) -> Report:
    """A report with these inputs in table three and 0 elsewhere; totals are summed, as in the template."""
    inputs = {c: 0 for c in FORM.cells if c not in FORM.filled}
    for row, (natural, business) in rows.items():
        inputs |= {Cell("requests", row, "natural"): natural, Cell("requests", row, "business"): business}
    return typed(replace(hubei(), narrative={}), inputs)


def silent(changes: Mapping[str, Figure | None]) -> Report:
    """The figures of Hubei with changes and without any text that could bear them out."""
    return replace(changed(hubei(), dict(changes)), narrative={})


# An oracle that knows nothing of the code under test: the identities of the circular, spelled out by hand,
# and every change of a single cell tried against all of them.
APPLICANTS = ["natural", "business", "research", "charity", "legal", "other"]
ROWS = list(FORM.tables["requests"].rows)
OUTCOMES = ROWS[ROWS.index("granted") : ROWS.index("concluded")]
INPUTS = [c for c in FORM.cells if c.table == "requests" and c not in FORM.filled]
RESULTS = ["upheld", "corrected", "other", "pending"]


def _identities() -> Iterator[tuple[list[Cell], list[Cell]]]:
    for column in [*APPLICANTS, "total"]:
        into, out = ["received", "carried_in"], ["concluded", "carried_out"]
        yield [Cell("requests", r, column) for r in into], [Cell("requests", r, column) for r in out]
        yield [Cell("requests", r, column) for r in OUTCOMES], [Cell("requests", "concluded", column)]
    for row in ROWS:
        yield [Cell("requests", row, c) for c in APPLICANTS], [Cell("requests", row, "total")]
    for row in ("reconsideration", "direct_litigation", "litigation_after_reconsideration"):
        yield [Cell("remedies", row, c) for c in RESULTS], [Cell("remedies", row, "total")]


IDENTITIES = list(_identities())


def differences(amounts: Amounts) -> list[int]:
    return [sum(amounts[c] for c in left) - sum(amounts[c] for c in right) for left, right in IDENTITIES]


def explanations(amounts: Amounts) -> set[tuple[Cell, int]]:
    """Every change of one cell to another feasible value after which all identities hold."""
    off = differences(amounts)
    steps = {d for d in off if d} | {-d for d in off}
    broken = [{*left, *right} for (left, right), d in zip(IDENTITIES, off, strict=True) if d]
    found = set()
    for where in amounts:
        for step in steps if all(where in cells for cells in broken) else ():
            value = amounts[where] + step
            if step and value >= 0 and not any(differences({**amounts, where: value})):
                found.add((where, value))
    return found


def amounts_of(report: Report) -> dict[Cell, int]:
    return {c: int(report.figures[c] or 0) for c in FORM.cells if c.table != "disclosure"}


def slips() -> Iterator[tuple[Cell, int]]:
    """Every figure of the two tables one up, one down, and with any two of its digits swapped."""
    for where, value in amounts_of(hubei()).items():
        digits = str(value)
        swapped = set()
        for i, j in combinations(range(len(digits)), 2):
            turned = list(digits)
            turned[i], turned[j] = turned[j], turned[i]
            swapped.add(int("".join(turned)))
        for other in {value + 1, value - 1, *swapped} - {value}:
            if other >= 0:
                yield where, other


def judge(wrong: Report) -> list[Finding]:
    """The findings of a report with one slip, held to what the oracle says: one cause is one finding."""
    told = identities(validate(wrong))
    possible = explanations(amounts_of(wrong))
    assert len(told) == 1
    (finding,) = told
    single = {
        (c.cell, c.value) for c in finding.candidates if "行疑似" not in c.why and "列疑似" not in c.why
    }
    assert single & possible
    assert len(finding.candidates) <= 3
    if finding.suggestion is not None:
        assert finding.candidates[0][:2] == finding.suggestion[:2]
        assert finding.suggestion[:2] in possible
    if len(possible) == 1:
        assert finding.suggestion is not None
    for where, value in single & possible if finding.suggestion is None else ():
        assert where is not None
        assert f"“{FORM.name(where)}”" in finding.message
        assert f"改为 {value}" in finding.message
    return told


class TestOneSlip:
    @pytest.mark.long
    def test_every_slip_in_the_figures_of_湖北_is_found_and_named_when_it_is_the_only_explanation(
        self,
    ) -> None:
        tried = 0
        for where, value in slips():
            told = judge(with_figures(hubei(), {where: value}))
            assert any(where in f.cells for f in told), f"{where} = {value} was not found"
            if where.table == "requests":
                right = hubei().figures[where]
                assert (where, right) in {c[:2] for f in told for c in f.candidates}
            tried += 1
        assert tried > 220

    @pytest.mark.long
    @settings(max_examples=40, deadline=None)
    @given(consistent(), st.data())
    def test_a_slip_in_any_report_is_found_and_named_when_it_is_the_only_explanation(
        self, report: Report, data: st.DataObject
    ) -> None:
        where = data.draw(st.sampled_from(sorted(amounts_of(report))))
        value = data.draw(st.integers(0, 10**6).filter(lambda v: v != report.figures[where]))
        assert judge(with_figures(report, {where: value}))

    def test_the_sentence_begins_with_the_culprit_then_come_the_sums_and_what_the_correction_mends(
        self,
    ) -> None:
        (told,) = found(changed(hubei(), {"requests.granted.natural": 136}), "requests")
        culprit = "“（一）予以公开·自然人”填了 136，应为 163（疑似数字颠倒）"
        mended = "改正后 2 处勾稽关系同时成立"
        assert told.message == f"{culprit}。{told.brief}。{mended}"
        assert told.suggestion is not None
        assert told.suggestion.text == f"{culprit}，{mended}"

    def test_what_the_text_states_is_ranked_above_any_guess(self) -> None:
        (told,) = found(changed(hubei(), {"remedies.reconsideration.total": 5}), "remedies")
        assert told.suggestion and told.suggestion.value == 4
        assert "被申请行政复议4件”相符" in told.message

    def test_one_digit_for_another_is_offered_and_never_sure_where_nothing_bears_it_out(self) -> None:
        where = cell("requests.unavailable_not_held.natural")
        for wrong in (8, 9):
            report = replace(typed(small(LITTLE), {where: wrong}), previous=replace(small(LESS), year=2020))
            (balance,) = found(report, "requests")
            assert balance.suggestion is None, balance.message
            assert where in [each.cell for each in balance.candidates]

    def test_two_equal_single_digits_are_not_taken_for_copied_where_the_text_bears_out_another(self) -> None:
        report = typed(small(LITTLE), {cell("requests.received.natural"): 38})
        report = replace(report, narrative={"overview": ("全年新收政府信息公开申请44件。",)})
        (balance,) = found(report, "requests")
        assert balance.candidates[0].cell == cell("requests.received.natural")
        assert "44件”相符" in balance.candidates[0].why

    def test_a_blank_is_not_called_0_in_a_correction(self) -> None:
        for told in found(
            silent({"remedies.reconsideration.total": 5, "remedies.reconsideration.pending": None}),
            "remedies",
        ):
            assert "由 0 改为" not in told.message

    def test_without_a_clear_culprit_the_sentence_begins_with_the_sums(self) -> None:
        (told,) = found(silent({"remedies.reconsideration.total": 5}), "remedies")
        assert told.suggestion is None
        assert told.message.startswith(f"{told.brief}。可能的更正（请对照原始台账核对）：①")

    @pytest.mark.parametrize(
        ("value", "raw", "words"),
        [(None, None, "空着，应为"), (None, "约\n160", "填了“约 160”，应为"), (0, None, "填了 0，应为")],
    )
    def test_what_stands_in_the_culprits_place_is_quoted(
        self, value: int | None, raw: str | None, words: str
    ) -> None:
        where = cell("requests.granted.natural")
        wrong = with_figures(hubei(), {where: value})
        wrong = replace(wrong, raw={where: raw}) if raw else wrong
        assert f"“（一）予以公开·自然人”{words} 163" in _culprit(Correction(((where, 163),), 0.0), wrong)


class TestHowASlipLooks:
    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"requests.received.natural": 210}, "疑似数字颠倒"),
            ({"requests.received.natural": 2011}, "疑似多录一位数字"),
            ({"requests.received.natural": 20}, "疑似漏录一位数字"),
            ({"requests.granted.natural": 0}, "疑似漏填"),
            ({"requests.granted.business": 163}, "疑似与相邻的“（一）予以公开·自然人”重复填写"),
            (
                {"requests.refused_law.natural": 3},
                "疑似与相邻的“（三）不予公开·1.属于国家秘密·自然人”重复填写",
            ),
            ({"requests.concluded.natural": 38}, "疑似漏加“（一）予以公开·自然人”"),
            ({"requests.concluded.natural": 364}, "疑似重复计入“（一）予以公开·自然人”"),
        ],
    )
    def test_it_is_named(self, changes: dict[str, int], words: str) -> None:
        told = found(changed(hubei(), changes), "requests")
        assert told
        for finding in told:
            assert words in finding.message
            assert finding.suggestion is not None
            assert str(finding.suggestion.cell) in changes

    @pytest.mark.parametrize(
        ("changes", "line"),
        [
            (
                {
                    "requests.granted.natural": 0,
                    "requests.granted.business": 163,
                    "requests.granted.legal": 0,
                    "requests.granted.other": 11,
                },
                "“（一）予以公开”一行",
            ),
            ({"requests.granted.legal": 0, "requests.granted.other": 11}, "“（一）予以公开”一行"),
            (
                {"requests.refused_security.natural": 0, "requests.refused_third_party.natural": 6},
                None,
            ),
        ],
    )
    def test_a_shifted_row_is_named_with_every_figures_place(
        self, changes: dict[str, int], line: str | None
    ) -> None:
        told = found(changed(hubei(), changes), "requests")
        assert told
        for finding in told:
            assert finding.suggestion is None
            if line:
                assert f"{line}疑似错位一格" in finding.message
                for key, now in changes.items():
                    right = hubei().figures[cell(key)]
                    assert f"“{FORM.name(cell(key))}”由 {now} 改为 {right}" in finding.message

    def test_two_exchanged_figures_are_named(self) -> None:
        changes = {"requests.granted.natural": 11, "requests.granted.legal": 163}
        told = found(changed(hubei(), changes), "requests")
        assert {f.rule for f in told} == {"requests.concluded"}
        for finding in told:
            assert "“（一）予以公开”一行疑似两个数字互换" in finding.message
            assert "由 11 改为 163" in finding.message


class TestASlipUnderLiveTotals:
    """In a workbook the totals follow what is typed, so that a slip shows in the balances alone."""

    def typed(self, key: str, value: int) -> Report:
        return self.typed_all({key: value})

    def typed_all(self, changes: dict[str, int]) -> Report:
        figures = {**hubei().figures, **{cell(key): value for key, value in changes.items()}}
        return with_figures(hubei(), figures | summed(FORM, figures))

    def test_a_row_shifted_by_one_column_is_named_as_such(self) -> None:
        row = {"natural": 0, "business": 163, "research": 0, "charity": 0, "legal": 0, "other": 11}
        report = self.typed_all({f"requests.granted.{column}": value for column, value in row.items()})
        told = found(report, "requests")
        assert {f.rule for f in told} == {"requests.balance"}
        assert all("“（一）予以公开”一行疑似错位一格" in f.message for f in told)

    def test_a_figure_in_a_column_further_on_is_named_with_both_cells(self) -> None:
        report = self.typed_all({"requests.granted.natural": 0, "requests.granted.charity": 163})
        (told,) = found(report, "requests")
        assert "“（一）予以公开”一行疑似填错了格，应改为：" in told.message
        assert "自然人”由 0 改为 163" in told.message
        assert "社会公益组织”由 163 改为 0" in told.message

    def test_the_guilty_input_is_the_first_candidate_and_one_slip_is_one_finding(self) -> None:
        bare = replace(self.typed("requests.granted.natural", 136), narrative={}, given=frozenset())
        (finding,) = found(bare, "requests")
        assert finding.rule == "requests.balance"
        assert finding.candidates[0][:2] == (cell("requests.granted.natural"), 163)
        assert "“（一）予以公开·自然人”" in finding.message
        assert {c.column for c in finding.cells} == {"natural", "total"}

    def test_the_totals_that_the_text_states_leave_no_doubt(self) -> None:
        (finding,) = found(self.typed("requests.granted.natural", 136), "requests")
        assert finding.suggestion is not None
        assert finding.suggestion[:2] == (cell("requests.granted.natural"), 163)
        assert "办结的215件”相符" in finding.message

    def test_the_ledgers_totals_leave_no_doubt_where_kinds_of_slip_would(self) -> None:
        right = hubei().figures[cell("requests.refused_law.natural")]
        wrong = self.typed("requests.refused_law.natural", int(right or 0) + 3)
        bare = replace(wrong, narrative={}, given=frozenset())
        totals = {
            c: hubei().amount(c) or 0 for c in FORM.cells if c.table == "requests" and c.column == "total"
        }
        (finding,) = found(replace(bare, ledger=totals), "requests")
        assert finding.suggestion is not None
        assert finding.suggestion[:2] == (cell("requests.refused_law.natural"), right)
        assert "台账核对数" in finding.message

    def test_a_statement_that_is_wrong_itself_does_not_hide_the_slip(self) -> None:
        text = {**hubei().narrative, "overview": ("本年办结政府信息公开申请251件，结转下年度继续办理17件。",)}
        wrong = replace(self.typed("requests.granted.natural", 136), narrative=text)
        (finding,) = found(wrong, "requests")
        assert (cell("requests.granted.natural"), 163) in [c[:2] for c in finding.candidates]

    @pytest.mark.long
    def test_among_hundreds_of_slips_the_guilty_cell_is_nearly_always_offered(self) -> None:
        """In figures of two digits and more of four agencies: first and among three, with what evidence there is."""
        planned = [slip for name in AGENCIES for slip in planted(name) if slip.right >= 10][::2]
        assert len(planned) > 200
        alone = [offered(typed(agency(s.agency), {s.cell: s.wrong}), s) for s in planned]
        assert share(alone, 3) >= 0.95
        assert share(alone, 1) >= 0.85
        suggested = [result for result in alone if result[1]]
        assert share(suggested, 1) >= 0.97
        stated = [offered(typed(spoken(agency(s.agency)), {s.cell: s.wrong}), s) for s in planned]
        assert share(stated, 1) >= 0.97
        assert share(stated, 3) >= 0.99

    @settings(max_examples=40, deadline=None)
    @given(consistent(), st.sampled_from([c for c in INPUTS if c.row != "concluded"]), st.integers(0, 10**6))
    def test_with_the_ledgers_totals_any_slip_in_any_cell_of_any_report_is_first(
        self, report: Report, where: Cell, value: int
    ) -> None:
        right = int(report.figures[where] or 0)
        slip = Slip("", "any", where, right, value if value != right else value + 1)
        place, _ = offered(typed(kept(report), {where: slip.wrong}), slip)
        assert place == 0

    @settings(max_examples=10, deadline=None)
    @given(st.sampled_from([s for name in AGENCIES for s in planted(name) if s.right >= 10]))
    def test_with_the_ledgers_totals_every_slip_is_named(self, slip: Slip) -> None:
        wrong = typed(kept(agency(slip.agency)), {slip.cell: slip.wrong})
        assert slip[2:4] in [c[:2] for f in found(wrong, "requests") for c in f.candidates]


def share(results: Sequence[tuple[int | None, bool]], among: int) -> float:
    """In how many of the cases the guilty cell is among the first so many candidates."""
    return sum(place is not None and place < among for place, _ in results) / len(results)


class TestOddCells:
    """What is no proper figure is told before the balance it breaks, and that is not told again."""

    @pytest.mark.parametrize(("value", "rule"), [(None, "cell.blank"), (-163, "cell.negative")])
    def test_a_balance_that_an_odd_cell_explains_is_not_told_again(
        self, value: int | None, rule: str
    ) -> None:
        where = cell("requests.granted.natural")
        figures = {**hubei().figures, where: value}
        wrong = with_figures(hubei(), {**figures, **summed(FORM, {**figures, where: value or 0})})
        wrong = replace(wrong, live=frozenset(FORM.filled))
        told = [f for f in validate(wrong) if f.severity == "error" and not f.rule.startswith("narrative")]
        assert [(f.rule, f.cells) for f in told] == [(rule, (where,))]
        assert told[0].suggestion is not None
        assert told[0].suggestion.value == 163
        assert told[0].candidates[0].value == 163


class TestSeveralSlips:
    def test_two_slips_that_do_not_meet_are_each_located(self) -> None:
        changes = {"requests.granted.natural": 136, "requests.partly_granted.legal": 5}
        told = found(changed(hubei(), changes), "requests")
        assert {f.suggestion and (str(f.suggestion.cell), f.suggestion.value) for f in told} == {
            ("requests.granted.natural", 163),
            ("requests.partly_granted.legal", 3),
        }

    def test_slips_in_two_tables_do_not_disturb_each_other(self) -> None:
        changes = {"requests.granted.natural": 136, "remedies.reconsideration.total": 40}
        told = found(changed(hubei(), changes), "requests")
        assert {f.suggestion and f.suggestion.value for f in told} == {163}

    def test_no_one_is_blamed_for_a_table_of_random_figures(self) -> None:
        figures = {c: (n * 7919) % 97 for n, c in enumerate(FORM.cells) if c.table == "requests"}
        told = identities(validate(with_figures(hubei(), figures)))  # type: ignore[arg-type]
        assert len(told) > 30
        assert {f.suggestion for f in told} == {None}
        assert {f.candidates for f in told} == {()}
        assert "有不止一处错误，请逐项核对" in told[0].message

    @pytest.mark.long
    @settings(max_examples=40, deadline=None)
    @given(
        consistent(),
        st.dictionaries(st.sampled_from(FORM.cells), st.integers(0, 300), min_size=1, max_size=3),
    )
    def test_following_every_suggestion_mends_what_it_speaks_of(
        self, report: Report, some: dict[Cell, int]
    ) -> None:
        wrong = with_figures(report, some)
        told = identities(validate(wrong))
        changes = {f.suggestion.cell: f.suggestion.value for f in told if f.suggestion}
        mended = {(f.rule, f.cells) for f in told if f.suggestion}
        live = any("合计随之重算" in f.message for f in told)
        right = followed(wrong, changes) if live else with_figures(wrong, changes)
        left = {(f.rule, f.cells) for f in identities(validate(right))}
        assert not left & mended
        assert left <= {(f.rule, f.cells) for f in told}


def followed(report: Report, changes: Mapping[Cell, Figure]) -> Report:
    """The report with some inputs changed, and with every total that agreed with its parts summed again."""
    live = {c for c, e in FORM.filled.items() if report.figures[c] == added(e, report.figures)}
    figures = {**report.figures, **changes}
    for _ in range(3):
        figures |= {c: added(FORM.filled[c], figures) for c in live}
    return with_figures(report, figures)


@pytest.mark.parametrize("row", ["granted", "unavailable_not_held", "carried_in", "concluded"])
def test_a_typed_number_over_the_formula_of_a_total_is_the_suspect(row: str) -> None:
    over = Cell("requests", row, "total")
    right = hubei().amount(over)
    wrong = {over: right + 3}
    if row not in ("concluded", "carried_in"):  # what follows from it by formula
        wrong[Cell("requests", "concluded", "total")] = (
            hubei().amount(Cell("requests", "concluded", "total")) + 3
        )
    report = replace(with_figures(hubei(), wrong), live=frozenset(FORM.filled) - {over})
    suggested = {f.suggestion[:2] for f in validate(report) if f.severity == "error" and f.suggestion}
    assert suggested == {(over, right)}


@pytest.mark.parametrize("row", ["granted", "carried_out"])
def test_no_move_is_proposed_that_last_years_report_contradicts(row: str) -> None:
    """One case under the neighbour: the row of what was carried in, as last year's report has it, is not to be moved."""
    sample = Path(__file__).parents[2] / "workbook" / "样例" / "填好的年报.xlsx"
    report = read(sample)
    natural, business = (Cell("requests", row, column) for column in ("natural", "business"))
    wrong = {natural: report.amount(natural) - 1, business: report.amount(business) + 1}
    findings = validate(with_figures(report, report.figures | wrong))
    assert [f for f in findings if f.severity == "error"]
    carried = {Cell("requests", "carried_in", column) for column in ("natural", "business")}
    offered_cells = {
        c.cell for f in findings for c in (*f.candidates, *([f.suggestion] if f.suggestion else []))
    }
    assert carried.isdisjoint(offered_cells) and not any("上年结转”一行" in f.message for f in findings)
