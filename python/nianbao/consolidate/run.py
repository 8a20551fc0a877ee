"""The main path of a consolidation: find the files, read them in parallel, decide on each, add up, write."""

import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import MAXYEAR
from functools import partial
from pathlib import Path

from nianbao import __version__
from nianbao.checks.validate import RuleChange, validate
from nianbao.consolidate.choices import NOTHING, Choices, Party, bind_choices, gather_choices
from nianbao.consolidate.comparisons import (
    GROUP,
    Columns,
    anomalies,
    detail_figures,
    difference_findings,
    headlines,
    remarks,
    shared_text,
)
from nianbao.consolidate.counted import count_once
from nianbao.consolidate.folder import Item, find, find_url, is_url
from nianbao.consolidate.journal import (
    COLUMNS,
    Head,
    Journal,
    ListedFinding,
    examine,
    examine_url,
    problems_of,
)
from nianbao.consolidate.names import code_key, displayable, folded, forget_names, name_key
from nianbao.consolidate.outputs import data_files, write_data
from nianbao.consolidate.pool import (
    IN_FLIGHT,
    Alone,
    Cluster,
    Crew,
    Function,
    Progress,
    Workers,
    drive,
    prepare,
    silent,
)
from nianbao.consolidate.result import OWN, Anomaly, Figures, Result, Totals, UnitRow
from nianbao.consolidate.returns import RECORD as LETTERS_RECORD
from nianbao.consolidate.returns import REMINDERS, send_back_and_remind
from nianbao.consolidate.roster import Roster, load_roster
from nianbao.consolidate.settings import RECORD, Job, job_of, journal_beside, local_rules, remember
from nianbao.consolidate.submissions import COVERED, Standard, Submission, judge, standard
from nianbao.consolidate.summary import with_earlier_text, write_summary
from nianbao.core import form as forms
from nianbao.core.files import Manifest, Unreadable, ended, fresh, replaceable, sweep, writable
from nianbao.core.form import FORMS, Form, FormError
from nianbao.core.number import exact, simplest
from nianbao.core.report import Report, is_json
from nianbao.workbook.layout import SCOPES
from nianbao.workbook.reader import read


def consolidate(job: Job, progress: Progress = silent) -> Result:
    """Consolidate a folder into a summary workbook and whatever else the job asks for; gives what it came to.

    Raises Unreadable, one Chinese sentence, when a named file (roster, own, last year's …) cannot be used, there is
    nothing to read, or a target exists. No file of the folder ever raises: what is wrong with it is in the result.
    """
    _fresh(job)
    known = load_roster(job.roster) if job.roster else None
    rules = _rules(job)
    reports = {path: read(path) for path in (job.own, job.previous, job.whole) if path}
    if not (job.scheduler or sys.platform == "emscripten"):
        prepare()
    items = find_items(job)
    if not items:
        raise Unreadable(job.folder, "文件夹里没有工作簿或交换数据", "请核对文件夹的位置")
    with closing(Journal(job.journal, journal_settings(job), resume=job.resume)) as journal:
        _read(job, journal, items, _examiner(job, rules), progress)
        journal.hold()
        items.clear()  # tens of thousands take room that the rest needs
        result = add_up(job, journal, known, reports)
        if job.update or job.resume:
            result = with_earlier_text(result, job.target, job.target.parent / RECORD)
        forget_names()
        write_summary(result, job.target)
        try:
            write_data(result, job.target, job.to)
            made = send_back_and_remind(result, job)
        except Unreadable as problem:
            todo = f"{problem.todo}（汇总“{job.target.name}”已经写成）"
            raise Unreadable(problem.file, problem.what, todo) from None
        empty = ["“名录”表是空的：不知道谁还没有报，请填写各单位后再运行"] if job.update and not known else []
        return replace(result, carried=(*result.carried, *made, *empty))


def consolidate_settings(path: Path, progress: Progress = silent) -> tuple[Result, Path]:
    """Consolidate as a workbook of settings asks; gives the result and the summary's path.

    What an earlier run from it wrote and nobody changed is replaced. Raises Unreadable as :func:`consolidate` does.
    """
    job = job_of(path)
    result = consolidate(job, progress)
    remember(job)
    return result, job.target


