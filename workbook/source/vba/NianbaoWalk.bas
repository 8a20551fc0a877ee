Attribute VB_Name = "NianbaoWalk"
Option Explicit
' Goes from place to place as the sheet of results lists them, round and round; needs no Python.
' A place reads "<sheet> <address>", perhaps with more behind a full-width space.

Private Const FIRST_ROW As Long = 6
Private Const PLACE_COLUMN As Long = 4

Public Sub Walk(ByVal direction As Long)
    Dim results As Object, places As New Collection, texts As New Collection, place As String, here As String
    Dim line As Long, at As Long, cut As Long
    On Error GoTo NoList
    Set results = ActiveWorkbook.Worksheets(Message("message_results"))
    here = ActiveSheet.Name & " " & ActiveCell.Address(False, False)
    line = FIRST_ROW
    Do While results.Cells(line, PLACE_COLUMN - 1).Value <> "" Or results.Cells(line, PLACE_COLUMN).Value <> ""
        place = PlaceIn(results.Cells(line, PLACE_COLUMN).Value)
        If place <> "" Then
            If Find(places, place) = 0 Then places.Add place: texts.Add CStr(results.Cells(line, PLACE_COLUMN + 1).Value)
            If ActiveSheet.Name = results.Name And ActiveCell.Row = line Then here = place: at = -1
        End If
        line = line + 1
    Loop
    If places.Count = 0 Then GoTo NoList
    If at = -1 Then direction = 0
    at = Find(places, here)
    If at = 0 Then at = IIf(direction > 0, 1, places.Count) Else at = (at - 1 + direction + places.Count) Mod places.Count + 1
    place = places(at)
    cut = InStrRev(place, " ")
    ActiveWorkbook.Worksheets(Left(place, cut - 1)).Activate
    ActiveSheet.Range(Mid(place, cut + 1)).Select
    Application.StatusBar = Replace(Replace(Message("message_stop"), "%1", CStr(at)), "%2", CStr(places.Count)) & Left(texts(at), 150)
    Exit Sub
NoList:
    Say "message_no_list", ""
End Sub

Private Function PlaceIn(ByVal text As String) As String
    Dim cut As Long
    cut = InStr(text, ChrW(12288))
    If cut > 0 Then text = Left(text, cut - 1)
    If InStrRev(text, " ") > 1 Then PlaceIn = text
End Function

Private Function Find(ByVal places As Collection, ByVal place As String) As Long
    Dim n As Long
    For n = 1 To places.Count
        If places(n) = place Then Find = n: Exit Function
    Next n
End Function
