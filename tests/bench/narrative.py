"""The narrative checks on the project's own texts: precision and recall, slips found, texts joined, and the time of reading."""

import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from nianbao.checks.narrative.check import narrative
from nianbao.checks.validate import validate
from nianbao.core.report import Report
from support import blind, narratives, texts

ROUNDS, PAIRS = 41, 250


def blind_scores() -> tuple[int, float, float]:
    """How many sentences were written without sight of the checks; precision and recall on them."""
    verdicts = [blind.judge(case) for case in blind.cases()]
    hits = sum(v.hits for v in verdicts)
    wrong, missed = sum(len(v.false) for v in verdicts), sum(len(v.missed) for v in verdicts)
    return len(verdicts), hits / (hits + wrong), hits / (hits + missed)


def text_scores() -> tuple[int, float, float, float]:
    """How many texts there are; precision, recall and the precision of errors alone on them."""
    hits = missed = false = errors = false_errors = 0
    for case in texts.cases():
        rest = texts.found(texts.report(case))
        for expected in case["expect"]:
            match = next((f for f in rest if texts.answers(f, expected)), None)
            missed += match is None
            if match is not None:
                rest.remove(match)
                hits, errors = hits + 1, errors + (match.severity == "error")
        if not case["expect"]:
            false, false_errors = (
                false + len(rest),
                false_errors + sum(f.severity == "error" for f in rest),
            )
    return (
        len(texts.cases()),
        hits / (hits + false),
        hits / (hits + missed),
        errors / (errors + false_errors),
    )


def slips() -> tuple[int, float]:
    """How many right figures were made wrong, and the share that was found."""
    rng, found, count = random.Random(7), 0, 0
    for case in texts.cases():
        for _, body, cells in texts.slipped(case, rng):
            some = texts.found(texts.report(case, *body))
            found, count = (
                found + any(not f.cells or cells & set(map(str, f.cells)) for f in some),
                count + 1,
            )
    for base, section, text in texts.marked():
        for slipped in texts.slips_of(text, rng):
            case = {"base": base, "section": section, "paragraphs": slipped.split("/")}
            found, count = found + bool(texts.found(texts.report(case))), count + 1
    return count, found / count


def leaks() -> float:
    """The share of agreeing texts that get a finding once they are joined two by two."""
    rng = random.Random(3)
    right = [case for case in texts.cases() if not case["expect"]]
    pairs = [
        (a, b)
        for a in right
        for b in right
        if a is not b and a["base"] == b["base"] and not b["paragraphs"][0].startswith("其中")
    ]
    joined = [
        texts.report(
            a | {"section": "overview"},
            "".join(p.rstrip("。") + "。" for p in (*a["paragraphs"], *b["paragraphs"])),
        )
        for a, b in rng.sample(pairs, PAIRS)
    ]
    return sum(bool(texts.found(report)) for report in joined) / PAIRS


def milliseconds(check: Callable[[Report], object], report: Report) -> tuple[float, float]:
    """CPU time of a check in milliseconds: the first time, and the median."""
    times: list[float] = []
    for _ in range(ROUNDS):
        start = time.process_time()
        check(report)
        times.append(time.process_time() - start)
    return times[0] * 1000, statistics.median(times) * 1000


def main(args: Sequence[str] = ()) -> None:
    """Print the figures."""
    dense, plain = narratives.lengthy(), narratives.base()
    first, later = milliseconds(validate, dense)  # before anything else has been read
    _, text = milliseconds(lambda report: list(narrative(report, None)), dense)
    _, usual = milliseconds(lambda report: list(narrative(report, None)), plain)
    cases = narratives.cases()
    right = sum(not narratives.wrong(case) for case in cases)
    print(f"narrative: {right} of {len(cases)} sentences judged rightly")
    count, precision, recall = blind_scores()
    print(f"narrative: {count} sentences of the blind set, precision {precision:.3f}, recall {recall:.3f}")
    count, precision, recall, errors = text_scores()
    print(
        f"narrative: {count} texts, precision {precision:.3f}, recall {recall:.3f}, errors alone {errors:.3f}"
    )
    count, share = slips()
    print(f"narrative: {share:.3f} of {count} slips in right figures found")
    print(f"narrative: {leaks():.4f} of agreeing texts joined two by two get a finding")
    print(
        f"narrative: all checks with 5,000 characters in {later:.1f} ms, the first in a process {first:.1f} ms;"
        f" of the text alone {text:.1f} ms; a short report's text {usual:.1f} ms"
    )


if __name__ == "__main__":
    main()