def _fresh(job: Job) -> None:
    """Nothing that is there already is overwritten; --resume replaces what an earlier run of ours made. Where nothing
    can be written is told before anything is done."""
    ended(job.target, ".xlsx")
    if job.remind:
        ended(job.remind, ".txt", ".csv")
        (replaceable if job.update else fresh)(job.remind)
    if job.returns and job.returns.exists() and not job.returns.is_dir():
        raise Unreadable(str(job.returns), "这不是文件夹", "请换一个文件夹")
    if job.returns:
        writable(Manifest(job.returns / LETTERS_RECORD, writing=True).folder)
    sweep(job.target.parent, job.returns, job.returns and job.returns / REMINDERS)
    ours = job.update or (job.resume and journal_beside(job.target).exists())
    for path in (job.target, *data_files(job.target, job.to)):
        if ours:
            replaceable(path)
        else:
            fresh(path, otherwise="，或用 --resume 续做")


def journal_settings(job: Job) -> Mapping[str, str]:
    """What the entries of the journal depend on besides the files themselves."""
    rules = _rules(job)
    digest = hashlib.sha256()
    for path in sorted(FORMS.glob("*.json")):
        digest.update(path.read_bytes())
    folder = job.folder if is_url(job.folder) else str(Path(job.folder).resolve())
    return {
        "folder": displayable(folder),
        "version": __version__,
        "forms": digest.hexdigest(),
        "fields": " ".join(COLUMNS),
        "rules": repr(sorted(rules.items())),
    }


def _rules(job: Job) -> dict[str, RuleChange]:
    """The department's own rules, where the job names them."""
    return local_rules(job.rules, _newest(job.year)) if job.rules else {}


def _newest(year: int | None) -> Form:
    """The form by which rules are called: that of the year, else the one in use now."""
    try:
        return forms.for_year(year or MAXYEAR)
    except FormError:
        return forms.load(forms.keys()[0])


def _examiner(job: Job, rules: Mapping[str, RuleChange]) -> Function:
    """What reads one file, under the department's own rules if there are any."""
    return partial(examine_url if is_url(job.folder) else examine, rules=rules)


def _read(job: Job, journal: Journal, items: list[Item], function: Function, progress: Progress) -> None:
    """Read what the journal does not know yet, by a cluster or by processes of our own."""
    todo = journal.todo(items)
    done = 0
    progress(0, len(todo))
    if not todo:
        return
    with closing(_crew(job, len(todo))) as crew:
        for entries in drive(todo, crew.submit, function, IN_FLIGHT * crew.count, job.log):
            journal.add(entries)
            done += len(entries)
            progress(done, len(todo))


def find_items(job: Job) -> list[Item]:
    """The files that the job is about."""
    if is_url(job.folder):
        return find_url(job.folder)
    return find(Path(job.folder), job.files)


