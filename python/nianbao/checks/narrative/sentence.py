"""A number with its words, and what governs it: subject, period and scope, the rows and applicants that a text speaks of."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from nianbao.checks.narrative.lexicon import LABELS, Token, Words, has, strong, values
from nianbao.checks.narrative.quantities import USUAL, Figures, Quantity
from nianbao.core.number import Figure

#: Agencies of which a report covers the whole area.
_AREA = ("政府", "办公室", "办公厅", "委员会", "管委会", "街道办事处", "办事处", "公署")
_ELSEWHERE = re.compile(
    r"([一-鿿]{1,6}(?:县|区|镇|乡|街道|管委会|分局|支队|大队|医院|公司)|[一-鿿]{0,6}中心|[一-鿿]{1,5}(?<!行政)(?<!执法)(?<!有关)(?<!相关)(?<!工作)(?<!职能)(?<!主管)(?<!承办)(?<!各)(?<!我)(?<!本)部门|[一-鿿]{3,8}(?:委|委员会|厅)|[一-鿿]{2,8}(?<!格)(?<!布)(?<!大)(?<!全)(?<!结)(?<!当)局)(?:的)?$"
)
_OFFICE = re.compile(r"(?:其中|以及|和|由)?[省市县区州镇]([一-鿿]{2,8}(?:局|厅|委|办|馆|中心))")
#: Words behind which a body is whom something is done by or with, not whom a sentence speaks of.
_AGENTS = frozenset("由向对与同报经被请")
#: What an area's own bodies are called, beside the places below it.
_BODIES = ("部门", "单位", "本级", "机关", "政府办")
#: With what the names of places and bodies end, and what may follow.
_BODY_ENDS = frozenset("门县区镇乡道局队院司心委会厅办馆府的股科所站")
#: Kinds of words that govern what follows them.
_HEARD = frozenset(
    ("subject", "foreign", "row", "column", "period", "delta", "compare", "verb", "list", "channel")
)
_SCOPE = frozenset(("outside", "area", "own"))
#: With what the names of desks end, and kinds of words for what they do.
_DESKS, _ACTING = frozenset("股科所站"), frozenset(("verb", "change", "decide"))
#: Names of areas that an agency's own name tells the rank of.
_LEVELS = frozenset("省市县区州盟")
#: What tells that a sentence is about information disclosure.
_ABOUT = re.compile("信息公开|政务公开|依申请|答复|申请公开")
#: Numbers up to this one are equal too often.
_CHANCE = 2
#: How many numbers back a number looks for its like.
_BACK = 40
#: With what a clause begins that tells why or on what occasion.
_OCCASIONS = frozenset(("因", "由于", "鉴于", "针对", "对照"))
#: Behind these words a number is only aimed at.
AIMS = ("力争", "争取", "努力实现", "拟", "计划", "目标")
#: With what the items of an enumeration begin, each about what it names itself.
_ITEMS = frozenset((*(f"{n}是" for n in "一二三四五六七八九"), *(f"其{n}" for n in "一二三四五六")))
#: The sections that are about a subject of their own.
HOMES = {"requests": "requests", "remedies": "remedies"}


@dataclass(slots=True, eq=False)
class Statement:
    """A number with the words that may tell what it counts, and what was made of them.

    ``before`` and ``after`` are its own words, ``governing`` those of the clauses before, ``wide`` what follows up to the next comma;
    ``last`` is the number before it in its paragraph, ``parent`` the one it is a part of. ``leads``: it stands before its words (``5件维持``).
    ``likely`` is what it counts, ``possible`` what else its words may mean, ``weight`` how much they weigh.
    """

    token: Token
    before: Words
    governing: Words
    last: "Statement | None"
    parent: "Statement | None"
    sentence: int
    depth: int
    clause: int
    joined: str
    after: Words = ()
    wide: Words = ()
    leads: bool = False
    kind: str = "free"  # column, row, channel: the kind of list it belongs to
    subject: str = ""
    named: str = ""  # the subject, where its own words name it
    likely: tuple[Quantity, ...] = ()
    possible: tuple[Quantity, ...] = ()
    allowed: list[object] = field(default_factory=list)
    weight: int = 0
    weak: bool = False  # read by words that may mean other things than the table too
    doubtful: bool = False  # its words leave open which cell is meant: never an error
    opens: bool = False  # the first number of its sentence
    plain: bool = False  # a class of the form, and nothing before it in its sentence may narrow it down
    shown: bool = False  # counts what was published, not what was decided
    flow: bool = False  # received, concluded, carried: no part of a list of outcomes
    change: bool = False  # a change against, or a figure of, another year
    aimed: bool = False  # of a year to come, or aimed at
    noted: bool = False  # a bracket behind it names another year
    away: bool = False  # no cell holds it
    foreign: bool = False  # for its subject or scope, so that what follows under the same subject is away too
    scoped: int = 0  # away for its scope alone, the how manieth named
    dated: bool = False  # away for its period alone
    rounded: bool = False  # away for its estimate alone
    wrong: bool = False
    shared: bool = False  # has its own of the names joined before a list
    reached: bool = False  # what a number before it rose or fell to

    def back(self, count: int = _BACK) -> "Iterator[Statement]":
        """The numbers before it in its paragraph, the nearest first."""
        earlier = self.last
        while earlier is not None and count:
            yield earlier
            earlier, count = earlier.last, count - 1

    def here(self) -> "Iterator[Statement]":
        """Those of its own sentence."""
        return takewhile(lambda s: s.sentence == self.sentence, self.back())

    @property
    def rows(self) -> tuple[str, ...]:
        return self.likely[0].rows if self.likely and self.likely[0].table == "requests" else ()

    @property
    def adds_up(self) -> bool:
        """Whether its words say that it is a total."""
        if has(self.before, "total"):
            return True
        for t in self.before:  # noqa: SIM110 (any() takes twice as long)
            if t.text[0] == "共" or t.text.startswith("合计"):
                return True
        return False

    @property
    def own(self) -> Words:
        """The words on the side of the number that names it."""
        return self.after if self.leads else self.before

    @property
    def start(self) -> int:
        return self.before[0].start if self.before else self.token.start


def agrees(item: Statement, figures: Figures) -> bool:
    """Whether any reading of a number is what the table says."""
    if item.token.value in item.allowed:
        return True
    return any(figures.bears_out(item.token, q) for q in (*item.likely, *item.possible))


def in_own_list(item: Statement, live: Sequence[Statement], figures: Figures) -> bool:
    """Whether the list that it stands in is of its table: most of its other numbers, two at least, are the table's own."""
    table, rows, columns = item.likely[0]
    alike = [s for s in live if s is not item and s.likely[0].table == table and s.kind == item.kind]
    alike = [
        s for s in alike if (s.rows == rows if item.kind == "column" else s.likely[0].columns == columns)
    ]
    own = [s for s in alike if s.token.value > _CHANCE and figures.bears_out(s.token, s.likely[0])]
    return item.kind != "free" and len(own) > 1 and len(own) * 2 > len(alike)


