"""What can go wrong with LibreOffice, as one Chinese sentence each. No UNO exception ever leaves this package."""

from nianbao.core.errors import OfficeError


class EngineError(OfficeError):
    """A request that LibreOffice refused or could not finish; `str()` is the sentence that staff read."""


class Missing(EngineError):
    """LibreOffice or its Python bridge is not on this machine, or this is not Linux."""


class Gone(EngineError):
    """LibreOffice ended, or the document was closed, while we worked with it."""


class Locked(EngineError):
    """A locked cell of a protected sheet would have been changed; Excel refuses this too."""


GONE = "LibreOffice 已退出或文件已关闭，未保存的改动可能丢失；请重新打开文件再试。"
