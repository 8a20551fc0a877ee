// Opens one local page in Debian's Chromium and prints what a test wants to know as one line of JSON.
// node browse.mjs FILE WIDTH [PICTURE.png] [PRINT.pdf]
import { createRequire } from 'node:module'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const tools = createRequire(resolve('.tools/package.json'))
const { chromium } = tools('playwright-core')
const axe = readFileSync(tools.resolve('axe-core/axe.min.js'), 'utf8')
const [file, width, picture, print] = process.argv.slice(2)
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync']

const profile = mkdtempSync(join(tmpdir(), 'nianbao-browser-'))
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: flags, bypassCSP: true,
  viewport: { width: Number(width), height: 900 },
})
try {
  const page = await context.newPage()
  const errors = [], requests = []
  page.on('console', message => message.type() === 'error' && errors.push(message.text()))
  page.on('pageerror', error => errors.push(String(error)))
  page.on('dialog', dialog => { errors.push('dialog: ' + dialog.message()); dialog.dismiss() })
  page.on('request', request => request.url().startsWith('file:') || requests.push(request.url()))
  await page.goto(pathToFileURL(resolve(file)).href)
  if (picture) await page.screenshot({ path: picture, fullPage: true })
  const seen = await page.evaluate(() => ({
    title: document.title,
    lang: document.documentElement.lang,
    pageWidth: document.documentElement.scrollWidth,
    contents: [...document.querySelectorAll('nav ol a')].map(a => [a.textContent, !!document.querySelector(a.hash)]),
    downloads: [...document.querySelectorAll('nav ul a')].map(a => decodeURIComponent(a.getAttribute('href'))),
    headings: [...document.querySelectorAll('h1, main h2')].map(h => h.textContent),
    scripts: [...document.scripts].map(s => s.type),
    data: JSON.parse(document.querySelector('script[type="application/ld+json"]')?.textContent ?? 'null'),
    regions: [...document.querySelectorAll('.scroll')].map(r => [r.tabIndex, r.scrollWidth > r.clientWidth]),
    cells: Object.fromEntries([...document.querySelectorAll('td[data-cell]')].map(td => [td.dataset.cell, {
      text: td.textContent,
      headers: td.getAttribute('headers').split(' ').map(id => document.getElementById(id)?.textContent ?? null),
    }])),
  }))
  await page.addScriptTag({ content: axe })
  const audit = await page.evaluate(() => axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }))
  const violations = audit.violations.map(v => `${v.id}: ${v.help} (${v.nodes.length}) ${v.nodes[0].html.slice(0, 200)}`)
  if (print) await page.pdf({ path: print, preferCSSPageSize: true, printBackground: false })
  console.log(JSON.stringify({ ...seen, errors, requests, violations }))
} finally {
  await context.close()
  rmSync(profile, { recursive: true, force: true })
}
