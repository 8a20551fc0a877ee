// The desk: files that were dropped, the one that is open, and the buttons.
const LARGEST = 60_000_000
const PUBLISHED = /\.(docx?|wps|pdf|html?)$/i
const AS_TEXT = '网页版不读 Word、PDF 和网页；请在 Word 或 WPS 中打开，另存为“纯文本（.txt）”，再放进来。'
const files = []
let open, about

const say = words => { $('news').textContent = words }
const named = (role, file) => ({ role, name: file.name, bytes: file.bytes })

document.addEventListener('ready', ({ detail }) => {
  about = detail
  $('version').textContent = `版本 ${about.version}`
  $('template').elements.year.value ||= about.year
})

// ---- taking files in

$('choose').onclick = () => $('input').click()
$('choose-folder').onclick = () => $('input-folder').click()
for (const id of ['input', 'input-folder']) {
  $(id).onchange = event => { take([...event.target.files]); event.target.value = '' }
}
addEventListener('dragover', event => { event.preventDefault(); document.body.classList.add('over') })
addEventListener('dragleave', event => { if (!event.relatedTarget) document.body.classList.remove('over') })
addEventListener('drop', async event => {
  event.preventDefault()
  document.body.classList.remove('over')
  const entries = [...event.dataTransfer.items].map(item => item.webkitGetAsEntry?.()).filter(Boolean)
  take(entries.length ? (await Promise.all(entries.map(inside))).flat() : [...event.dataTransfer.files])
})

/** The files of a dropped folder, as deep as they stand. */
async function inside(entry) {
  if (entry.isFile) return [await new Promise((done, failed) => entry.file(done, failed))]
  const reader = entry.createReader()
  const taken = []
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed))
    if (!some.length) return taken
    taken.push(...(await Promise.all(some.map(inside))).flat())
  }
}

async function take(chosen) {
  const fresh = chosen.filter(file => !/^(\.|~\$)/.test(file.name)).map(file => ({ name: file.name, file, typed: new Map(), state: '等候' }))
  files.push(...fresh)
  list()
  for (const file of fresh) {
    await read(file)
    const older = files.find(other => !fresh.includes(other) && same(other, file))
    if (older) await instead(older, file)
    else if (open === file || (!open && file.view)) show(file)
  }
  if (open?.view) $('last')?.replaceWith(lastYears(open))
  say(`已读 ${fresh.length} 个文件`)
}

/** Whether a file that was dropped later is the corrected copy of one that is there: its name, and the same report. */
const same = (older, file) => older.name === file.name && older.view && file.view && shelf(older) === shelf(file)

/** The corrected copy takes the place of the older one, whatever that was used for. */
async function instead(older, file) {
  files.splice(files.indexOf(file), 1)
  files[files.indexOf(older)] = file
  file.previous = older.previous
  for (const other of files) if (other.previous === older) other.previous = file
  file.note = `已换成 ${new Date().toTimeString().slice(0, 5)} 放入的这一份`
  file.unsaved = older.unsaved
  if (adopt(file, older.typed.values()) || file.previous) await check(file)
  if (open === older) show(file)
  else list()
}

async function read(file) {
  if (file.file) {
    if (file.file.size > LARGEST) return refused(file, `文件超过 ${LARGEST / 1e6} MB，不是一份年报`)
    try {
      file.bytes = await file.file.arrayBuffer()
    } catch {
      return refused(file, '文件打不开；请关闭正在使用它的程序后重新放入')
    }
    file.file = null
  }
  file.state = '正在校验'
  list()
  await check(file)
}

function refused(file, words) {
  file.state = '不能使用'
  file.problem = words
  file.view = undefined
  list()
}

/** No report but a roster: the summary is made by it. */
function listed(file, units) {
  file.roster = units
  file.state = `名录，${units} 个单位`
  list()
}

async function check(file) {
  try {
    const { answer } = await ask('check', request(file), attached(file))
    file.line = answer.line
    if (answer.roster) return listed(file, answer.roster)
    if (answer.problem) return refused(file, PUBLISHED.test(file.name) ? `${file.name}：${AS_TEXT}` : answer.problem)
    file.view = answer.view
    file.doubts = answer.doubts
    file.state = answer.view.state
    if (restore(file)) return await check(file)
  } catch (error) {
    file.hung = true
    return refused(file, `${file.name}：${error.message}；请核对文件是否过大或被改坏，另存一份后重试。`)
  }
  list()
}

