"""The narrative checks on the project's own texts: the time of reading, precision and recall, slips found, texts joined.

``narrative.py FOLDER…`` times other versions of the package (the ``python`` folder of a checkout) beside this one, in turn.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import nianbao
from nianbao.checks.narrative.check import narrative
from nianbao.core.form import load
from nianbao.core.report import Report, from_json
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


def texts_to_read() -> dict[str, tuple[Report, int | None]]:
    """What is read, and in how many milliseconds it should be: dense text, whole reports, prose, and a short report's text."""
    dense, short = narratives.lengthy(), narratives.base()
    prose = replace(short, narrative={**short.narrative, "overview": (narratives.PROSE * 55,)})
    whole = sorted((from_json(data, load("cn-2021")) for data in texts.reports()), key=_figures)
    return {
        "dense in figures": (dense, 10),
        "a whole report with few figures": (whole[0], 3),
        "with usual ones": (whole[len(whole) // 2], 3),
        "with many": (whole[-1], 3),
        "prose beside the short one": (prose, None),
        "a short report": (short, 3),
    }


def _figures(report: Report) -> int:
    """How many digits a report's text has."""
    return sum(map(str.isdecimal, "".join(text or "" for _, _, text in report.text())))


def read_forever() -> None:
    """Read the texts that are named on standard input, and print the milliseconds of CPU time of each."""
    reports = texts_to_read()
    for line in sys.stdin:
        start = time.process_time()
        list(narrative(reports[line.strip()][0], None))
        print((time.process_time() - start) * 1000, flush=True)


class Reader:
    """Another process that reads the same texts, with the package of a folder (another version's ``python``)."""

    def __init__(self, package: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--read"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": package},
        )

    def milliseconds(self, name: str) -> float:
        """The time for one text."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


def speed(packages: Sequence[str]) -> None:
    """Print the best time for each text, read in turn by the package of each folder, so that all bear the same load."""
    readers = [Reader(package) for package in packages]
    texts_, first = texts_to_read(), [reader.milliseconds("dense in figures") for reader in readers]
    print(f"narrative: the first text in a process {' | '.join(f'{ms:.1f}' for ms in first)} ms")
    for name, (report, aim) in texts_.items():
        size = sum(len(text or "") for _, _, text in report.text())
        rounds = [[reader.milliseconds(name) for reader in readers] for _ in range(ROUNDS)]
        best = " | ".join(f"{min(times):.2f}" for times in zip(*rounds, strict=True))
        print(f"narrative: {name}, {size} characters: {best} ms" + (f" (aim {aim} ms)" if aim else ""))


def main(args: Sequence[str] = ()) -> None:
    """Print the figures; ``args`` are folders with other versions of the package, to be timed beside this one."""
    if args == ["--read"]:
        read_forever()
        return
    speed([str(Path(nianbao.__file__).parents[1]), *args])
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


if __name__ == "__main__":
    main(sys.argv[1:])
