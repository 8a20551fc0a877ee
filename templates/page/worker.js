// The page's worker: Python (Pyodide) with the package inside, one request after another, nothing fetched.
// Receives { parts } once, then { id, verb, asked, files }; answers { progress }, { ready }, { id, answer, files }.
// A classic worker, since a page opened from disk may start no module worker; Pyodide wants to believe it is one.
self.importScripts = () => { throw new Error('no scripts but our own') }
let python, bridge
const HOME = '/home/desk'

self.onmessage = async ({ data }) => {
  try {
    if (data.parts) await start(data.parts)
    else reply(data)
  } catch (error) {
    // What is no exception of Python's own (its stack or memory ran out) leaves Python unusable: the page starts another.
    self.postMessage({ id: data.id, failed: String(error && error.message || error), broken: !error || error.name !== 'PythonError' })
  }
}

async function start(parts) {
  const part = async name => new Uint8Array(await new Response(await unpacked(parts[name])).arrayBuffer())
  const script = async name => URL.createObjectURL(new Blob([await part(name)], { type: 'text/javascript' }))
  progress(10, '正在读取程序')
  const served = {
    'pyodide.asm.wasm': ['application/wasm', await part('pyodide.asm.wasm')],
    'python_stdlib.zip': ['application/zip', await part('python_stdlib.zip')],
  }
  // Pyodide asks for its own two files by address; they are at hand, and nothing else is ever answered.
  self.fetch = async address => {
    const name = String(address.url || address).split('/').pop()
    if (!served[name]) throw new Error(`no file ${name}`)
    return new Response(served[name][1], { headers: { 'content-type': served[name][0] } })
  }
  progress(30, '正在启动校验程序')
  const [{ loadPyodide }, { default: createPyodideModule }] = await Promise.all(
    [import(await script('pyodide.mjs')), import(await script('pyodide.asm.mjs'))])
  const lockFileContents = { info: parts.info, packages: {} }
  python = await loadPyodide({
    indexURL: 'https://nowhere.invalid/', packageBaseUrl: 'https://nowhere.invalid/', createPyodideModule, lockFileContents,
    env: { HOME, TZ: Intl.DateTimeFormat().resolvedOptions().timeZone, LANG: 'C.UTF-8' }, stdout() {}, stderr() {},
  })
  progress(70, '正在装入校验规则')
  for (const name of ['nianbao', 'libraries']) python.unpackArchive((await part(`${name}.zip`)).buffer, 'zip', { extractDir: `/lib/${name}` })
  python.runPython("import sys; sys.path += ['/lib/nianbao', '/lib/libraries']")
  bridge = python.pyimport('nianbao.page')
  const about = JSON.parse(bridge.call('about', '{}'))
  self.postMessage({ ready: about })
  bridge.call('warm', '{}')
}

function unpacked(part) {
  const bytes = typeof part === 'string' ? Uint8Array.from(atob(part), c => c.charCodeAt(0)) : part
  return new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
}

function progress(done, words) { self.postMessage({ progress: done, words }) }

// Every request has a folder of its own that is gone when it is answered: a file leaves nothing behind.
function reply({ id, verb, asked, files }) {
  const { FS } = python
  remove(HOME)
  for (const folder of ['in', 'last', 'units', 'out']) FS.mkdirTree(`${HOME}/${folder}`)
  FS.chdir(`${HOME}/in`)
  const request = { ...asked, folder: `${HOME}/out` }
  for (const { role, name, bytes } of files) {
    const safe = name.replace(/[/\\\0]/g, '_').toWellFormed?.() ?? name.replace(/[/\\\0\ud800-\udfff]/g, '_')
    const path = { book: safe, previous: `${HOME}/last/${safe}`, roster: `${HOME}/last/${safe}` }[role] ?? `${HOME}/units/${safe}`
    FS.writeFile(path, new Uint8Array(bytes))
    if (role !== 'unit') request[role] = path
  }
  request.units = `${HOME}/units`
  const answer = JSON.parse(bridge.call(verb, JSON.stringify(request)))
  const made = (answer.written || []).map(path => ({ name: path.split('/').pop(), bytes: FS.readFile(path).buffer }))
  self.postMessage({ id, answer, files: made }, made.map(file => file.bytes))
}

function remove(path) {
  const { FS } = python
  FS.chdir('/')
  if (!FS.analyzePath(path).exists) return
  for (const name of FS.readdir(path)) {
    if (name === '.' || name === '..') continue
    const inside = `${path}/${name}`
    if (FS.isDir(FS.lstat(inside).mode)) remove(inside)
    else FS.unlink(inside)
  }
  FS.rmdir(path)
}
