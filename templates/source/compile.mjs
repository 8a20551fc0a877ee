// Compiles Python sources for the page with the page's own Python: node compile.mjs PYODIDE SOURCES.zip COMPILED.zip …
// Each archive of .py comes out as one of .pyc that needs no sources; other files stay as they are. Pairs may follow.
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const [folder, ...archives] = process.argv.slice(2)
const { loadPyodide } = await import(pathToFileURL(resolve(folder, 'pyodide.mjs')).href)
const python = await loadPyodide({ indexURL: resolve(folder) })
python.runPython(`
import ast, importlib.util, marshal, types, zipfile

def compiled(source, target, ours):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in sorted(old.namelist()):
            data = old.read(name)
            if name.endswith(".py"):
                data = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8) + marshal.dumps(code(data, name, ours))
                name += "c"
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)

# Docstrings stay behind, and of what others wrote line numbers and assertions too.
def code(data, name, ours):
    if not ours:
        return unlined(compile(data, name, "exec", dont_inherit=True, optimize=2))
    tree = ast.parse(data, name)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and ast.get_docstring(node, False) is not None:
            node.body[0].value.value = ""
    return compile(tree, name, "exec", dont_inherit=True, optimize=0)

def unlined(made):
    inner = tuple(unlined(one) if isinstance(one, types.CodeType) else one for one in made.co_consts)
    return made.replace(co_consts=inner, co_linetable=b"")
`)
for (let n = 0; n < archives.length; n += 2) {
  python.FS.writeFile('/sources.zip', new Uint8Array(readFileSync(archives[n])))
  python.runPython(`compiled("/sources.zip", "/compiled.zip", ${archives[n].endsWith('nianbao.zip') ? 'True' : 'False'})`)
  writeFileSync(archives[n + 1], python.FS.readFile('/compiled.zip'))
}
