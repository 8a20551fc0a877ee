"""Builds the browser page: ``build/年报校验.html`` (one file, opened from disk) and ``build/page/`` (for an intranet).

    python templates/source/build_page.py build --pyodide .tools/node_modules/pyodide --wheels build/wheels

Every part from elsewhere is held to its digest first: Pyodide's files to ``page-pyodide.sha256``, the wheels (put into
``--wheels`` by ``pip download --require-hashes``) to ``page-requirements.txt``.
"""

import argparse
import base64
import gzip
import hashlib
import io
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

SOURCE = Path(__file__).parent
ROOT = SOURCE.parents[1]
PAGE = ROOT / "templates" / "page"
PACKAGE = ROOT / "python" / "nianbao"
#: Rooms and files that have no place in a browser.
LEFT_OUT = ("excel", "demo.py", "cli.py", "__main__.py", "usage.py")
#: What is published from the page is made of these.
SHIPPED = ("report.html.j2", "report.css", "report-fragment.html.j2", "infographic.svg.j2")
#: Packages of the standard library that nobody calls there: no network, no windows, no consoles, no tests, no mail.
UNUSED_PACKAGES = """
_pyrepl curses dbm email ensurepip http idlelib importlib/metadata lib2to3 pydoc_data test tkinter tomllib turtledemo
unittest venv wsgiref xml/dom xml/sax xmlrpc zoneinfo
"""
#: The same of modules; those that stand in for what is compiled into Pyodide are among them.
UNUSED_MODULES = """
_aix_support _android_support _apple_support _ios_support _osx_support _py_abc _pydatetime _pydecimal _pyio antigravity
argparse asyncio/__main__ asyncio/tools asyncio/windows_events asyncio/windows_utils bdb cProfile cmd compileall
configparser doctest filecmp fileinput ftplib getpass imaplib json/tool logging/config logging/handlers mailbox
modulefinder multiprocessing/dummy/__init__ multiprocessing/dummy/connection multiprocessing/managers netrc nturl2path
optparse pdb pickletools plistlib poplib profile pstats py_compile pyclbr pydoc rlcompleter sched shelve smtplib
socketserver sre_compile sre_constants sre_parse statistics symtable tabnanny tarfile this timeit trace turtle tty
urllib/request urllib/robotparser wave webbrowser zipapp
"""
UNUSED = (
    "_sysconfigdata_",
    *(f"{name}/" for name in UNUSED_PACKAGES.split()),
    *(f"{name}.py" for name in UNUSED_MODULES.split()),
)
#: Parts of wheels that are not run.
NOT_NEEDED = ("/", ".so", ".pyi", ".c", "/testing.py", "/shell_completion.py", "py.typed")
NAME = "年报校验.html"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--pyodide", type=Path, required=True)
    arguments.add_argument("--wheels", type=Path, required=True)
    given = arguments.parse_args()
    build(given.folder, given.pyodide, given.wheels)


def build(folder: Path, pyodide: Path, wheels: Path) -> None:
    """Both forms of the page, into ``folder``."""
    parts = {name: packed(data) for name, data in _parts(pyodide, wheels).items()}
    info = json.loads((pyodide / "pyodide-lock.json").read_text(encoding="utf-8"))["info"]
    folder.mkdir(parents=True, exist_ok=True)
    whole = page(parts, info, inside=True)
    (folder / NAME).write_text(whole, encoding="utf-8", newline="")
    served = folder / "page"
    served.mkdir(exist_ok=True)
    for old in served.iterdir():
        old.unlink()
    for name, data in parts.items():
        (served / served_name(name, data)).write_bytes(data)
    (served / "index.html").write_text(page(parts, info, inside=False), encoding="utf-8", newline="")
    small = sum(path.stat().st_size for path in served.iterdir())
    print(f"已生成 {folder / NAME}（{len(whole.encode()) / 1e6:.1f} MB）和 {served}（{small / 1e6:.1f} MB）")


