Attribute VB_Name = "NianbaoPlain"
Option Explicit
' The verbs of nianbao.excel through plain xlwings: the module "xlwings" beside this one is xlwings' own.
' Assign these to buttons (Alt+F8 runs them too); ImportPythonUDFs makes the functions of nianbao_plain.py known.

Public Sub NianbaoNew(): RunPython "import nianbao.excel; nianbao.excel.new()"
End Sub
Public Sub NianbaoImportPrevious(): RunPython "import nianbao.excel; nianbao.excel.import_previous()"
End Sub
Public Sub NianbaoValidate(): RunPython "import nianbao.excel; nianbao.excel.validate()"
End Sub
Public Sub NianbaoClear(): RunPython "import nianbao.excel; nianbao.excel.clear()"
End Sub
Public Sub NianbaoTidy(): RunPython "import nianbao.excel; nianbao.excel.tidy()"
End Sub
Public Sub NianbaoExport(): RunPython "import nianbao.excel; nianbao.excel.export()"
End Sub
Public Sub NianbaoConsolidate(): RunPython "import nianbao.excel; nianbao.excel.consolidate()"
End Sub