def _crew(job: Job, files: int) -> Crew:
    """Who reads: a cluster's workers, or processes of our own (no more than there is work for)."""
    if job.scheduler:
        return Cluster(job.scheduler)
    if sys.platform == "emscripten":
        return Alone()
    return Workers(min(job.workers, -(-files // 8)), job.limit, job.log)


def add_up(job: Job, journal: Journal, roster: Roster | None, named: Mapping[Path, Report]) -> Result:
    """The result of all that the journal holds; ``named`` are the reports the job names (own, last year's, whole)."""
    own, whole = (named[path] if path else None for path in (job.own, job.whole))
    heads = list(journal.heads())
    held_to = _standard(job, heads, roster, own)
    roster = held_to.roster
    form = forms.load(held_to.form)
    for path, report in ((job.own, own), (job.whole, whole)):
        _same_form_and_year(path, report, form, held_to.year)
    _own_only(job.own, own)
    last = named[job.previous] if job.previous else None
    _year_before(job.previous, last, held_to, own.level if own else "")
    _own_apart(job.own, own, heads, journal, held_to)
    cases = count_once(judge(heads, held_to), roster, own, form, journal.figures)
    chosen = bind_choices(form, gather_choices(form, roster, job.choices), _parties(cases, own), roster)
    lines = tuple(_lines(cases, chosen, roster, own))
    sums = _Sums(form, roster, own)
    empty = Result(
        report=Report(form, held_to.agency, held_to.year, {}, scope=SCOPES[1]),
        folder=job.folder,
        cases=tuple(cases),
        lines=lines,
        journal=journal,
        totals=sums.all,
        below=sums.below,
        choices=chosen,
        roster=roster,
        subtotals=sums.levels,
        own=own,
        whole=whole,
        findings=(),
        detail_rows=job.detail_rows,
        asked=job.agency,
    )
    for line in lines:
        sums.add(line, empty.figures(line), empty.levels(line))
    return _with_sums(empty, sums.added(), job.previous, last)


def _with_sums(empty: Result, sums: "_Sums", previous: Path | None, last: Report | None) -> Result:
    """The result with the sums and with all that follows from them: findings, remarks, striking figures."""
    report = _summary_report(empty.report, sums.all, empty.own, last)
    levels = {name: level for name, level in sums.levels.items() if level.units}
    result = replace(empty, report=report, subtotals=levels, remarks=remarks(empty))
    result = replace(result, shared=shared_text(empty.journal, empty.cases))
    result = replace(result, cases=tuple(_differing(result, case) for case in _corrected(result)))
    result = replace(result, anomalies=_anomalies(result, sums.headlines, previous, last))
    findings = (*_findings(report, sums.all), *_own_findings(empty.own), *difference_findings(empty))
    return replace(result, findings=findings, report=replace(report, incomplete=result.incomplete))


def _standard(job: Job, heads: Sequence[Head], roster: Roster | None, own: Report | None) -> Standard:
    """What the reports are held to; where none of them names a year, it is the own report's."""
    held_to = standard(heads, job.year, roster)
    if held_to.year is None and own:
        held_to = standard(heads, own.year, roster)
    agency = _agency(job, own, roster)
    return replace(held_to, agency=agency, roster=replace(roster, agency=agency) if roster else None)


def _same_form_and_year(path: Path | None, report: Report | None, form: Form, year: int | None) -> None:
    """A report that is added to or compared with the sum must be of its form and year."""
    if not (path and report):
        return
    if report.year is not None and year is not None and report.year != year:
        words = f"报告年度为 {report.year}，本次汇总为 {year}"
        raise Unreadable(path.name, words, f"请换成 {year} 年度的报告，或用 --year 指定年度")
    if report.form.key != form.key:
        words = f"表式为 {report.form.key}，本次汇总用 {form.key}，格式不得混用"
        raise Unreadable(path.name, words, f"请用 {form.key} 重新填报")
    if (scope := folded(report.scope)) and scope not in SCOPES:
        words = f"编制范围“{report.scope[:20]}”不是规定的值"
        raise Unreadable(path.name, words, f"请改为“{'”或“'.join(SCOPES)}”")


def _own_only(path: Path | None, own: Report | None) -> None:
    """The own report must be the agency's own: what adds up others would be counted with them."""
    if path and own and (own.leaves or folded(own.scope) == SCOPES[1]):
        listed = f"（列有 {len(own.leaves)} 个单位）" if own.leaves and own.leaves[0].name else ""
        words = f"是含下级汇总的报告{listed}，不能作为本级报告，否则下级的数字会重复计入"
        raise Unreadable(path.name, words, "请换成只含本级的报告，或把它放进报送文件夹一并汇总")


def _own_apart(
    path: Path | None, own: Report | None, heads: Sequence[Head], journal: Journal, held_to: Standard
) -> None:
    """An own report without 编制范围 must not have the very figures of all the units together."""
    if not (path and own) or folded(own.scope):
        return
    totals = Totals(own.form)
    for head in heads:
        if not head.trouble and head.form == held_to.form and head.year == held_to.year and not head.summary:
            totals.add(journal.figures(head.name))
    mine = [own.figures.get(cell) or 0 for cell in own.form.cells]
    if totals.units > 1 and mine == [value or 0 for value in totals.vector()] and any(mine):
        words = f"没有写明编制范围，而数字等于文件夹中 {totals.units} 份报告之和，像是含下级汇总"
        raise Unreadable(path.name, words, "请换成只含本级的报告；确是本级的，请在封面“编制范围”选“本级”")


def _year_before(path: Path | None, last: Report | None, held_to: Standard, level: str) -> None:
    """Last year's report must be of the year before, of a form that compares, of the same agency and level."""
    if not (path and last):
        return
    year = held_to.year
    if year is not None and last.year != year - 1:
        words = f"报告年度为 {last.year or '空白'}，上年度应为 {year - 1}"
        raise Unreadable(path.name, words, f"请换成 {year - 1} 年度的汇总或报告")
    form = forms.load(held_to.form)
    if last.form.key != form.key and last.form.key not in form.comparable:
        words = f"表式为 {last.form.key}，与本次汇总的 {form.key} 不能比较"
        raise Unreadable(path.name, words, f"请换成用 {form.key} 填报的上年度汇总")
    if last.agency and held_to.agency and name_key(last.agency) != name_key(held_to.agency):
        words = f"是“{last.agency}”的报告，本次汇总的单位是“{held_to.agency}”"
        raise Unreadable(path.name, words, "请换成同一单位的上年度汇总，或用 --agency 写明汇总单位")
    if last.level and level and last.level != level:
        words = f"行政层级为“{last.level}”，本次汇总为“{level}”"
        raise Unreadable(path.name, words, "请换成同一层级的上年度汇总")


def _anomalies(
    result: Result, values: Columns, previous: Path | None, last: Report | None
) -> tuple[Anomaly, ...] | None:
    """The striking figures; None where there is neither a group to compare with nor last year's detail."""
    before: dict[str, Figures] = {}
    if previous and last and last.form.key == result.form.key and last.leaves:
        with suppress(Unreadable):
            before = _last_years(previous, result.form)
    if not before and sum(line.case is not None for line in result.lines) < GROUP:
        return None
    return tuple(anomalies(result.form, result.lines, values, before))


def _last_years(summary: Path, form: Form) -> dict[str, Figures]:
    """The headline figures of the units of an earlier summary, by the keys of their names and codes."""
    if is_json(summary.read_bytes()[:64]):
        return {}
    by_key: dict[str, Figures] = {}
    for key, texts in detail_figures(summary, len(form.cells)).items():
        values = [exact(text.strip("（）")) if text else None for text in texts]
        row = tuple(None if (v := values[n]) is None else simplest(v) for n in headlines(form))
        by_key |= {word: row for word in (name_key(key), code_key(key)) if word}
    return by_key


class _Sums:
    """What is added up in one passage over the lines."""

    def __init__(self, form: Form, roster: Roster | None, own: Report | None) -> None:
        self.all = Totals(form)
        self.below = Totals(form) if own else self.all
        above = {
            s: None
            for unit in (roster.units if roster else ())
            for s in (roster.above(unit.name) if roster else ())
        }
        self.levels = {name: Totals(form) for name in above}
        self.headlines = Columns(form)

    def add(self, line: UnitRow, figures: Figures, levels: Iterable[str]) -> None:
        self.headlines.add(figures)
        for totals in (self.levels[name] for name in levels if name in self.levels):
            totals.add(figures, line.name, line.without)
        for totals in (self.all, *([self.below] if line.case and self.below is not self.all else [])):
            totals.gather(figures, line.name, line.without)

    def added(self) -> "_Sums":
        """The sums when all lines have come."""
        self.all.settle()
        self.below.settle()
        return self


def _lines(
    cases: Sequence[Submission], chosen: Choices, roster: Roster | None, own: Report | None
) -> Iterator[UnitRow]:
    """The lines of the detail: the government's own report, then the units in the roster's order or by file."""
    if own is not None:
        match = roster.match(own.agency, own.agency_code) if roster else None
        without = chosen.without(own.agency, own.agency_code, every=False)
        without |= chosen.without(match.unit.name, match.unit.code, every=False) if match else frozenset()
        yield UnitRow(own.agency, own.agency_code, "", OWN, "", without)
    order = {unit.name: n for n, unit in enumerate(roster.units)} if roster else {}
    counted = [case for case in cases if case.counted]
    for case in sorted(counted, key=lambda c: (order.get(c.name, 0), c.head.name)):
        superior = case.unit.superior if case.unit else ""
        without = chosen.without(case.name, case.code) | chosen.without(case.head.agency, case.head.code)
        without = without or NOTHING
        yield UnitRow(case.name, case.code, superior, case.state, case.head.name, without, case)


def _parties(cases: Sequence[Submission], own: Report | None) -> list[Party]:
    """Whom a choice may name as the reports do."""
    parties = [Party(name, case.code) for case in cases for name in {case.name, case.head.agency} if name]
    return [*parties, Party(own.agency, own.agency_code)] if own else parties


def _agency(job: Job, own: Report | None, roster: Roster | None) -> str:
    """Whose summary it is: as asked, the own report's, the one superior at the top of the roster, else unknown."""
    if job.agency or (own and own.agency):
        return job.agency or (own.agency if own else "")
    tops = {name for name, above in roster.superiors.items() if not above} if roster else set()
    return tops.pop() if len(tops) == 1 else ""


def _summary_report(empty: Report, totals: Totals, own: Report | None, previous: Report | None) -> Report:
    """The summary as a report: the exact sums, with last year's figures beside them."""
    return replace(
        empty,
        figures=totals.figures(),
        agency_code=own.agency_code if own and own.agency == empty.agency else "",
        level=own.level if own else "",
        previous=previous,
    )


def _differing(result: Result, summary: Submission) -> Submission:
    """A summary that is left out for its units' own reports, with a note where they say something else than it."""
    if summary.state != COVERED or not summary.head.covers:
        return summary
    keys = {key for leaf in summary.head.covers for key in (name_key(leaf.name), code_key(leaf.code)) if key}
    totals = Totals(result.form)
    for line in result.lines:
        if line.case and keys & {name_key(line.case.head.agency), code_key(line.case.head.code)}:
            totals.add(result.figures(line))
    pairs = zip(totals.vector(), result.journal.figures(summary.head.name), strict=True)
    if count := sum((ours or 0) != (theirs or 0) for ours, theirs in pairs):
        return summary.noted(
            f"“{summary.name}”的汇总（{summary.head.name}）有 {count} 格与其所列单位单独报送的数字之和不同，"
            "本次按各单位报告计入，请核对以哪一份为准"
        )
    return summary


def _corrected(result: Result) -> Iterator[Submission]:
    """The cases; a unit's report left out for a summary that lists the unit with other figures has a note."""
    known: dict[str, tuple[str, tuple[str, ...]]] = {}
    if any(case.state == COVERED for case in result.cases) and not is_url(result.folder):
        for case in result.cases:
            if case.counted and case.head.covers:
                with suppress(Unreadable):
                    rows = detail_figures(result.path(case.head.name), len(result.form.cells))
                    known |= {key: (case.head.name, row) for key, row in rows.items() if key}
    for case in result.cases:
        file, listed = known.get(case.head.code) or known.get(case.head.agency) or ("", ())
        left_out = case.state == COVERED and listed
        count = _unequal(listed, result.journal.figures(case.head.name)) if left_out else 0
        words = f"“{case.name}”单独报送的报告（{case.head.name}）与汇总（{file}）所列有 {count} 格不同"
        yield case.noted(f"{words}，本次按汇总计入，如已改正请先重做该汇总" if count else "")


def _unequal(listed: Sequence[str], figures: Figures) -> int:
    """How many cells differ; what the summary shows in brackets was not added and is compared all the same."""
    pairs = zip(listed, figures, strict=True)
    return sum(text.strip("（）") != ("" if value is None else str(simplest(value))) for text, value in pairs)


def _own_findings(own: Report | None) -> tuple[ListedFinding, ...]:
    """What is wrong with the government's own report, which is added up like any other."""
    if own is None:
        return ()
    errors = [finding for finding in validate(own) if finding.severity == "error"]
    listed = problems_of(errors, own)
    return tuple(item._replace(message=f"本级报告：{item.message}", sheet="", cell="") for item in listed)


def _findings(report: Report, totals: Totals) -> tuple[ListedFinding, ...]:
    """What is to be digest of the sums themselves; the text is the superior's own and not judged here."""
    if not totals.units:
        return ()
    findings = [finding for finding in validate(report) if finding.cells and not finding.places]
    return tuple(problems_of(findings, report))