def otherwise(item: Statement, quantity: Quantity, figures: Figures) -> bool:
    """Whether another frame gives the number: the row before of the same applicants, a class with the one beside it."""
    table, rows, columns = quantity
    if table != "requests":
        return False
    others = [Quantity(table, flow, columns) for flow in USUAL if flow != rows]
    wider = [
        Quantity(table, (*rows, *q.rows), columns) for q in figures.beside(quantity) if q.columns == columns
    ]
    return any(figures.bears_out(item.token, q) for q in (*others, *wider))


def filled(item: Statement, live: Sequence[Statement], figures: Figures) -> bool:
    """Whether the numbers in brackets behind it, each the table's own, add up to it (``35件其他情形（不予处理16件、其他处理19件）``)."""
    at = next(k for k, s in enumerate(live) if s is item)
    inside = list(takewhile(lambda s: s.depth > item.depth, live[at + 1 :]))
    total = sum(s.token.value for s in inside)
    return len(inside) > 1 and total == item.token.value and all(agrees(s, figures) for s in inside)


class Context:
    """What a text has said so far that governs its next words, and how long each holds.

    Of a section: ``standing`` (what its last heading names; ``home``: or the words that a paragraph opens with), ``listing`` (what kind of list the last sentence ended with). Of a paragraph, until another is named: ``subject``, ``rows`` (what was last spoken of; ``group``: in the clause before), ``period``.
    Of a sentence: ``when`` (its period; ``begun``: the one it opens with; ``entered``: the one before its last bracket, as ``spoken_of`` the subject), ``outside`` (it speaks of others, ``scopes`` were named so far; ``apart``: before its last number, too), ``subjects`` (those named), ``listed``
    (what its list of applicants said of single kinds of them), ``carried`` (it speaks of 上年结转), ``open`` (of this year's requests alone), ``words``, ``arrived`` (it counts disputes as they came in), ``arisen`` (it counts all that were brought),
    ``settled`` (it tells outcomes), ``columns`` (the applicants it names; ``passed``: the sentence before), ``split`` (it lists parts), ``parted``, ``turned`` (a semicolon came, and no subject, no applicants since), ``channel`` (it lists channels).
    """

    def __init__(self, figures: Figures, section: str) -> None:
        self.figures, self.section = figures, section
        self.agency = figures.report.agency
        self.home = self.standing = HOMES.get(section, "")
        self.subject, self.period, self.when, self.begun = self.home, "this", "this", "this"
        self.entered, self.spoken_of = "this", self.home
        self.rows: tuple[str, ...] = ()
        self.group: tuple[str, ...] = ()
        self.enclosed = self.outside = self.apart = self.carried = self.open = False
        self.words: Words = ()
        self.arrived = self.arisen = self.settled = self.split = self.channel = self.parted = self.turned = (
            False
        )
        self.opening, self.listing = True, ""
        self.scopes = 0
        self.subjects: list[str] = []
        self.columns: list[str] = []
        self.passed: list[str] = []
        self.listed: list[tuple[str, Token]] = []
        self.wide = self.agency.endswith(_AREA)

    def copy(self) -> "Context":
        """The same context, to read a sentence a second time."""
        other = Context.__new__(Context)
        other.__dict__.update(self.__dict__)
        other.subjects = list(self.subjects)
        return other

    def start_paragraph(self) -> None:
        self.period, self.home, self.columns = "this", self.standing, []
        if self.subject != "requests":
            self.subject = self.home

    def start_sentence(self, words: Words) -> None:
        if self.subject == "foreign":
            self.subject = self.home
        if {"direct", "after"} <= {*self.subjects} and self.subject in ("direct", "after"):
            self.subject = "litig"  # 诉讼57件，其中直接起诉19件、复议后起诉38件。结果维持31件
        others = {*strong(words, "subject")} - {self.subject}
        if self.when == "this" or others:
            self.period = "this"
        self.outside = self.arrived = self.arisen = self.split = self.channel = self.parted = self.turned = (
            False
        )
        self.passed = self.columns
        self.subjects, self.listed, self.columns = [], [], []
        self.when = self.begun = self.entered = self.period
        self.spoken_of = self.subject
        self.opening = True
        ours = not self.subject and not has(words, "foreign") and {*values(words, "subject")} <= {"requests"}
        if ours and (has(words, "subject") or strong(words, "row")):
            self.subject = "requests"  # 年度办结251件，含上年结转17件
            self.subjects.append("requests")
        periods = values(words[:2], "period") if has(words, "period") else ()
        if periods and not _compares(words):
            self.when = periods[0]
            if self.when in ("this", "last"):  # plans, quarters and longer spans end with their sentence
                self.period = self.when
        rows = values(words, "row")
        self.carried = "carried_in" in rows
        self.settled = has(words, "outcome")
        self.open = "carried_out" in rows
        self.words = words

    @property
    def about(self) -> bool:
        """Whether the sentence names information disclosure."""
        words = "|".join([t.text for t in self.words])
        return self.section == "remedies" or _ABOUT.search(words) is not None

    def hear(self, words: Words) -> None:
        """Subjects, scope and rows as words name them, the last of them governing what follows."""
        self.apart = self.outside
        for k, token in enumerate(words):
            if tags := token.tags:
                if not _HEARD.isdisjoint(tags):
                    self._word(words, k)
                if not _SCOPE.isdisjoint(tags):
                    self._scope(words, k)
            elif token.kind == "gap":
                if token.text[-1] in _BODY_ENDS:
                    self._scope(words, k)
            elif token.text == "（":
                self.enclosed, self.entered, self.spoken_of = self.outside, self.when, self.subject
            elif token.text == "）":
                self.outside, self.when = self.enclosed, self.entered  # 制发86件（上年29件），废止142件
                self.subject = self.spoken_of if self.subject == "foreign" else self.subject
            elif token.text == "；":
                self.when, self.parted, self.turned = self.begun, True, True
                item = words[k + 1].text[:2] if k + 1 < len(words) else ""
                self.outside &= not (self.split or item in _ITEMS)  # 其中县局作出5件；实施行政强制6件
        if self.opening and not _compares(self.words):  # a span of years ends with the semicolon
            self.begun = "this" if any(t.text[-1] == "来" for t in words if "period" in t.tags) else self.when
        self.opening = False

    def _word(self, words: Words, k: int) -> None:
        token, tags = words[k], words[k].tags
        if "subject" in tags or "foreign" in tags or "row" in tags:
            self._subject(words, k)
        if "column" in tags and (column := tags["column"].value) not in self.columns:
            self.columns, self.turned = [*(() if self.turned else self.columns), column], False
        if "period" in tags and not has(words[max(0, k - 2) : k + 2], "compare"):
            self.when = tags["period"].value
            self.begun = "this" if self.when == "this" else self.begun  # 2022年205件，本年度177件，下降13.7%
        if "delta" in tags or "compare" in tags:
            self.when = self.begun  # 上年76件，增长10%: what follows is of this year again
        denied = token.text in ("零结转", "无结转") or has(words[max(0, k - 2) : k], "none")
        if "verb" in tags and (tags["verb"].strong or not self.rows):
            self.rows = tuple(self.figures.data["verbs"][tags["verb"].value][0])
        elif "row" in tags and tags["row"].strong and not denied:
            self.rows = self.figures.rows(tags["row"].value)
        self.split |= "list" in tags
        self.channel |= "channel" in tags and "foreign" not in tags

    def _subject(self, words: Words, k: int) -> None:
        tags = words[k].tags
        if "subject" in tags:
            subject = tags["subject"].value
            fresh = words[k - 1].kind == "mark" and words[k - 1].text != "、" if k else self.opening
            fresh = fresh and tags["subject"].strong
            inside = self.subject in ("direct", "after") and self.subject in self.subjects
            if fresh or not (subject == "litig" and inside):
                if self.parted and self.disputes(subject):
                    self.subjects, self.parted = [], False
                self.subject = subject
                self.subjects.append(subject)
        elif "show" in tags and self.kind(self.subject) == "documents" and self.subject in self.subjects:
            return  # 规范性文件公开审查
        elif "foreign" in tags and not (("channel" in tags and self.channel) or _introduces(words, k)):
            self.subject = "foreign"
            self.subjects.append("foreign")
        elif "row" in tags and tags["row"].strong:
            disputes = "outcome" in tags and self.disputes(self.subject)
            if not disputes and self.subject != "foreign":
                self.subject = "requests"

    def _scope(self, words: Words, k: int) -> None:
        token = words[k]
        away, area = "outside" in token.tags, "area" in token.tags
        office = away and (
            token.text in self.agency
            or (token.text.endswith("办公室") and self.agency.endswith("办公室"))
            or (token.text == "办公室" and not self.agency.endswith("政府"))
        )
        if has(words[k + 1 : k + 2], "none") and token.text[-1] == "级":
            return  # 区级没有规章
        if self.outside and token.text == "办公室":
            return  # 单就局办公室窗口而言
        if "own" in token.tags and token.text[0] in "及自本" and has(words[max(0, k - 1) : k], "outside"):
            self.outside |= token.text[0] != "及"  # 市政府办公室本身
            return  # 县（市、区）及其部门
        passive = k > 0 and words[k - 1].text[-1] in _AGENTS
        if passive and any(t.kind == "mark" and t.text != "、" for t in words[k + 1 :]):
            return  # 由区政府办统一登记，行政诉讼24件
        opens = not k or words[k - 1].kind == "mark"
        larger = (
            opens and area and token.text[-1] in _LEVELS and token.text[-1] not in self.agency
        )  # 全省, in a city's
        if "own" in token.tags or (area and self.wide and not larger) or office:
            self.outside = False
        elif self.wide and away and not self.apart and _beside_others(words, k):
            self.outside = False  # 区级部门和镇街: all of the area's
        elif has(words[k + 1 : k + 2], "change") and token.text.endswith("政府") and not self.wide:
            self.outside = True  # 县政府印发规范性文件9件
        elif (
            away
            or area
            or _elsewhere(token, self.agency)
            or _office(words[: k + 1], self.agency)
            or _desk(words, k)
        ):
            self.outside, self.scopes = True, self.scopes + 1

    @property
    def at_disputes(self) -> bool:
        """Whether the section or its heading is about disputes."""
        return self.home == "remedies" or self.disputes(self.home)

    def disputes(self, subject: str) -> bool:
        """Whether a subject is one of the remedies'."""
        spec = self.figures.data["subjects"].get(subject)
        return spec is not None and spec["table"] == "remedies"

    def kind(self, subject: str) -> str:
        """What kind of quantities a subject has: requests, disputes, documents (with a change), decisions, money."""
        spec = self.figures.data["subjects"].get(subject)
        if spec is None:
            return ""
        if spec["table"] == "disclosure":
            return "documents" if "columns" not in spec else "money" if subject == "fees" else "decisions"
        return "disputes" if spec["table"] == "remedies" else "requests"

    def subject_rows(self, subject: str) -> tuple[str, ...]:
        return tuple(self.figures.data["subjects"][subject]["rows"])


