"""What somebody outside the tables says a sum of cells is: a witness for the diagnosis to weigh."""

from decimal import Decimal
from typing import NamedTuple

from nianbao.core.equation import Term


class Witness(NamedTuple):
    """The sum of ``terms`` is ``total``; ``source`` is where that is written (in words), ``quote`` the words."""

    terms: tuple[Term, ...]
    total: int | Decimal
    source: str
    quote: str
