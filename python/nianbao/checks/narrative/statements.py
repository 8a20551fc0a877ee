"""The numbers of a sentence, with the words around each, the whole each is a part of, and its own of the names joined before a list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from nianbao.checks.narrative.lexicon import (
    LABELS,
    Stretch,
    Token,
    Words,
    has,
    labelled,
    pick,
    strong,
    values,
    written,
)
from nianbao.checks.narrative.sentence import Statement
from nianbao.core.phrases import Meaning

#: Words before a number whose subject comes behind it (``由61件个人申请和…组成``).
_TURNS = frozenset("由向对有除另余")
#: So many clauses behind a number may say what became of what it counts.
_CLAUSES = 2
#: What may stand between a class and its number.
_SAYS_NOTHING = frozenset(("的", "申请", "事项", "申请事项", "信息公开申请"))
#: Kinds of words that name what the number behind them counts.
_NAMING = frozenset(("outcome", "change", "row"))
#: Measure words of bodies and persons.
_THINGS = ("个", "家", "名", "人", "所", "位", "处", "户")
_NO_WORDS = Stretch(())
#: Kinds of words between a year and its numbers, where these are named before.
_BETWEEN_YEARS = {"period", "filler", "respectively", "delta"}
#: The kinds of names that numbers are counts of one by one.
_NAMED = (
    *((kind,) for kind in ("row", "column", "outcome", "change", "channel", "period", "subject")),
    ("row", "verb"),
)
_PERIODS = ({"period": Meaning("period", "other", True)}, {"period": Meaning("period", "this", True)})


@dataclass(slots=True)
class Cursor:
    """Where the reading of a sentence stands: the words not yet used, those of clauses before, the whole above."""

    pending: list[Token]
    governing: list[Token]
    parent: Statement | None
    last: Statement | None
    fixed: bool
    clause: int
    mark: str = ""
    colon: Statement | None = None  # the number before a colon, which what follows splits


class Statements:
    """The numbers of one sentence, taken from its tokens in order; ``counts`` are those of the paragraph before it."""

    def __init__(self, sentence: Words, number: int, counts: Sequence[Statement]) -> None:
        self.sentence, self.number = sentence, number
        self.last = counts[-1] if counts else None
        self.new: list[Statement] = []
        self.at = Cursor([], [], None, None, False, 0)
        self.stack: list[Cursor] = []
        self.outer: list[Token] = []
        self.previous: Statement | None = None
        for s in reversed(counts):
            if s.sentence < number - 1 or (s.parent is None and not s.depth):
                self.previous = s if s.sentence == number - 1 else self.previous
                break
            if self.previous is None and not s.depth:
                self.previous = s

    def read(self) -> list[Statement]:
        """The statements, each with its words and its whole."""
        for k, token in enumerate(self.sentence):
            if token.kind == "number":
                self._number(k, token)
            elif token.kind != "mark":
                tags = token.tags
                if "list" in tags or ("join" in tags and not self.at.pending) or _amid(token):
                    self._word(k, token)
                else:
                    self.at.pending.append(token)
            elif token.text == "（":
                self._open()
            elif token.text == "）" and self.stack:
                self._close()
            elif token.text == "、":
                pending = self.at.pending
                inside = bool(pending) and not self._follows(pending)  # 图解、视频合计2篇
                self.at.pending = [*pending, token] if inside else []
                self.at.mark = self.at.mark if inside else "、"
            elif token.text in "：，" and self._named(token) and self._counts_next(k):
                continue  # 办结：2139件; 重复申请的，25件; 即部分公开，280件
            else:
                self._turn(token)
                self.outer = []
        return self.new

    def _named(self, mark: Token) -> bool:
        """Whether what stands before a mark names the number behind it."""
        pending = self.at.pending
        if not labelled(pending) or self._follows(pending) or has(pending, "none"):
            return False
        return mark.text == "：" or pending[-1].text[-1] == "的" or bool(strong(core(pending)[-1:], "row"))

    def _counts_next(self, k: int) -> bool:
        behind = [t for t in self.sentence[k + 1 : k + 4] if t.text not in ("为", "有", "共", "计", "共有")][
            :2
        ]
        return bool(behind) and behind[0].kind == "number" and not (behind[1:] and behind[1].text == "、")

    def _number(self, k: int, token: Token) -> None:
        at = self.at
        item = Statement(
            token,
            Stretch(at.pending or self.outer),
            at.governing,
            self.last,
            at.parent,
            self.number,
            len(self.stack),
            at.clause,
            at.mark,
        )
        item.opens = not self.new
        _words_after(item, self.sentence, k, self.new)
        self.new.append(item)
        at.pending, at.mark, self.outer = [], "", []
        at.last = self.last = item

    def _open(self) -> None:
        at = self.at
        self.stack.append(at)
        inside = [] if not at.pending or self._follows(at.pending) else at.pending
        beside = bool(self.new) and not inside
        parent = at.last if beside else at.parent if labelled(inside) or not self.new else None
        self.at = Cursor([], [*at.governing, *inside], parent, at.last, False, at.clause)
        self.outer = inside

    def _close(self) -> None:
        (clause, held, label), self.at, self.outer = (
            (self.at.clause, self.at.last, self.at.pending),
            self.stack.pop(),
            [],
        )
        if held is not self.at.last:
            self.at.pending = []
        elif label and not strong(self.at.pending, "row") and all(_glosses(t) for t in label):
            self.at.pending = label  # 全部满足的（予以公开）为934件
        self.at.clause = clause

    def _turn(self, token: Token) -> None:
        """What a comma, semicolon or colon ends."""
        at = self.at
        if token.text == "：" and at.last is not None and not labelled(at.pending):
            at.parent, at.fixed, at.colon = at.last, True, at.last
        if token.text == "；":
            at.governing = []
            at.parent, at.fixed = at.parent if at.fixed else at.colon, at.fixed or at.colon is not None
        if at.pending and not self._follows(at.pending):
            at.governing = [*at.governing, *at.pending]
        at.pending, at.mark, at.clause = [], token.text, at.clause + 1

    def _word(self, k: int, token: Token) -> None:
        at = self.at
        whole = at.last if at.last is not None else self.previous if k < 2 else None
        if (
            whole is not None
            and at.last is not None
            and not labelled(at.pending)
            and _rest_between(at.governing, self.new[-1])
        ):
            whole = None  # 本级承办41件，其余由各部门承办，其中住建局74件
        if whole is not None and at.last is None:
            whole = self._large_enough(whole, k)
        start = k - len(at.pending) - 1  # ；现行有效的分别为…
        anew = token.text[0] in "分具" and labelled(at.pending) and self.sentence[start].text == "；"
        if "list" in token.tags and whole is not None and not anew and not self._included(k):
            at.parent, at.fixed = _whole(whole), at.last is None
        inside = any(t.text[-1] == "在" for t in at.pending)  # 1件答复在行政复议中被纠正
        if not inside and _amid(token) and self._follows([*at.pending, token]):
            at.parent, at.fixed, at.pending, at.clause = at.last, False, [], at.clause + 1
            return
        if "join" in token.tags and not at.pending:
            at.mark = token.text
        at.pending.append(token)

    def _large_enough(self, whole: Statement, k: int) -> Statement:
        """``收到申请14件，上年结转1件。其中自然人11件``: the last number of the sentence before that the first part fits in."""
        first = next((t for t in self.sentence[k:] if t.kind == "number"), None)
        if first is None or first.value <= whole.token.value:
            return whole
        some = (s for s in (whole, *whole.here()) if s.token.unit == first.unit and s.parent is None)
        return next((s for s in some if s.token.value >= first.value), whole)

    def _included(self, k: int) -> bool:
        """``包括上年结转14件在内``, ``含在177件复议总数内``."""
        behind = self.sentence[k + 1 : k + 8]
        return written(behind[:1])[:1] == "在" or any(t.text.startswith("在内") for t in behind)

    def _follows(self, pending: Words) -> bool:
        """Whether words stand right behind the last number."""
        return bool(self.new) and bool(pending) and pending[0].start == self.new[-1].token.end


def _glosses(token: Token) -> bool:
    """Whether a word in brackets says what stands before it is."""
    named = token.tags.get("row") or token.tags.get("outcome")
    return (
        named is not None and named.strong and not named.value.startswith("carried") and token.text[0] != "含"
    )


def core(words: Words) -> Words:
    """Words without those at their end that say nothing more (``结转下年度的申请``)."""
    end = len(words)
    while end > 1 and (words[end - 1].text in _SAYS_NOTHING or "filler" in words[end - 1].tags):
        end -= 1
    return words[:end]


def _whole(last: Statement) -> Statement:
    """The number that a list splits: the last that is no change and no share."""
    for some in (last, *last.here()):
        inner = has(some.before, "list") and "carried_in" in values(some.before, "row")
        changed = has(some.before, "delta") or has(some.before, "compare")
        if not inner and some.depth == last.depth and some.token.unit != "%" and not changed:
            return some
    return last


def _rest_between(governing: Words, last: Statement) -> bool:
    """Whether a clause behind a number speaks of the rest, without saying how many."""
    return has(governing, "rest") and any("rest" in t.tags and t.start > last.token.end for t in governing)


def _amid(token: Token) -> bool:
    """``办结的45件申请中``: what follows is a part of these."""
    text = token.text
    return text[-1] in "中里" and (token.kind == "gap" or text == "中")


def _words_after(item: Statement, sentence: Words, k: int, new: Sequence[Statement]) -> None:
    near, stop, size = 0, k + 1, len(sentence)
    while stop < size:
        token = sentence[stop]
        if token.kind == "mark":
            if token.text != "、":
                break
            near = near or stop
        elif token.kind == "number" or "list" in token.tags:
            break
        elif stop > k + 1 and _denies(token) and sentence[stop - 1].text != "因":
            break  # 17件复议没有一件被纠正; 8件因未到期限结转下年
        elif _amid(token) and not any(t.text[-1] == "在" for t in sentence[k + 1 : stop]):
            break
        stop += 1
    if not labelled(item.before) and _names_the_next(sentence, k, stop):
        stop -= 1  # 2131件新收申请来自自然人1846件、商业企业173件
    item.wide = Stretch(sentence[k + 1 : stop]) if stop > k + 1 else _NO_WORDS
    item.after = Stretch(sentence[k + 1 : near]) if near else item.wide
    before = new[-1] if new else None
    same = before is not None and before.clause == item.clause and before.depth == item.depth
    if (
        before is not None
        and same
        and before.leads
        and labelled(before.after)
        and not has(item.before, "list")
    ):
        end = before.wide[-1].end if before.wide else item.token.start
        own = [t for t in item.before if t.start >= end]
        item.governing, item.before = [*before.governing, *item.governing], own
    _lead(item, sentence, k)


def _names_the_next(sentence: Words, k: int, stop: int) -> bool:
    """Whether the last of the words behind a number is the name of the next one, in a list of numbers behind their names."""
    if stop - k < 3 or stop >= len(sentence) or sentence[stop].kind != "number":
        return False
    listed = [t.text for t in sentence[stop + 1 : stop + 2]] == ["、"]
    named = "column" in sentence[stop - 1].tags and labelled(sentence[k + 1 : stop - 1])
    return listed and named and "column" in sentence[min(stop + 2, len(sentence) - 1)].tags


def _denies(token: Token) -> bool:
    """Whether what follows is denied (``均未被纠正``)."""
    return "none" in token.tags or ("none_after" in token.tags and token.text[-1] in "被有")


def _lead(item: Statement, sentence: Words, k: int) -> None:
    """Whether the number stands before the words that name it."""
    thing = item.token.unit in _THINGS and bool(item.wide) and item.wide[0].unknown
    before, behind = item.before, labelled(item.wide) and not thing  # 36个执法主体作出许可决定28945件
    own = labelled(before)
    last = before[-1] if before else None
    turned = behind and last is not None and last.text[-1] in _TURNS
    turned = turned and _NAMING.isdisjoint(
        before[-1].tags
    )  # 予以公开有934件、部分公开有280件; 收到的有2131件申请
    turned = turned and not (own and (not labelled(item.after) or before[-1].text[:1] == "的"))
    spoken = not (own or turned) and any(
        (t.unknown and "rough" not in t.tags) or "channel" in t.tags or "foreign" in t.tags for t in before
    )
    if behind and (turned or not (own or spoken)):
        item.leads = True
        if turned:
            item.governing = [*item.governing, *before]
        if has(before, "rest") or not labelled(item.after):
            item.after = item.wide
        item.after = _predicate(item, sentence, k)
        several = next((j for j, t in enumerate(item.after) if "等" in t.text), None)
        if several is not None and strong(item.after[several + 1 :], "row"):
            item.after = item.wide = item.after[several + 1 :]  # 3件因不掌握等原因无法提供
    elif "carried_out" in values(before, "row"):
        item.after = _predicate(item, sentence, k)
    elif not (own or spoken) and (not before or has(before, "rest")):
        item.after, item.leads = _predicate(item, sentence, k), True


def _predicate(item: Statement, sentence: Words, k: int) -> Words:
    """The words behind it, with the next clause where that says what became of these (``9件因征求意见，结转下年度``)."""
    if sentence[k + 1 : k + 2] and sentence[k + 1].text == "（":  # 另有8件（自然人7件）结转下年度
        k = next((j for j in range(k + 1, len(sentence)) if sentence[j].text == "）"), k)
        behind = list(takewhile(lambda t: t.kind not in ("mark", "number"), sentence[k + 1 :]))
        return behind if labelled(behind) else item.after
    end, behind = k, list[Token]()
    for _ in range(_CLAUSES):  # 9件因年底收到，未到期限，结转下年
        end = next((j for j in range(end + 1, len(sentence)) if _parts(sentence[j])), len(sentence))
        if end == len(sentence) or sentence[end].text != "，":
            break
        some = takewhile(lambda t: t.kind not in ("number", "mark"), sentence[end + 1 :])
        clause = list(some)
        behind += clause
        stop = end + 1 + len(clause)
        alone = stop == len(sentence) or sentence[stop].kind == "mark"
        if not alone or has(clause, "list"):
            break
        if "carried_out" in values(clause, "row"):
            return item.after if has(clause, "none") else [*item.after, *behind]
    return item.after


def _parts(token: Token) -> bool:
    """Whether a mark ends a clause."""
    return token.kind == "mark" and token.text != "、"


def share_out(new: Sequence[Statement], sentence: Words) -> None:
    """``复议、诉讼分别为177件、57件``: each number of a list gets its own of the names, or the years, joined before it."""
    if has(sentence, "channel"):
        _every_way(new)
    for k in range(len(new) - 2, -1, -1):
        item, later = new[k], new[k + 1]
        linked = later.joined == "、" or has(item.wide[-1:], "join")
        led = item.leads and linked and has(item.after, "subject")
        led = led and has(later.after, "subject")
        for kind in ("outcome", "change"):
            if led and not has(item.wide, kind):  # 21件复议决定、3件诉讼判决结果为纠正
                item.after = [*item.after, *(t for t in later.after if kind in t.tags)]
        both = item.leads and later.leads and has(item.after, "column") and has(later.after, "column")
        if both and not has(item.wide, "row"):  # 97件自然人申请和13件组织申请获得公开
            item.after = [*item.after, *(t for t in later.after if "row" in t.tags)]
    k = 0 if has(sentence, "respectively") or has(sentence, "period") else len(new)
    while k < len(new):
        run = 1
        _share_before(new, k)
        dated = len(_joined(new[k].governing, ("period",))) > 1 and not has(new[k].before, "period")
        if dated or has(new[k].before, "respectively"):
            while k + run < len(new) and _goes_on(new[k + run], new[k]):
                run += 1
        if run > 1:
            respective = has(new[k].before, "respectively")
            shared = _share(new[k : k + run], _NAMED if respective else (("period",),))
            if respective and not shared:
                _share_like(new[k : k + run], new[max(0, k - run) : k])
        k += run


def _every_way(new: Sequence[Statement]) -> None:
    """``通过信函、网络等渠道收到申请265件``: several ways together are no way of its own."""
    by_way = [s for s in new if has(s.before, "channel")]
    if len(by_way) == 1:
        words = by_way[0].before
        if len(pick(words, "channel")) > 1 and (has(words, "total") or any("等" in t.text for t in words)):
            by_way[0].before = [t for t in words if "channel" not in t.tags and t.text not in "、及和与等"]


def _goes_on(item: Statement, head: Statement) -> bool:
    joined = all("join" in t.tags or t.text in "、" for t in item.before)
    return joined and item.token.unit == head.token.unit and item.depth == head.depth


def _share_before(new: Sequence[Statement], k: int) -> None:
    """``与2021年复议21件、诉讼11件比，本年17件、9件``: two numbers get the names of the two before them."""
    one, other = new[k], new[k + 1] if k + 1 < len(new) else new[k]
    named = new[k - 2 : k] if k > 1 else []
    plain = has(one.before, "period") and all(_BETWEEN_YEARS & t.tags.keys() for t in one.before)
    if not (plain and named and _goes_on(other, one)) or named[1].joined != "、":
        return
    if all(labelled(s.before) and s.token.unit == one.token.unit for s in named):
        for item, like in zip((one, other), named, strict=True):
            rest = [t for t in like.before if "period" not in t.tags and "compare" not in t.tags]
            item.before, item.leads, item.shared = [*one.before[:1], *rest], False, True
            item.parent = None


def _share_like(run: Sequence[Statement], before: Sequence[Statement]) -> None:
    """``公开占39.4%、…；件数分别是110件、…``: the names of as many numbers before; none where other names are joined."""
    head = run[0]
    shares = len(before) == len(run) and all(s.token.unit == "%" and labelled(s.before) for s in before)
    if shares and not labelled(head.before) and head.token.unit != "%":
        for item, like in zip(run, before, strict=True):
            item.before, item.leads, item.shared = like.before, False, True
    elif any(len(_joined(head.before, kinds)) > 1 for kinds in _NAMED) or not (
        any(has(head.before, kind) for kind in ("row", "column", "outcome", "change"))
    ):  # 公安、住建两个系统承办的申请分别为412件、287件
        for item in run:
            item.before = [t for t in item.before if LABELS.isdisjoint(t.tags)]


def _share(run: Sequence[Statement], names_of: Sequence[tuple[str, ...]]) -> bool:
    """Whether as many names, or years, are joined before a list as it has numbers: each gets its own."""
    head = run[0]
    for source in (head.before, head.governing):
        names = next(
            (n for kinds in names_of if len(n := _joined(source, kinds)) == len(run)),
            _years(source, len(run)) or _both_classes(source, len(run)),
        )
        if not names:
            continue
        own = [t for t in head.before if t not in names and not ("years" in t.tags or t.text == "、")]
        if names[0].tags in _PERIODS:
            own = [t for t in own if "period" not in t.tags]
        rest = [t for t in source if t not in names] if source is not head.before else []
        for name, item in zip(names, run, strict=True):
            item.before, item.leads, item.shared = [name, *own], False, True
            item.governing = rest or head.governing
        return True
    return False


def _both_classes(words: Words, count: int) -> list[Token]:
    """``予以公开和部分公开分别为``: a word that is several classes, one for each of so many numbers."""
    for token in words:
        rows = token.means("row").split("+")
        if len(rows) == count > 1:
            return [replace(token, tags={"row": Meaning("row", row, True)}) for row in rows]
    return []


def _joined(words: Words, kinds: Iterable[str]) -> list[Token]:
    """The last words of some kinds that are joined to one another (``科研机构、社会公益组织``)."""
    joined: list[Token] = []
    last = len(words)
    for k in range(len(words) - 1, -1, -1):
        if words[k].tags.keys().isdisjoint(kinds) or words[k].text == "渠道":
            continue
        between = words[k + 1 : last]
        if joined and not (between and all(_joins(t) for t in between)):
            break
        joined.insert(0, words[k])
        last = k
    return joined


def _joins(token: Token) -> bool:
    """Whether a word may stand between joined names (``制发数、废止数``)."""
    return "join" in token.tags or not token.text.strip("、的数量件")


def _years(words: Words, count: int) -> list[Token]:
    """``2020—2022年分别``, ``近三年依次``: a period for each of so many numbers, the report's own year among them."""
    for token in words:
        spec = values([token], "years")
        if spec and (at := spec[0][1:].split("_"))[0] == str(count):
            return [replace(token, tags=_PERIODS[str(k) == at[1]]) for k in range(count)]
    return []
