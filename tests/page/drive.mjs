// Drives the page in Debian's Chromium: node drive.mjs PAGE STEPS.json; prints what was seen as one line of JSON.
// Steps: ["drop", path, …], ["click", selector], ["fill", selector, text], ["wait", selector], ["save", selector, folder],
// ["shot", path], ["pdf", path], ["size", width, height], ["dark"], ["see", name, expression], ["audit", name], ["press", key],
// ["worker", code] (runs in the page's worker), ["memory", name] (MB of the largest process of the page).
import { createRequire } from 'node:module'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const tools = createRequire(resolve('.tools/package.json'))
const { chromium } = tools('playwright-core')
const axe = readFileSync(tools.resolve('axe-core/axe.min.js'), 'utf8')
const [where, stepsFile] = process.argv.slice(2)
const steps = JSON.parse(readFileSync(stepsFile, 'utf8'))
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync']
const DO = {
  drop: async (page, ...paths) => {
    await page.setInputFiles('#input', paths)
    await page.locator('#list .file').nth(paths.length - 1).waitFor()
    while (await page.locator('#list .state', { hasText: /等候|正在校验/ }).count()) await page.waitForTimeout(50)
  },
  click: (page, selector) => page.click(selector),
  fill: async (page, selector, text) => { await page.fill(selector, text); await page.dispatchEvent(selector, 'change') },
  wait: (page, selector) => page.waitForSelector(selector, { state: 'attached' }),
  select: (page, selector, label) => page.selectOption(selector, { label }),
  press: (page, key) => page.keyboard.press(key),
  save: async (page, selector, folder) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.click(selector)])
    await download.saveAs(join(folder, download.suggestedFilename()))
    seen.saved.push(download.suggestedFilename())
  },
  all: async (page, folder) => {
    for (const link of await page.$$('a.made')) {
      const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
      await download.saveAs(join(folder, download.suggestedFilename()))
      seen.saved.push(download.suggestedFilename())
    }
  },
  shot: (page, path, full) => page.screenshot({ path, fullPage: full === 'full' }),
  pdf: (page, path) => page.pdf({ path, preferCSSPageSize: true, printBackground: false }),
  size: (page, width, height) => page.setViewportSize({ width, height }),
  worker: (page, code) => page.workers().at(-1).evaluate(code),
  memory: async (page, name) => { seen[name] = largest() },
  dark: page => page.emulateMedia({ colorScheme: 'dark' }),
  light: page => page.emulateMedia({ colorScheme: 'light' }),
  see: async (page, name, expression) => { seen[name] = await page.evaluate(expression) },
  audit: async (page, name) => {
    await page.evaluate(axe)
    const audit = await page.evaluate(() => axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }))
    seen[name] = audit.violations.map(v => `${v.id}: ${v.help} (${v.nodes.length}) ${v.nodes[0].html.slice(0, 200)}`)
  },
}

/** MB held by the largest renderer among the processes that this one started. */
function largest() {
  const processes = new Map()
  for (const id of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    try {
      const status = readFileSync(`/proc/${id}/status`, 'utf8')
      const renders = readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('--type=renderer')
      processes.set(id, { parent: /PPid:\s+(\d+)/.exec(status)[1], mb: renders ? Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024 : 0 })
    } catch { /* it has ended */ }
  }
  const ours = id => id === String(process.pid) || (processes.has(id) && ours(processes.get(id).parent))
  return Math.round(Math.max(...[...processes].filter(([id]) => ours(id)).map(([, { mb }]) => mb)))
}

const address = /^https?:/.test(where) ? where : pathToFileURL(resolve(where)).href

const profile = mkdtempSync(join(tmpdir(), 'nianbao-page-'))
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: flags, viewport: { width: 1366, height: 768 }, acceptDownloads: true,
})
const seen = { errors: [], requests: [], saved: [], started: 0 }
try {
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  page.on('console', message => ['error', 'warning'].includes(message.type()) && seen.errors.push(message.text()))
  page.on('pageerror', error => seen.errors.push(String(error)))
  page.on('dialog', dialog => { seen.errors.push('dialog: ' + dialog.message()); dialog.dismiss() })
  page.on('request', request => /^(blob|data):/.test(request.url()) || request.url() === address || seen.requests.push(request.url()))
  const begun = Date.now()
  await page.goto(address, { waitUntil: 'domcontentloaded' })
  await page.locator('#starting').waitFor({ state: 'hidden', timeout: 180_000 })
  seen.started = Date.now() - begun
  for (const [verb, ...given] of steps) await DO[verb](page, ...given)
  console.log(JSON.stringify(seen))
} catch (error) {
  console.error(String(error), JSON.stringify(seen), await context.pages().at(-1).locator('#words').textContent().catch(String))
  process.exitCode = 1
} finally {
  await context.close()
  rmSync(profile, { recursive: true, force: true })
}