def _introduces(words: Words, k: int) -> bool:
    """Whether a word stands in a clause that tells a cause or an occasion only (``因征求意见等原因，``, ``针对…问题，``)."""
    marks = [j for j, t in enumerate(words) if t.kind == "mark" and t.text != "、"]
    first = words[max((j + 1 for j in marks if j < k), default=0)]
    return first.text in _OCCASIONS and any(j > k for j in marks)


def _compares(words: Words) -> bool:
    """Whether a sentence opens with what its numbers are compared to (``与2022年的71件相比，本年新收84件``)."""
    against = (
        bool(words) and "join" in words[0].tags and has(takewhile(lambda t: t.text != "，", words), "compare")
    )
    return against or has(words[:3], "compare")


def _beside_others(words: Words, k: int) -> bool:
    near = words[max(0, k - 3) : k]
    joined = any("join" in w.tags or w.text == "、" for w in near[-2:])
    if "below" in values(near, "outside"):
        return False  # 县（市、区）及其部门、乡镇
    bodies = has(near, "outside") and any(body in w.text for w in (*near, words[k]) for body in _BODIES)
    return joined and (bodies or has(near, "own"))


def _elsewhere(token: Token, agency: str) -> bool:
    """Whether unknown words end in the name of a place or body that is none of the agency's own."""
    match = token.kind == "gap" and len(token.text) > 1 and _ELSEWHERE.search(token.text)
    name = match[1] if match else agency
    return not any(name[k:] in agency for k in range(max(1, len(name) - 1)))