const request = file => ({ explanations: [...file.typed.values()] })
const attached = file => [named('book', file), ...(file.previous ? [named('previous', file.previous)] : [])]

// ---- explanations: kept beside the file, and on this computer until the copy is saved

const shelf = file => `nianbao ${file.view.form} ${file.view.year} ${file.view.agency}`

async function explain(file, finding, text) {
  file.typed.set(`${finding.rule} ${finding.keys}`, { rule: finding.rule, cells: finding.keys, text, about: finding.message })
  try { localStorage.setItem(shelf(file), JSON.stringify([...file.typed.values()])) } catch { /* private browsing keeps nothing */ }
  const at = document.activeElement?.id
  await check(file)
  show(file, false)
  if (at) $(at)?.focus()
}

/** Take up what was explained earlier for the very same findings; true where there was something. */
function restore(file) {
  if (file.restored) return false
  file.restored = true
  let kept = []
  try { kept = JSON.parse(localStorage.getItem(shelf(file)) || '[]') } catch { /* nothing kept */ }
  return adopt(file, Array.isArray(kept) ? kept : [])
}

/** Take up explanations that were typed for the very same findings; true where the file now has any. */
function adopt(file, kept) {
  for (const one of kept) {
    const finding = file.view.findings.find(f => f.rule === one.rule && String(f.keys) === String(one.cells) && f.message === one.about)
    if (finding && !finding.explanation && one.text) file.typed.set(`${one.rule} ${one.cells}`, one)
  }
  return file.typed.size > 0
}

addEventListener('beforeunload', event => { if (files.some(file => file.unsaved)) event.preventDefault() })

// ---- the list of files, and several together

function list() {
  $('files').hidden = !files.length
  $('list').replaceChildren(...files.map(file => h('li', { class: file.problem ? 'unusable' : null },
    h('button', { type: 'button', class: `file ${tone(file)}`, 'aria-current': file === open ? 'true' : null, onclick: () => show(file) },
      h('span', { class: 'name' }, file.name), h('span', { class: 'state' }, file.state), file.problem && h('span', { class: 'why' }, reason(file))),
    h('button', { type: 'button', class: 'away', 'aria-label': `移走 ${file.name}`, onclick: () => away(file) }, '×'))))
  const usable = files.filter(file => file.view), enough = usable.length > 1 || (usable.length && files.some(file => file.roster))
  $('together').hidden = !enough
  if (enough && !$('together').firstChild) {
    $('together').replaceChildren(h('label', {}, '汇总单位 ', h('input', { id: 'whole', type: 'text', maxlength: '100', placeholder: '单位全称' })), ' ',
      h('button', { type: 'button', onclick: sum }, '把这些年报汇总…'), h('div', { id: 'sum', role: 'status' }))
  }
}

const tone = file => file.roster ? 'ready' : file.problem ? 'error' : !file.view ? '' : file.view.errors ? 'error' : file.state === '可上报' ? 'ready' : 'verify'

/** Why a file cannot be used, without its name, which stands before it. */
const reason = file => file.problem.replace(`${file.name}：`, '')

function away(file) {
  files.splice(files.indexOf(file), 1)
  if (open === file) { open = undefined; $('report').hidden = true }
  if (open?.view) $('last')?.replaceWith(lastYears(open))
  list()
}

