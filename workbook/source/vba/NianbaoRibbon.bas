Attribute VB_Name = "NianbaoRibbon"
Option Explicit
' What the tab in ribbon.xml calls: two lines a button; the verbs are those of nianbao.excel.

Private ribbonTab As IRibbonUI

Public Sub OnLoad(ribbon As IRibbonUI)
    Set ribbonTab = ribbon
End Sub

Public Sub Refresh()
    If Not ribbonTab Is Nothing Then ribbonTab.Invalidate
End Sub

' Our workbooks carry the name nianbao.form; the other buttons would do nothing on any other.
Public Function IsForm() As Boolean
    Dim found As Object
    On Error Resume Next
    Set found = ActiveWorkbook.Names("nianbao.form")
    IsForm = Not found Is Nothing
End Function

Public Sub OnEnabled(control As IRibbonControl, ByRef enabled As Variant)
    enabled = IsForm()
End Sub

Public Sub OnNew(control As IRibbonControl): Launch "new"
End Sub
Public Sub OnImportPrevious(control As IRibbonControl): Launch "import_previous"
End Sub
Public Sub OnValidate(control As IRibbonControl): Launch "validate"
End Sub
Public Sub OnClear(control As IRibbonControl): Launch "clear"
End Sub
Public Sub OnTidy(control As IRibbonControl): Launch "tidy"
End Sub
Public Sub OnFillZeros(control As IRibbonControl): Launch "fill_zeros"
End Sub
Public Sub OnUndo(control As IRibbonControl): Launch "undo"
End Sub
Public Sub OnPreviousFinding(control As IRibbonControl): Walk -1
End Sub
Public Sub OnNextFinding(control As IRibbonControl): Walk 1
End Sub
Public Sub OnExportHtml(control As IRibbonControl): Launch "export_html"
End Sub
Public Sub OnExportDocx(control As IRibbonControl): Launch "export_docx"
End Sub
Public Sub OnExportPdf(control As IRibbonControl): Launch "export_pdf"
End Sub
Public Sub OnExportJson(control As IRibbonControl): Launch "export_json"
End Sub
Public Sub OnExportAll(control As IRibbonControl): Launch "export_all"
End Sub
Public Sub OnExportDraft(control As IRibbonControl): Launch "export_draft"
End Sub
Public Sub OnNewSettings(control As IRibbonControl): Launch "new_settings"
End Sub
Public Sub OnConsolidate(control As IRibbonControl): Launch "consolidate"
End Sub

Public Sub OnHelp(control As IRibbonControl)
    On Error GoTo NoSheet
    ActiveWorkbook.Worksheets(Message("message_help_sheet")).Activate
    Exit Sub
NoSheet:
    Say "message_help", ""
End Sub

Public Sub OnAbout(control As IRibbonControl)
    Say "message_about", Message("message_python")
End Sub
