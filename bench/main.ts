/** `npm run bench`: figures with their references from the same run, as a table and as JSON. */
import { writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { type Figure, selfContained, tableOf } from './figure.ts'
import { padesFigures } from './pades.ts'
import { signHashFigures } from './sign-hash.ts'

const HELP = `npm run bench -- [--only pades|signHash] [--json FILE]

Measures this machine: authorised signHash over HTTP beside the raw rate of the crypto module
and OpenSSL's, and PAdES-B-B beside sha256sum + cp. Every figure stands beside a reference of
the same run; only the ratios travel to other machines.

  --only NAME   one group
  --json FILE   also write [{name, value, unit, reference, ratio}, …]`

type Group = (tell: (what: string) => void) => Promise<readonly Figure[]> | readonly Figure[]
const GROUPS: Readonly<Record<string, Group>> = { pades: padesFigures, signHash: signHashFigures }

const { values } = parseArgs({
  options: { only: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean', default: false } },
})
if (values.help || (values.only !== undefined && !Object.hasOwn(GROUPS, values.only))) {
  console.log(HELP)
  process.exit(values.help ? 0 : 2)
}

const figures: Figure[] = []
for (const [name, measure] of Object.entries(GROUPS)) {
  if (values.only === undefined || values.only === name) figures.push(...(await measure(tell)))
}
const [cpu] = cpus()
console.log(
  `\n${cpu?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}\n`,
)
console.log(tableOf(figures))
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify(selfContained(figures), null, 2)}\n`)

function tell(what: string): void {
  console.error(`  · ${what}`)
}
