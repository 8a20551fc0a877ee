// Opens local pages in Debian's Chromium and prints what a test wants to know of each, as one line of JSON.
// node browse.mjs '[{"file": …, "width": …, "audited": …, "picture": …, "print": …}, …]'
import { createRequire } from 'node:module'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const tools = createRequire(resolve('.tools/package.json'))
const { chromium } = tools('playwright-core')
const axe = readFileSync(tools.resolve('axe-core/axe.min.js'), 'utf8')
const jobs = JSON.parse(process.argv[2])
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync']

const profile = mkdtempSync(join(tmpdir(), 'nianbao-browser-'))
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: flags, bypassCSP: true,
})

async function look ({ file, width, audited, picture, print }) {
  const page = await context.newPage()
  await page.setViewportSize({ width, height: 900 })
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
  const violations = audited ? await audit(page) : null
  if (print) await page.pdf({ path: print, preferCSSPageSize: true, printBackground: false })
  await page.close()
  return { ...seen, errors, requests, violations }
}

async function audit (page) {
  await page.addScriptTag({ content: axe })
  const found = await page.evaluate(() => axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }))
  return found.violations.map(v => `${v.id}: ${v.help} (${v.nodes.length}) ${v.nodes[0].html.slice(0, 200)}`)
}

try {
  const seen = []
  for (const job of jobs) seen.push(await look(job))
  console.log(JSON.stringify(seen))
} finally {
  await context.close()
  rmSync(profile, { recursive: true, force: true })
}
