"""Where the files stand that are shipped beside the code: the workbook, the add-in and the templates."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def shipped(relative: str) -> Path:
    """The path of a shipped file, such as `workbook/nianbao.xlam`.

    An installed package keeps them under `nianbao/_shipped`, a checkout at the top of the repository.
    Raises FileNotFoundError when neither has it: a broken installation, never the user's data.
    """
    for root in (_PACKAGE / "_shipped", _PACKAGE.parents[1]):
        if (root / relative).exists():
            return root / relative
    raise FileNotFoundError(relative)