def _desk(words: Words, k: int) -> bool:
    """Whether words end in the name of a desk that does or has what follows (``征收股收到申请13件``)."""
    token = words[k]
    acts = k + 1 == len(words) or not _ACTING.isdisjoint(words[k + 1].tags)
    return token.kind == "gap" and len(token.text) > 2 and token.text[-1] in _DESKS and acts


def _office(words: Words, agency: str) -> bool:
    """``区信访局``, of which a part is a known word, where a clause or list begins."""
    if words[-1].text[-1] not in "局厅委办馆心":
        return False
    marks = [k for k, t in enumerate(words) if t.kind in ("mark", "number")]
    name = _OFFICE.fullmatch("".join([t.text for t in words[marks[-1] + 1 if marks else 0 :]]))
    return name is not None and name[1] not in agency


def beside_other_year(item: Statement) -> bool:
    """Whether a number in brackets stands behind another year (``较2021年（纠正3件）``, ``较上年的纠错率（12.4%）``)."""
    start, lead = item.start - 1, item.governing if item.depth else ()
    for t in reversed(lead):
        if t.end != start:
            return False
        if "period" in t.tags:
            return t.tags["period"].value != "this"
        if "compare" in t.tags:
            return t.text[-1] == "年"
        start = t.start
    return False


