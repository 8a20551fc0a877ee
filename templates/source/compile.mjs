// Compiles Python sources for the page with the page's own Python: node compile.mjs PYODIDE SOURCES.zip COMPILED.zip …
// Each archive of .py comes out as one of .pyc that needs no sources; other files stay as they are. Pairs may follow.
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const [folder, ...archives] = process.argv.slice(2)
const { loadPyodide } = await import(pathToFileURL(resolve(folder, 'pyodide.mjs')).href)
const python = await loadPyodide({ indexURL: resolve(folder) })
python.runPython(`
import importlib.util, marshal, zipfile

def compiled(source, target, optimize):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in sorted(old.namelist()):
            data = old.read(name)
            if name.endswith(".py"):
                code = compile(data, name, "exec", dont_inherit=True, optimize=optimize)
                data = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8) + marshal.dumps(code)
                name += "c"
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
`)
for (let n = 0; n < archives.length; n += 2) {
  python.FS.writeFile('/sources.zip', new Uint8Array(readFileSync(archives[n])))
  // Our own code keeps its assertions; what others wrote leaves docstrings and assertions behind: a third less to carry.
  const optimize = archives[n].endsWith('nianbao.zip') ? 0 : 2
  python.runPython(`compiled("/sources.zip", "/compiled.zip", ${optimize})`)
  writeFileSync(archives[n + 1], python.FS.readFile('/compiled.zip'))
}
