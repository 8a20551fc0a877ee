"""Names written a little wrong: which one of many a name most resembles, by one slip of the pen."""

import re
from collections.abc import Iterable, Iterator

#: Words between the parts of a name that are mixed up or left out: 文化旅游局, 住房与城乡建设局.
_AND = re.compile("[和与及、]")
#: Signs that tell one name from another: 东山 is not 西山 written wrong, nor 第2 the same as 第3.
_TELLING = frozenset(
    "东西南北中上下前后左右大小新老〇一二三四五六七八九十甲乙丙丁戊己庚辛0123456789abcdefghijklmnopqrstuvwxyz"
)
#: A shorter name with one other sign is too likely to be another name.
_SHORTEST = 5


class Likenesses:
    """Names, each with whom it means; :meth:`near` finds whom a name may mean."""

    def __init__(self, named: Iterable[tuple[str, str]]) -> None:
        self._meant: dict[str, set[str]] = {}
        for name, whom in named:
            if len(plain := _plain(name)) >= _SHORTEST:
                self._meant.setdefault(plain, set()).add(whom)
        self._bare: dict[str, list[str]] = {}
        for plain in self._meant:
            for bare in _bared(plain):
                self._bare.setdefault(bare, []).append(plain)

    def near(self, name: str) -> set[str]:
        """Whom the names mean that differ from a name by 和 or 与, else those by one sign or two changed places."""
        written = _plain(name)
        if written in self._meant:
            return self._meant[written]
        found = dict.fromkeys(known for bare in _bared(written) for known in self._bare.get(bare, ()))
        return {whom for known in found if _slipped(written, known) for whom in self._meant[known]}


def _plain(name: str) -> str:
    return _AND.sub("", name)


def _bared(name: str) -> Iterator[str]:
    """A name, and the name without each one of its signs: two names with one slip between them share one of these."""
    yield name
    yield from {name[:n] + name[n + 1 :] for n in range(len(name))}


def _slipped(written: str, known: str) -> bool:
    """True if the names differ by one sign (wrong, too many, missing) or two changed places, and not by one that
    tells names apart."""
    short, long = sorted((written, known), key=len)
    start = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    rest, other = short[start:], long[start:]
    if rest[:2] == other[1::-1] and rest[2:] == other[2:]:
        return True
    same_length = len(short) == len(long)
    signs = rest[:1] + other[:1] if same_length else other[:1]
    return other[1:] == (rest[1:] if same_length else rest) and _TELLING.isdisjoint(signs)