def of_foreign(item: Statement, new: Sequence[Statement]) -> bool:
    """Whether a number is, alone or with those beside it, a number of other things (``提案40件，公开37件，不公开3件``)."""
    alike = [
        k
        for k, s in enumerate(new)
        if s.token.unit == item.token.unit and s.token.start < item.token.start and not s.token.rough
    ]
    others = [k for k in alike if new[k].subject == "foreign"]
    if others and item.token.value == sum(new[k].token.value for k in others):
        return True  # 建议55件、提案78件，全部公开133件
    for k in alike[-_BACK:]:  # 清理规范性文件41件，保留34件、修改2件、废止5件
        whole, foreign = new[k], new[k].subject == "foreign"
        total: Figure = 0
        earlier = whole.dated or whole.weight < -_CHANCE  # 2022年结转的2件诉讼，1件维持、1件撤诉
        if not (foreign or earlier) and (whole.change or (whole.weight > 0 and not whole.away)):
            continue
        for s in new[k + 1 : k + _BACK]:
            total += s.token.value if s.token.unit == item.token.unit else 0
            several = foreign or s.token.value < total
            if (
                s.token.start >= item.token.start
                and total == whole.token.value > _CHANCE - earlier
                and several
            ):
                return True
            if total > whole.token.value:
                break
    return False


