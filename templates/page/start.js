// The worker: started with its parts, asked one thing after another, replaced when it hangs or dies.
const SETTING = self.NIANBAO
const $ = id => document.getElementById(id)
SETTING.limit = 30_000 // milliseconds for one request
let worker, ready, current, parts
const waiting = []

/** Why this browser cannot run the page; empty where it can. */
function lacking() {
  if (typeof WebAssembly !== 'object') return '这个浏览器不支持 WebAssembly（或被管理员关闭）'
  if (typeof DecompressionStream !== 'function') return '这个浏览器太旧'
  return ''
}

/** The parts as Blobs, which the browser keeps outside the page's own memory; the text they came from is let go. */
async function collected() {
  const blobs = {}
  for (const [name, where] of Object.entries(SETTING.parts)) {
    if (SETTING.inside) {
      blobs[name] = new Blob([$(where).textContent], { type: 'text/base64' })
      $(where).remove()
    } else blobs[name] = await (await fetched(where)).blob()
  }
  return { ...blobs, info: SETTING.info }
}

async function fetched(name) {
  const answer = await fetch(name)
  if (!answer.ok) throw new Error(`服务器上没有 ${name}`)
  return answer
}

function start() {
  ready = false
  const address = URL.createObjectURL(new Blob([SETTING.worker], { type: 'text/javascript' }))
  worker = new Worker(address)
  worker.onmessage = ({ data }) => heard(data)
  worker.onerror = event => stopped(event.message || '浏览器不允许运行')
  worker.postMessage({ parts })
}

function heard(data) {
  if (data.progress) return starting(data.progress, data.words)
  if (data.ready) {
    ready = true
    starting(100, '')
    document.dispatchEvent(new CustomEvent('ready', { detail: data.ready }))
    return next()
  }
  if (!current || current.id !== data.id) return data.failed && !ready ? stopped(data.failed) : undefined
  if (data.broken) return lost('内容超出了程序所能处理的范围')
  clearTimeout(current.timer)
  const { resolve, reject } = current
  current = undefined
  if (data.failed) reject(new Error(data.failed))
  else resolve(data)
  next()
}

function starting(done, words) {
  $('bar').value = done
  $('words').textContent = words && `${words}……`
  $('starting').hidden = done >= 100
}

function stopped(why) {
  if (!ready && !current) {
    $('starting').hidden = false
    $('words').textContent = `没有启动成功（${why}）。请改用 Chrome、Edge 97、Firefox 114 或更新的浏览器；仍不行的，请用命令行或加载项。`
    return
  }
  lost(`程序中断（${why}）`)
}

/** The worker hung or died over one request: it alone is given up, a new worker goes on with the rest. */
function lost(why) {
  const given = current
  current = undefined
  worker.terminate()
  if (given) {
    clearTimeout(given.timer)
    given.reject(new Error(why))
  }
  start()
}

let number = 0

/** Ask the worker; files are { role, name, bytes }. Gives { answer, files }. */
function ask(verb, asked = {}, files = [], limit = SETTING.limit) {
  return new Promise((resolve, reject) => {
    waiting.push({ id: ++number, verb, asked, files, limit, resolve, reject })
    next()
  })
}

function next() {
  if (!ready || current || !waiting.length) return
  current = waiting.shift()
  const { id, verb, asked, files, limit } = current
  current.timer = setTimeout(() => lost(`处理超过 ${limit / 1000} 秒，已停止`), limit)
  worker.postMessage({ id, verb, asked, files })
}

async function begin() {
  const why = lacking()
  if (why) return stopped(why)
  starting(5, '正在读取程序')
  try {
    if (SETTING.inside && document.readyState === 'loading') await new Promise(done => addEventListener('DOMContentLoaded', done))
    parts = await collected()
    start()
  } catch (error) {
    stopped(error.message)
  }
}
