// What a report looks like on the screen. Everything a file says becomes text, never markup.

/** An element with properties (`class`, `on…`, attributes) and children; what is null is left out. */
function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else if (name in element && typeof value !== 'string') element[name] = value
    else element.setAttribute(name, value)
  }
  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false))
  return element
}

const SIGNS = { error: '✗', verify: '？', info: '·' }
const LETTERS = { E: '强制性问题', V: '须核实', N: '牵连的格' }

function drawSections(view) {
  return view.sections.filter(part => part.heading || part.texts.length).map(part =>
    h('section', part.heading ? { 'aria-labelledby': `part-of-${part.key}` } : { 'aria-label': '前言' },
      part.heading && h('h3', { id: `part-of-${part.key}` }, part.heading),
      part.texts.map(text => drawText(text, view.flags[text.place])),
      !part.texts.length && !part.table && drawText({ place: `${part.key}#0`, text: '（没有文字）' }, view.flags[`${part.key}#0`]),
      part.table && drawTable(part.table, view.flags)))
}

function drawText({ place, text }, flag) {
  const marked = flag && flag.letter in LETTERS
  return h('p', { id: `at-${place}`, class: marked ? `text ${flag.letter}` : 'text', tabindex: marked ? '0' : '-1' }, text,
    marked && h('span', { class: 'beside' }, flag.note || LETTERS[flag.letter]))
}

function drawTable(table, flags) {
  const name = `caption-${table.key}`
  return h('div', { class: 'scroll', role: 'region', 'aria-labelledby': name, tabindex: '0' },
    h('table', { class: table.wide ? 'wide' : null },
      h('caption', { id: name }, table.name),
      table.columns.map(group => h('colgroup', {}, group.map(([share]) => wide(h('col'), share)))),
      table.head.length ? h('thead', {}, table.head.map(row => drawRow(row, flags))) : null,
      table.bodies.map(body => h('tbody', {}, body.map(row => drawRow(row, flags))))))
}

function wide(column, share) {
  column.style.width = `${share}%`
  return column
}

function drawRow(row, flags) {
  return h('tr', {}, row.map(box => drawBox(box, flags)))
}

function drawBox(box, flags) {
  const span = { rowspan: box.rows > 1 ? String(box.rows) : null, colspan: box.cols > 1 ? String(box.cols) : null }
  if (!box.cell) {
    if (box.kind === 'corner' && (box.rows > 1 || !box.text)) return h('td', { ...span, class: 'corner' }, box.text)
    const kind = box.kind === 'title' ? 'title' : box.kind === 'side' ? (box.rows > 1 ? 'group' : 'long') : null
    return h('th', { ...span, id: box.id, scope: box.scope, class: kind }, box.text)
  }
  const flag = flags[box.cell]
  const marked = flag && flag.letter in LETTERS
  return h('td', {
    ...span, id: `at-${box.cell}`, headers: box.headers.join(' '), class: marked ? flag.letter : null,
    tabindex: marked && flag.note ? '0' : '-1', 'data-note': marked && flag.note ? flag.note : null, 'data-name': box.name,
  }, box.text, marked && h('span', { class: 'heard' }, `（${flag.note || LETTERS[flag.letter]}）`))
}

/** Put children into the element of an id, in place of what it held; what is null is left out. */
const put = (id, ...children) => $(id).replaceChildren(...h('div', {}, children).childNodes)

/** Findings from sheet to sheet; several blanks of a sheet are one line that opens. */
function drawFindings(view, explain) {
  if (!view.findings.length) return [h('p', { class: 'none' }, '没有发现问题。')]
  const sheets = [...new Set(view.findings.map(finding => finding.sheet))]
  return sheets.map(sheet => {
    const of = view.findings.filter(finding => finding.sheet === sheet)
    return h('section', { 'aria-label': sheet }, h('h4', {}, sheet), h('ul', { class: 'findings' }, grouped(of).map(group =>
      group.length > 2 ? drawBlanks(group, explain) : group.map(finding => drawFinding(finding, explain)))))
  })
}

function grouped(findings) {
  const groups = []
  for (const finding of findings) {
    const last = groups[groups.length - 1]
    if (last && finding.rule === 'cell.blank' && last[0].rule === finding.rule && last[0].severity === finding.severity) last.push(finding)
    else groups.push([finding])
  }
  return groups.flatMap(group => group.length > 2 || group.length === 1 ? [group] : group.map(one => [one]))
}

function drawBlanks(group, explain) {
  const words = group[0].severity === 'error' ? '没有的请填 0（可用“规范并补 0 的副本”一次补上）' : group[0].advice
  return h('li', { class: `finding ${group[0].severity}` }, h('details', {},
    h('summary', {}, sign(group[0]), ` 共 ${group.length} 格空白，${words}`),
    h('ul', {}, group.map(finding => drawFinding(finding, explain)))))
}

function sign(finding) {
  return h('span', { class: 'sign' }, `${SIGNS[finding.severity]} ${finding.word}`)
}

function drawFinding(finding, explain) {
  const hints = (finding.candidates || []).slice(0, 3)
  return h('li', { class: `finding ${finding.severity}` },
    h('button', { type: 'button', class: 'go', 'data-target': finding.target, disabled: !finding.target },
      sign(finding), ' ', h('b', {}, finding.place), h('span', { class: 'message' }, finding.message)),
    h('p', { class: 'advice' }, finding.advice, h('span', { class: 'rule' }, `（规则：${finding.name}）`)),
    hints.length > 1 && h('ol', { class: 'candidates', 'aria-label': '可能有误的格' }, hints.map(drawCandidate)),
    finding.severity === 'verify' && !finding.rule.startsWith('explanation.') && drawExplanation(finding, explain))
}

function drawCandidate(hint) {
  return h('li', {}, h('button', { type: 'button', class: 'go', 'data-target': hint.cell }, `${hint.name || hint.cell} 改为 ${hint.value}`), hint.why ? ` ${hint.why}` : null)
}

function drawExplanation(finding, explain) {
  const id = `why-${finding.rule}-${finding.keys.join('-')}`
  return h('div', { class: 'explain' }, h('label', { for: id }, '审核说明（属实的写明原因，不少于 8 个字）'),
    h('textarea', { id, rows: '2', maxlength: '1000', onchange: event => explain(finding, event.target.value) }, finding.explanation || ''))
}

function drawState(view) {
  const ready = view.state === '可上报'
  return h('p', { class: `state ${ready ? 'ready' : view.errors ? 'error' : 'verify'}` }, `${ready ? '✓ ' : ''}${view.state}`)
}
