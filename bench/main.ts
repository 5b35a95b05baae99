/** `npm run bench`: figures with their references from the same run, as a table and as JSON. */
import { writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { algorithmFigures } from './algorithms.ts'
import { auditFigures } from './audit.ts'
import { browserFigures } from './browser.ts'
import { enduranceFigures } from './endurance.ts'
import { type Figure, selfContained, tableOf } from './figure.ts'
import { formatFigures } from './formats.ts'
import { growthFigures } from './growth.ts'
import { overloadFigures } from './overload.ts'
import { padesFigures } from './pades.ts'
import { requestFigures } from './requests.ts'
import { signHashFigures } from './sign-hash.ts'
import { wrappedKeyFigures } from './wrapped-keys.ts'

type Measure = (tell: (what: string) => void) => Promise<readonly Figure[]> | readonly Figure[]

interface Group {
  /** What it measures, for `--help`. */
  readonly what: string
  readonly measure: Measure
}

const GROUPS: Readonly<Record<string, Group>> = {
  pades: { what: 'PAdES-B-B of 1 MB, 100 MB and 2 GB, beside sha256sum + cp', measure: padesFigures },
  browser: {
    what: 'PAdES-B-B of 20 MB in headless Chromium, beside a digest there',
    measure: browserFigures,
  },
  formats: {
    what: 'each format at B-B beside EU DSS and pyHanko, which npm run interop sets up',
    measure: formatFigures,
  },
  signHash: {
    what: 'authorised signHash, P-256, batches of 1 to 1,000, beside the module and OpenSSL',
    measure: signHashFigures,
  },
  requests: {
    what: 'credentials/info, token and signHash, in clear and over TLS',
    measure: requestFigures,
  },
  overload: {
    what: 'ten times as much as is worked on at once, for a minute',
    measure: overloadFigures,
  },
  audit: { what: 'a SAM with its log beside one without', measure: auditFigures },
  algorithms: { what: 'the same with RSA-3072, PKCS #1 v1.5 and PSS', measure: algorithmFigures },
  wrappedKeys: { what: 'wrapped keys beside keys that stay in the module', measure: wrappedKeyFigures },
  growth: { what: 'latency with 1, 10⁴ and 10⁶ credentials (some twenty minutes)', measure: growthFigures },
  endurance: {
    what: 'memory after 100,000 activations, and after 100,000 more (some minutes)',
    measure: enduranceFigures,
  },
}

const HELP = `npm run bench -- [--only NAME]… [--json FILE]

Measures this machine. Every figure stands beside a reference of the same run; only the ratios
travel to other machines.

${Object.entries(GROUPS)
  .map(([name, { what }]) => `  ${name.padEnd(12)} ${what}`)
  .join('\n')}

  --only NAME   one group; may be repeated
  --json FILE   also write [{name, value, unit, reference, ratio}, …]`

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: Object.keys(GROUPS) },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help || values.only.some(name => !Object.hasOwn(GROUPS, name))) {
  console.log(HELP)
  process.exit(values.help ? 0 : 2)
}

const figures: Figure[] = []
for (const [name, { measure }] of Object.entries(GROUPS)) {
  if (values.only.includes(name)) figures.push(...(await measure(tell)))
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