async function sum() {
  put('sum', '正在汇总……')
  const units = unlike(files.filter(file => file.bytes && !file.hung && !file.roster))
  const roster = files.find(file => file.roster)
  try {
    const given = [...units.map(file => named('unit', file)), ...(roster ? [named('roster', roster)] : [])]
    const { answer, files: made } = await ask('consolidate', { agency: $('whole').value }, given, 30_000 + 1_000 * units.length)
    if (answer.problem) return put('sum', h('p', { class: 'problem' }, answer.problem))
    put('sum', h('p', {}, answer.words), h('p', {}, '已生成：', made.map(download)),
      answer.missing.length ? h('p', { class: 'problem' }, `未报：${answer.missing.join('、')}`) : null,
      answer.cases.length ? h('ul', {}, answer.cases.map(one => h('li', {}, `${one.state}：${one.name}${one.reason ? `（${one.reason}）` : ''}`))) : null,
      answer.notes.length ? h('ul', {}, answer.notes.map(note => h('li', {}, `请核对：${note}。`))) : null)
  } catch (error) {
    put('sum', h('p', { class: 'problem' }, `没有汇总成功：${error.message}`))
  }
}

/** The files under names that differ, as a folder would hold them. */
function unlike(list) {
  const seen = new Map()
  return list.map(file => {
    const count = (seen.get(file.name) || 0) + 1
    seen.set(file.name, count)
    return count === 1 ? file : { ...file, name: file.name.replace(/(\.[^.]*)?$/, `(${count})$1`) }
  })
}

// ---- one file

function show(file, jump = true) {
  open = file
  list()
  $('report').hidden = false
  $('report').replaceChildren(...(file.view ? drawReport(file) : drawProblem(file)))
  if (jump) $('report').scrollIntoView({ block: 'start' })
}

function drawProblem(file) {
  return [h('h2', { id: 'report-title' }, file.name), h('p', { class: file.roster ? 'none' : 'problem' },
    file.roster ? `这是一份名录，列有 ${file.roster} 个单位；把各单位的年报也放进来，汇总时按它列出未报单位。` : file.problem || '还没有读完。')]
}

function drawReport(file) {
  const { view } = file
  const counts = `强制性问题 ${view.errors} 个，核实性问题 ${view.verify} 个`
  return [
    h('header', {}, h('h2', { id: 'report-title' }, view.heading), h('p', { class: 'from' }, [file.name, counts, file.note].filter(Boolean).join('　')), drawState(view), buttons(file),
      h('div', { id: 'made', role: 'status' }),
      file.doubts?.length ? h('details', { class: 'doubts' }, h('summary', {}, `读入时有 ${file.doubts.length} 处须核对`), h('ul', {}, file.doubts.map(d => h('li', {}, d)))) : null),
    h('div', { class: 'both' },
      h('aside', { class: 'results', 'aria-label': '校验结果', tabindex: '0' }, h('h3', {}, '校验结果'), drawFindings(view, (finding, text) => { file.unsaved = true; explain(file, finding, text) })),
      h('div', { class: 'printed' }, drawSections(view))),
  ]
}

function buttons(file) {
  return h('div', { class: 'buttons' },
    h('button', { type: 'button', class: 'main', onclick: () => make(file, 'mark') }, '标好问题的副本'),
    /\.xls[xm]$/i.test(file.name) && [
      h('button', { type: 'button', onclick: () => make(file, 'tidy') }, '规范数字的副本'),
      h('button', { type: 'button', onclick: () => make(file, 'tidy', { zeros: true }) }, '规范并补 0 的副本')],
    h('button', { type: 'button', onclick: () => publish(file) }, '网页和数据'),
    h('button', { type: 'button', onclick: () => window.print() }, '打印校验结果'),
    /\.xls[xm]$/i.test(file.name) ? null : h('button', { type: 'button', onclick: () => make(file, 'save') }, '转成工作簿'),
    h('label', { class: 'last' }, '上年报告 ', lastYears(file)))
}

/** The reports to choose last year's from; drawn again when files come in. */
function lastYears(file) {
  const others = files.filter(other => other !== file && other.view)
  return h('select', { id: 'last', onchange: event => lastYear(file, event.target.value) },
    h('option', { value: '' }, file.view.previous ? `工作簿中的 ${file.view.previous} 年数据` : '没有'),
    others.map(other => h('option', { value: String(files.indexOf(other)), selected: file.previous === other }, `${other.name}（${other.view.year ?? '无年度'}）`)),
    file.previous && !files.includes(file.previous) && h('option', { value: 'chosen', selected: true }, file.previous.name),
    h('option', { value: 'choose' }, '选择文件…'))
}

