"""The add-in's own modules in a workbook that LibreOffice runs, with Windows' shell replaced by a recorder.

LibreOffice runs no .xlam, has neither WScript.Shell nor window handles, and gives a bare name for FullName. The
twin is the built add-in with the content type of a visible workbook; of its source only the texts in `REPLACED`
and the assignments to the process environment (LibreOffice knows no assignment with an index) read differently.
"""

import io
import re
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import addin
from pyopenvba import ExcelFile, VBAModuleKind

from nianbao.core.files import shipped
from nianbao.excel.install import pack, with_interpreter

REPLACED = {
    'CreateObject("WScript.Shell")': "TwinDriver.Shell()",
    "Application.Hwnd": "4711",
    "MsgBox Message(key) & detail, vbInformation,": "TwinDriver.Hear Message(key) & detail,",
    "Application.OperatingSystem": "TwinDriver.System()",
    "Dir(logFile)": "TwinDriver.Logged(logFile)",
}
_ASSIGNED = re.compile(r"settings\.Item\((\"\w+\")\) = (.+?)(?=\r\n)")

_RECORDER = """Option Explicit
Public Lines As String
Public Function ExpandEnvironmentStrings(ByVal text As String) As String
    ExpandEnvironmentStrings = Replace(text, "%LOCALAPPDATA%", "C:\\Users\\wang\\AppData\\Local")
End Function
Public Function Environment(ByVal kind As String) As Object
    Lines = Lines & "ENVIRONMENT " & kind & vbLf
    Set Environment = Me
End Function
Public Sub Assign(ByVal key As String, ByVal value As String)
    Lines = Lines & key & "=" & value & vbLf
End Sub
Public Function Run(ByVal command As String, ByVal style As Long, ByVal wait As Boolean) As Long
    Lines = Lines & "RUN " & command & vbLf & "STYLE " & CStr(style) & vbLf & "WAIT " & CStr(wait) & vbLf
    If TwinDriver.answer = "again" Then NianbaoRibbon.OnClear Nothing
    If TwinDriver.answer = "7" Then Run = 7
    If TwinDriver.answer = "early" Then Run = 1
    If TwinDriver.answer = "raise" Then Err.Raise 53, "WshShell", "file not found"
    If TwinDriver.answer = "blocked" Then Err.Raise 70, "WshShell", "permission denied"
End Function
"""
_DRIVER = """Option Explicit
Public answer As String
Private recorded As Object
Private heard As String
Public Function Shell() As Object
    If recorded Is Nothing Then Set recorded = New Recorder
    Set Shell = recorded
End Function
Public Function System() As String
    System = IIf(answer = "mac", "Macintosh (Intel) 10.15", "Windows (64-bit) NT 10.00")
End Function
Public Function Logged(ByVal path As String) As String
    If answer <> "early" Then Logged = path
End Function
Public Sub Hear(ByVal text As String, ByVal title As String)
    heard = heard & "SAID " & title & ": " & text & vbLf
End Sub
Private Function Told() As String
    If Not recorded Is Nothing Then Told = recorded.Lines
    Told = Told & heard & "SHEET " & ActiveSheet.Name
    Set recorded = Nothing
    heard = ""
End Function
Public Function IsEnabled() As String
    Dim enabled As Variant
    NianbaoRibbon.OnEnabled Nothing, enabled
    IsEnabled = CStr(enabled)
End Function
"""
_PRESS = """Public Function Press_{name}(ByVal says As String) As String
    On Error GoTo Failed
    answer = says
    NianbaoRibbon.{name} Nothing
    Press_{name} = Told()
    Exit Function
Failed:
    Press_{name} = "ERROR " & Err.Description
End Function
"""
_PROBE = '\r\nPublic Function Probe{name}() As String\r\n    Probe{name} = "{name} runs"\r\nEnd Function\r\n'


def callbacks() -> dict[str, str]:
    """Button procedure → the verb it launches; empty for those that need no Python."""
    source = addin.sources(shipped("workbook/source/vba"))["NianbaoRibbon"]
    found = re.findall(
        r"Public Sub (On\w+)\(control As IRibbonControl\)(?:: (?:Launch \"(\w+)\"|Walk -?1))?\r\n", source
    )
    return dict(found)


def modules() -> dict[str, str]:
    """The add-in's modules as the twin runs them, each with a function that proves it was compiled."""
    found = addin.sources(shipped("workbook/source/vba"))
    return {name: _adapted(text) + _PROBE.format(name=name) for name, text in found.items()}


def _adapted(source: str) -> str:
    for ours, twin in REPLACED.items():
        source = source.replace(ours, twin)
    return _ASSIGNED.sub(r"settings.Assign \1, \2", source)


def write_twin(path: Path, python: str) -> None:
    """The twin as a workbook at `path`, running the interpreter given."""
    built = with_interpreter(shipped("workbook/nianbao.xlam").read_bytes(), python)
    with zipfile.ZipFile(io.BytesIO(built)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    types = parts["[Content_Types].xml"]
    parts["[Content_Types].xml"] = types.replace(b"ms-excel.addin.macro", b"ms-excel.sheet.macro")
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b' visibility="hidden"', b"")
    parts["xl/vbaProject.bin"] = _project(modules())
    path.write_bytes(pack(parts))


def _project(ours: Mapping[str, str]) -> bytes:
    driver = _DRIVER + "".join(_PRESS.format(name=name) for name in callbacks())
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder, "empty.xlam")
        with ExcelFile.create_new(empty) as book:
            project = book.vba_project()
            project.delete_module("Module1")
            for name, source in ours.items():
                addin.put(project, name, source)
            project.add_module("TwinDriver", driver.replace("\n", "\r\n"))
            project.add_module("Recorder", _RECORDER.replace("\n", "\r\n"), kind=VBAModuleKind.other)
            book.save()
        with ExcelFile(empty) as book:
            content: bytes = book.vba_project_bytes()
            return content