def of_two_classes(before: Sequence[Statement], change: Statement) -> tuple[Statement, Statement] | None:
    """``许可634817件、处罚1290453件，处罚比许可多655636件``: the two of them that a difference names."""
    words = change.before
    at = next((k for k, t in enumerate(words) if "compare" in t.tags), len(words))
    if has(words, "period"):
        return None

    def named(some: Words) -> set[tuple[str, str]]:
        return {(m.kind, m.value) for t in some for m in t.tags.values() if m.kind in LABELS}

    def last(some: Words) -> Statement | None:
        return next((s for s in reversed(before) if named(some) & named(s.own)), None)

    other = last(words[at:])
    now = last(words[:at]) or (before[-1] if before else None)
    return (now, other) if other and now and now is not other else None


def of_others(clause: Words, new: Sequence[Statement], sentence: Words) -> bool:
    """Whether a clause goes on about a number that no cell holds (``涉企申请19件，全部由企业提出``)."""
    start = next((t.start for t in clause if "all" in t.tags or "none" in t.tags), clause[0].start)
    last = next((s for s in reversed(new) if s.token.end <= start), None)
    if (
        last is None
        or has([t for t in clause if t.start > last.token.start], "subject")
        or has(last.before, "delta")
        or has(last.before, "compare")
    ):
        return False
    if not last.foreign and not last.dated:
        return False
    return all(t.text != "；" for t in sentence if last.token.end <= t.start < start)
