// Calculates a workbook with HyperFormula: reads {sheets, cases, wanted} from stdin, prints the values of every case.
// sheets: {name: [[content]]}; a case: {"name!row!column": content}; wanted: ["name!row!column"] (from 0).
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'

const { HyperFormula } = createRequire(resolve('.tools/package.json'))('hyperformula')
const { sheets, cases, wanted } = JSON.parse(readFileSync(0, 'utf8'))
const book = HyperFormula.buildFromSheets(sheets, { licenseKey: 'gpl-v3', useArrayArithmetic: true })
const place = (key) => {
  const [name, row, column] = key.split('!')
  return { sheet: book.getSheetId(name), row: Number(row), col: Number(column) }
}
const value = (key) => {
  const found = book.getCellValue(place(key))
  return found && found.type ? String(found.value) : found
}
const last = {}
const shown = cases.map((typed) => {
  const changed = Object.entries(typed).filter(([key, content]) => !(key in last) || last[key] !== content)
  book.batch(() => changed.forEach(([key, content]) => book.setCellContents(place(key), [[content]])))
  Object.assign(last, typed)
  return wanted.map(value)
})
console.log(JSON.stringify(shown))
