"""What the add-in runs: ``python -P -E -m nianbao.excel <verb>``.

Exit code 0: done, or the user was told in the application why not; 1: it failed and nobody could be told;
2: no such verb. Every failure is logged to ``NIANBAO_LOG``, unexpected ones with their traceback.
"""

import importlib
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from nianbao.core.files import OfficeError, Unreadable
from nianbao.excel import VERBS


def attach(verb: str) -> int:
    """Run a verb on the workbook in front of the running Excel, for desks whose Excel may not start programs."""
    from nianbao.excel.book import attached

    os.environ.update(attached())
    return main([verb])


def main(arguments: Sequence[str], env: Mapping[str, str] = os.environ) -> int:
    """Run the verb and give the exit code."""
    if len(arguments) != 1 or arguments[0] not in VERBS:
        print(f"用法：python -m nianbao.excel <{'|'.join(VERBS)}>", file=sys.stderr)
        return 2
    try:
        run = getattr(importlib.import_module("nianbao.excel.verbs"), arguments[0])
        run()
    except Exception as failure:  # the outermost door: nothing may get lost behind a hidden window
        return _tell_user(failure, arguments[0], env)
    return 0


def _tell_user(failure: Exception, verb: str, env: Mapping[str, str]) -> int:
    """Log a failure, tell the user in one sentence; 0 when it was told in the application, else 1."""
    expected = _is_sentence(failure)
    trace = "" if expected else traceback.format_exc()
    log = _log(f"{datetime.now():%Y-%m-%d %H:%M:%S} {verb}: {failure}\n{trace}", env)
    sentence = str(failure) if expected else _unexpected(log)
    print(sentence, file=sys.stderr)
    return 0 if _shown(sentence, env) else 1


def _is_sentence(failure: Exception) -> bool:
    """Whether the failure is worded for the user already."""
    return isinstance(failure, Unreadable | OfficeError)


def _unexpected(log: Path | None) -> str:
    where = f"，并把日志文件 {log} 交给信息化人员" if log else ""
    return f"操作没有完成，工作簿中的标记已撤销；请保存工作簿后重试，仍不成功时运行 nianbao doctor{where}。"


def _log(text: str, env: Mapping[str, str]) -> Path | None:
    """Append to the log, whose folder is made; None where there is no log or it cannot be written."""
    if not env.get("NIANBAO_LOG"):
        return None
    path = Path(env["NIANBAO_LOG"])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as log:
            log.write(text)
    except OSError:
        return None
    return path


def _shown(sentence: str, env: Mapping[str, str]) -> bool:
    """Show it in the application; False where there is none (or xlwings itself is what is missing)."""
    try:
        from nianbao.excel.book import calling_app, tell
    except ImportError:
        return False
    return tell(calling_app(env), sentence)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
