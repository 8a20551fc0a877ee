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
  const served = { 'pyodide.asm.wasm': 'application/wasm', 'python_stdlib.zip': 'application/zip' }
  // Pyodide asks for its own two files by address; they are at hand, and nothing else is ever answered.
  self.fetch = async address => {
    const name = String(address.url || address).split('/').pop()
    if (!served[name]) throw new Error(`no file ${name}`)
    return new Response(await part(name), { headers: { 'content-type': served[name] } })
  }
  progress(30, '正在启动校验程序')
  const scripts = [await script('pyodide.mjs'), await script('pyodide.asm.mjs')]
  const [{ loadPyodide }, { default: createPyodideModule }] = await Promise.all(scripts.map(address => import(address)))
  scripts.forEach(URL.revokeObjectURL)
  const lockFileContents = { info: parts.info, packages: {} }
  python = await loadPyodide({
    indexURL: 'https://nowhere.invalid/', packageBaseUrl: 'https://nowhere.invalid/', createPyodideModule, lockFileContents,
    env: { HOME, TZ: Intl.DateTimeFormat().resolvedOptions().timeZone, LANG: 'C.UTF-8' }, stdout() {}, stderr() {},
  })
  progress(70, '正在装入校验规则')
  python.unpackArchive((await part('nianbao.zip')).buffer, 'zip', { extractDir: '/lib/nianbao' })
  python.FS.writeFile('/lib/libraries.zip', await part('libraries.zip'), { canOwn: true }) // imported as it is
  python.runPython("import sys; sys.path += ['/lib/nianbao', '/lib/libraries.zip']")
  bridge = python.pyimport('nianbao.page')
  const about = JSON.parse(bridge.call('about', '{}'))
  self.postMessage({ ready: about })
  bridge.call('warm', '{}')
}

/** A part (a Blob) as a stream of its content; inside the one file it stands as base64. */
async function unpacked(part) {
  const bytes = part.type === 'text/base64' ? decoded(await part.text()) : part
  return new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
}

function decoded(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64)
  const text = atob(base64), bytes = new Uint8Array(text.length)
  for (let n = 0; n < text.length; n++) bytes[n] = text.charCodeAt(n)
  return bytes
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
