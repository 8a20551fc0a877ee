Attribute VB_Name = "NianbaoLauncher"
Option Explicit
' Runs "<python>" -P -E -m nianbao.excel <verb> and waits. The interpreter stands in this add-in's own
' sheet (nianbao install writes it there) and is never read from a workbook; -P keeps the workbook's
' folder off Python's path and -E its variables; names and handles travel in the environment, not in
' the command.

Private busy As Boolean

Public Sub Launch(ByVal verb As String)
    Dim runner As Object, settings As Object, logFile As String, exitCode As Long
    Dim bookName As String, added As Object
    If InStr(Application.OperatingSystem, "Macintosh") > 0 Then Say "message_mac", "": Exit Sub
    If Message("message_python") = "" Then Say "message_missing", "": Exit Sub
    If busy Then Exit Sub
    busy = True
    Application.StatusBar = Message("message_busy")
    On Error GoTo NotStarted
    If ActiveWorkbook Is Nothing Then Set added = Workbooks.Add
    If added Is Nothing Then bookName = ActiveWorkbook.Name
    Set runner = CreateObject("WScript.Shell")
    logFile = runner.ExpandEnvironmentStrings("%LOCALAPPDATA%\nianbao\nianbao.log")
    Set settings = runner.Environment("PROCESS")
    settings.Item("NIANBAO_HWND") = CStr(Application.Hwnd)
    settings.Item("NIANBAO_NAME") = bookName
    settings.Item("NIANBAO_LOG") = logFile
    exitCode = runner.Run(CommandLine(verb), 0, True)
    busy = False
    If Not added Is Nothing Then CloseUnused added
    NianbaoRibbon.Refresh
    If exitCode <> 0 Then Say IIf(Dir(logFile) = "", "message_early", "message_failed"), exitCode & vbLf & logFile
    If exitCode <> 0 Then Application.StatusBar = False
    Exit Sub
NotStarted:
    busy = False
    Application.StatusBar = False
    Say IIf(Err.Number = 70, "message_blocked", "message_missing"), vbLf & vbLf & Err.Description
End Sub

' An Excel without a workbook has no window that Python could find it by; the empty one goes again.
Private Sub CloseUnused(ByVal added As Object)
    On Error Resume Next
    If added.Saved Then added.Close False
End Sub

Private Function CommandLine(ByVal verb As String) As String
    CommandLine = """" & Message("message_python") & """ -P -E -m nianbao.excel " & verb
End Function

Public Function Message(ByVal key As String) As String
    Message = ThisWorkbook.Worksheets("messages").Range(key).Value
End Function

Public Sub Say(ByVal key As String, ByVal detail As String)
    MsgBox Message(key) & detail, vbInformation, Message("message_title")
End Sub
