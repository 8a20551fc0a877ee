"""Precision and recall of the narrative checks on the project's own sentences, and the time of reading a long text."""

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from nianbao.checks.validate import validate
from support import blind, narratives

ROUNDS = 41


def blind_scores() -> tuple[int, float, float]:
    """The same of the sentences that were written without sight of the checks."""
    verdicts = [blind.judge(case) for case in blind.cases()]
    hits = sum(v.hits for v in verdicts)
    wrong, missed = sum(len(v.false) for v in verdicts), sum(len(v.missed) for v in verdicts)
    return len(verdicts), hits / (hits + wrong), hits / (hits + missed)


def milliseconds() -> tuple[float, float]:
    """CPU time of all checks of a report with 5,000 characters, in milliseconds: the first time, and the median."""
    report = narratives.lengthy()
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        validate(report)
        times.append(time.process_time() - start)
    return times[0] * 1000, statistics.median(times) * 1000


def main() -> None:
    """Print the figures."""
    first, later = milliseconds()  # before anything else has been read
    cases = narratives.cases()
    right = sum(not narratives.wrong(case) for case in cases)
    print(f"narrative: {right} of {len(cases)} sentences judged rightly")
    count, precision, recall = blind_scores()
    print(f"narrative: {count} sentences of the blind set, precision {precision:.3f}, recall {recall:.3f}")
    print(
        f"narrative: all checks with 5,000 characters in {later:.1f} ms, the first in a process {first:.1f} ms"
    )


if __name__ == "__main__":
    main()