def page(parts: Mapping[str, bytes], info: Mapping[str, str], *, inside: bool) -> str:
    """The page with its parts inside, or beside it."""
    style = _tokens() + _text("page.css")
    worker = _text("worker.js")
    script = "\n".join(_text(name) for name in ("start.js", "draw.js", "desk.js"))
    setting = {
        "info": info,
        "inside": inside,
        "worker": worker,
        "parts": {
            name: f"part-{name}" if inside else served_name(name, data) for name, data in parts.items()
        },
    }
    settings = "self.NIANBAO = " + json.dumps(setting, ensure_ascii=False).replace("<", "\\u003c")
    scripts = [settings, script]
    connect = "'none'" if inside else "'self'"
    policy = (
        f"default-src 'none'; script-src {' '.join(map(_source, scripts))} blob: 'wasm-unsafe-eval'; worker-src blob:; "
        f"style-src {_source(style)}; img-src data:; connect-src {connect}; base-uri 'none'; form-action 'none'"
    )
    filled = {
        "policy": policy,
        "style": f"<style>{style}</style>",
        "scripts": f'<script>{settings}</script>\n<script type="module">{script}</script>',
        "parts": "".join(_inlined(name, data) for name, data in parts.items()) if inside else "",
    }
    return re.sub(r"\{\{ (\w+) \}\}", lambda found: filled[found[1]], _text("page.html"))


def served_name(name: str, data: bytes) -> str:
    """A part's name in the folder: it changes with its content, so that it may be cached for good."""
    return f"{name}.{hashlib.sha256(data).hexdigest()[:12]}.gz"


def packed(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)


def _inlined(name: str, data: bytes) -> str:
    text = base64.b64encode(data).decode()
    return f'<script type="text/plain" id="part-{name}">{text}</script>\n'


def _source(text: str) -> str:
    """What the policy allows: exactly this script or style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _text(name: str) -> str:
    return (PAGE / name).read_text(encoding="utf-8")


def _tokens() -> str:
    """The colours and fonts of the published page, which the page shares."""
    css = (ROOT / "templates" / "report.css").read_text(encoding="utf-8")
    found = re.match(r":root \{.*?\}\n", css, re.DOTALL)
    assert found, "report.css begins with its tokens"
    return found[0]


def _parts(pyodide: Path, wheels: Path) -> dict[str, bytes]:
    files = _pyodide(pyodide)
    archives = {
        "nianbao.zip": _archive(_package()),
        "libraries.zip": _archive(_libraries(wheels)),
        "python_stdlib.zip": _archive(_standard(files["python_stdlib.zip"])),
    }
    return files | _compiled(pyodide, archives)


def _pyodide(folder: Path) -> dict[str, bytes]:
    files = {}
    for line in (SOURCE / "page-pyodide.sha256").read_text(encoding="utf-8").splitlines():
        digest, name = line.split()
        files[name] = (folder / name).read_bytes()
        if hashlib.sha256(files[name]).hexdigest() != digest:
            sys.exit(f"{folder / name}: not the file that page-pyodide.sha256 names")
    return files


def _package() -> Iterator[tuple[str, bytes]]:
    """The package without what drives programs, and the templates of what is published."""
    for path in sorted(PACKAGE.rglob("*")):
        inner = path.relative_to(PACKAGE)
        if path.is_file() and inner.parts[0] not in LEFT_OUT and path.suffix in (".py", ".json"):
            yield f"nianbao/{inner.as_posix()}", path.read_bytes()
    for name in SHIPPED:
        yield f"nianbao/_shipped/templates/{name}", (ROOT / "templates" / name).read_bytes()


def _libraries(wheels: Path) -> Iterator[tuple[str, bytes]]:
    wanted = set(
        re.findall(r"sha256:([0-9a-f]{64})", (SOURCE / "page-requirements.txt").read_text(encoding="utf-8"))
    )
    for wheel in sorted(wheels.glob("*.whl")):
        data = wheel.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        if digest not in wanted:
            continue
        wanted.discard(digest)
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            for name in package.namelist():
                if "/tests/" not in name and ".dist-info/" not in name and not name.endswith(NOT_NEEDED):
                    yield name, package.read(name)
    if wanted:
        sys.exit(
            f"{wheels}: {len(wanted)} wheels of page-requirements.txt are missing or are not what it names"
        )


def _standard(archive: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(archive)) as package:
        for name in package.namelist():
            if not name.endswith("/") and not name.startswith(UNUSED):
                yield name, package.read(name)


def _archive(files: Iterable[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return out.getvalue()


def _compiled(pyodide: Path, archives: Mapping[str, bytes]) -> dict[str, bytes]:
    """The archives with their Python compiled by the page's own: it starts in half the time."""
    with tempfile.TemporaryDirectory() as scratch:
        pairs = []
        for name, data in archives.items():
            (Path(scratch) / name).write_bytes(data)
            pairs += [f"{scratch}/{name}", f"{scratch}/compiled-{name}"]
        subprocess.run(["node", str(SOURCE / "compile.mjs"), str(pyodide), *pairs], check=True)
        return {name: (Path(scratch) / f"compiled-{name}").read_bytes() for name in archives}


if __name__ == "__main__":
    main()
