Attribute VB_Name = "ThisWorkbook"
Option Explicit
' Watches which workbook is active, so that the ribbon greys out what makes no sense for it.

Private WithEvents host As Application

Private Sub Workbook_Open()
    Set host = Application
End Sub

Private Sub host_WorkbookActivate(ByVal Wb As Workbook)
    NianbaoRibbon.Refresh
End Sub

Private Sub host_WorkbookDeactivate(ByVal Wb As Workbook)
    NianbaoRibbon.Refresh
End Sub
