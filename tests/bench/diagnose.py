"""How often the guilty cell of one slip under live totals is named: among the first three, and first."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from nianbao.core.report import Report
from support.slips import AGENCIES, agency, kept, offered, slips, spoken, typed


def measure(title: str, prepared: Callable[[Report], Report], least: int) -> None:
    """One line of shares over all slips in figures of at least ``least``, and what came first by kind of slip."""
    places: Counter[int | None] = Counter()
    kinds: Counter[tuple[str, bool]] = Counter()
    suggested = right = 0
    began = time.process_time()
    for name in AGENCIES:
        whole = prepared(agency(name))
        for slip in slips(name):
            if slip.right >= least:
                place, sure = offered(typed(whole, {slip.cell: slip.wrong}), slip)
                places[place] += 1
                kinds[slip.kind, place == 0] += 1
                suggested += sure
                right += sure and place == 0
    total = sum(places.values())
    spent = (time.process_time() - began) / total * 1000
    three = sum(places[n] for n in (0, 1, 2))
    print(
        f"{title:24} {total:4} slips   first {places[0] / total:6.1%}   among three {three / total:6.1%}   ",
        end="",
    )
    print(f"suggested {suggested / total:6.1%}, right {right / max(suggested, 1):6.1%}   {spent:.1f} ms each")
    words = (f"{k} {kinds[k, True] / (kinds[k, True] + kinds[k, False]):.0%}" for k in {k for k, _ in kinds})
    print("  first by kind: " + ", ".join(sorted(words)))


def main() -> None:
    """Print the shares for figures alone, with a text that states the totals, and with the ledger's totals."""
    for least in (10, 1):
        print(f"slips in figures of at least {least}:")
        measure("figures alone", lambda report: report, least)
        measure("text states totals", spoken, least)
        measure("ledger states totals", kept, least)


if __name__ == "__main__":
    main()
