"""The long paragraphs of a report as hashes: what a worker hands in, so that text that units share can be found."""

import hashlib
import json
import re

from nianbao.core.report import Report

#: Paragraphs of fewer characters (figures, punctuation and the agency's name left aside) are common to many reports.
LEAST = 40
#: So many paragraphs of a report are looked at; so much of one is quoted.
PARAGRAPHS, QUOTED = 60, 24
_NOISE = re.compile(r"[\W\d_]+")


def hashes(report: Report) -> str:
    """The long paragraphs of the parts that are text alone, as JSON: pairs of a hash and how the paragraph begins."""
    sections = {section.key for section in report.form.sections if not section.table}
    found: dict[int, str] = {}
    for section, _, paragraph in report.text():
        if section not in sections or len(paragraph) < LEAST or len(found) == PARAGRAPHS:
            continue
        bare = _NOISE.sub("", paragraph.replace(report.agency, "") if report.agency else paragraph)
        if len(bare) >= LEAST:
            found[paragraph_hash(bare)] = paragraph.strip()[:QUOTED]
    return json.dumps(list(found.items()), ensure_ascii=False) if found else "[]"


def paragraph_hash(text: str) -> int:
    """63 bits, as SQLite holds them."""
    return (
        int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big") >> 1
    )