async function lastYear(file, value) {
  if (value === 'choose') {
    const input = h('input', { type: 'file' })
    input.onchange = async () => {
      const chosen = input.files[0]
      file.previous = { name: chosen.name, bytes: await chosen.arrayBuffer() }
      await check(file)
      show(file, false)
    }
    input.oncancel = () => show(file, false)
    return input.click()
  }
  file.previous = value === '' ? undefined : files[Number(value)]
  await check(file)
  show(file, false)
}

async function make(file, verb, asked = {}) {
  put('made', '正在生成……')
  try {
    const { answer, files: made } = await ask(verb, { ...request(file), ...asked }, attached(file))
    if (answer.problem) {
      put('made', h('p', { class: 'problem' }, answer.problem), answer.reasons.length ? h('ul', {}, answer.reasons.map(r => h('li', {}, r))) : null)
      return false
    }
    if (verb === 'mark') file.unsaved = false
    const links = made.map(download)
    put('made', h('p', {}, '已生成：', links),
      answer.changes && !answer.changes.length ? h('p', {}, '没有需要规范的内容。') : null,
      answer.changes ? h('ul', { class: 'changes' }, answer.changes.map(change => h('li', {}, change))) : null)
    if (links.length === 1) links[0].click()
    return true
  } catch (error) {
    put('made', h('p', { class: 'problem' }, `没有生成：${error.message}`))
    return false
  }
}

async function publish(file) {
  const kinds = ['html', 'json', 'csv']
  if (await make(file, 'publish', { kinds }) || !file.view.errors) return
  $('made').append(h('p', {}, h('button', { type: 'button', onclick: () => make(file, 'publish', { kinds, draft: true }) }, '只供内部传阅：生成草稿')))
}

function download({ name, bytes }) {
  const address = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }))
  return h('a', { href: address, download: name, class: 'made' }, name)
}

// ---- the blank template

$('blank').onclick = () => {
  $('template').hidden = !$('template').hidden
  if (!$('template').hidden) $('template').elements.agency.focus()
}
$('template').onsubmit = async event => {
  event.preventDefault()
  const { year, agency } = Object.fromEntries(new FormData(event.target))
  put('template-made', '正在生成……')
  try {
    const { answer, files: made } = await ask('template', { year, agency })
    const links = answer.problem ? [answer.problem] : made.map(download)
    put('template-made', ...links)
    if (!answer.problem) links[0].click()
  } catch (error) {
    put('template-made', `没有生成：${error.message}`)
  }
}

// ---- from a finding to its figure, and the note beside it

document.addEventListener('click', event => {
  const go = event.target.closest('.go')
  if (!go) return
  const at = document.getElementById(`at-${go.dataset.target}`)
  if (!at) return
  at.scrollIntoView({ block: 'center', inline: 'center' })
  at.focus({ preventScroll: true })
  document.querySelectorAll('.here').forEach(one => one.classList.remove('here'))
  at.classList.add('here')
})
for (const [kind, shown] of [['mouseover', true], ['focusin', true], ['click', true], ['mouseout', false], ['focusout', false]]) {
  document.addEventListener(kind, event => {
    const cell = event.target.closest?.('[data-note]')
    if (cell || !shown) note(shown ? cell : null)
  })
}
addEventListener('keydown', event => event.key === 'Escape' && note(null))
// A note moves along with the cell that has the focus (a click on a finding scrolls there), and goes with it out of sight.
addEventListener('scroll', () => {
  const cell = document.activeElement?.closest('[data-note]')
  const at = cell?.getBoundingClientRect()
  note(at && at.bottom > 0 && at.top < innerHeight ? cell : null)
}, true)

function note(cell) {
  const box = $('note')
  box.hidden = !cell
  if (!cell) return
  box.textContent = `${cell.dataset.name}\n${cell.dataset.note}`
  const at = cell.getBoundingClientRect()
  const height = box.offsetHeight, width = box.offsetWidth
  const above = at.top - height - 6
  box.style.top = `${above > 6 ? above : Math.min(at.bottom + 6, innerHeight - height - 6)}px`
  box.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`
}

Object.assign(SETTING, { files })
begin()
