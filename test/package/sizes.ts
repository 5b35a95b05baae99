/**
 * How much of a package a page loads, by what it does with it: bundled and minified from the packed package, with the
 * platform of browsers, and compressed. `npm run sizes` writes the figures into the README of the package, rounded up; a
 * test keeps them true.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import type { DocumentedPackage } from './api.ts'
import { ROOT } from './root.ts'

interface Task {
  readonly task: string
  /** Import → what is used of it. */
  readonly uses: Readonly<Record<string, readonly string[]>>
}

const PLATFORM = { '@natsuin/pki/browser': ['browserPlatform'] }

const ADES: readonly Task[] = [
  {
    task: 'sign PDF, B-T',
    uses: {
      '@natsuin/ades/pades': ['preparePades', 'completePades'],
      '@natsuin/ades/pdf': ['blobSource'],
      '@natsuin/ades/time-stamping': ['timeStampBy'],
    },
  },
  {
    task: 'sign PDF, all levels',
    uses: {
      '@natsuin/ades/pades': ['preparePades', 'completePades', 'augmentPades'],
      '@natsuin/ades/pdf': ['blobSource'],
      '@natsuin/ades/time-stamping': ['timeStampBy'],
      '@natsuin/ades/revocation': ['ocspBy', 'crlBy', 'firstOf'],
    },
  },
  { task: 'verify PDF', uses: { '@natsuin/ades/validation': ['verifyPades'] } },
  {
    task: 'sign any file',
    uses: { '@natsuin/ades/cades': ['prepareCades', 'completeCades', 'augmentCades'] },
  },
  { task: 'verify any file', uses: { '@natsuin/ades/validation': ['verifyCades'] } },
  { task: 'sign JSON', uses: { '@natsuin/ades/jades': ['prepareJades', 'completeJades', 'augmentJades'] } },
  { task: 'verify JSON', uses: { '@natsuin/ades/validation': ['verifyJades'] } },
  { task: 'sign XML', uses: { '@natsuin/ades/xades': ['prepareXades', 'completeXades', 'augmentXades'] } },
  { task: 'verify XML', uses: { '@natsuin/ades/validation/xades': ['verifyXades'] } },
  {
    task: 'sign a container',
    uses: { '@natsuin/ades/asic': ['newAsic', 'prepareAsic', 'completeAsic', 'augmentAsic', 'writeAsic'] },
  },
  { task: 'verify a container', uses: { '@natsuin/ades/validation/asic': ['verifyAsic'] } },
]

const CLIENT: readonly Task[] = [
  { task: 'call a service', uses: { '@natsuin/client': ['createCscClient'] } },
  {
    task: 'call it with bound tokens and signed requests, and open the approval in a window',
    uses: {
      '@natsuin/client': ['createCscClient', 'newDpopKey', 'requestSigner'],
      '@natsuin/client/browser': ['openApproval', 'reportCallback'],
    },
  },
]

const withPlatform = ({ task, uses }: Task): Task => ({ task, uses: { ...uses, ...PLATFORM } })

/** By the package in whose README they stand. */
export const TASKS: Readonly<Record<DocumentedPackage, readonly Task[]>> = {
  ades: ADES.map(withPlatform),
  client: CLIENT,
}

/**
 * @param folder  where the packages are installed
 * @returns bytes after gzip
 * @throws where anything of it wants a module of Node
 */
export async function bundledBytes({ uses }: Task, folder: string): Promise<number> {
  const page = join(folder, 'page')
  mkdirSync(page, { recursive: true })
  const names = Object.entries(uses)
  const imports = names.map(([from, used]) => `import { ${used.join(', ')} } from '${from}'`)
  const kept = `globalThis.kept = [${names.flatMap(([, used]) => used).join(', ')}]`
  writeFileSync(join(page, 'entry.js'), [...imports, kept, ''].join('\n'))
  const built = await build({
    root: page,
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: true,
      lib: { entry: 'entry.js', formats: ['es'], fileName: 'page' },
      rolldownOptions: { external: /^node:/ },
    },
  })
  const [{ output } = { output: [] }] = [built].flat() as { output: readonly { code?: string }[] }[]
  const code = output.map(chunk => chunk.code ?? '').join('')
  if (/["']node:/.test(code)) throw new Error('the bundle wants a module of Node')
  return gzipSync(code, { level: 9 }).length
}

const readmeOf = (name: DocumentedPackage): string => join(ROOT, 'packages', name, 'README.md')
const START = '<!-- sizes: written by npm run sizes -->'
const END = '<!-- end of sizes -->'

/** Task → kilobytes, as the README states them. */
export function statedSizes(name: DocumentedPackage): ReadonlyMap<string, number> {
  const readme = readFileSync(readmeOf(name), 'utf8')
  const table = readme.slice(readme.indexOf(START), readme.indexOf(END))
  const rows = table.matchAll(/^\| ([^|]+?) \| (\d+) kB \|$/gm)
  return new Map([...rows].map(([, task = '', size]) => [task, Number(size)]))
}

/** Rounded up, so that a line of code does not make the page untrue. */
export const ROUNDED_TO = 5

export function writeSizes(name: DocumentedPackage, sizes: ReadonlyMap<string, number>): void {
  const readme = readFileSync(readmeOf(name), 'utf8')
  const rows = [...sizes].map(([task, bytes]) => `| ${task} | ${roundedUp(bytes)} kB |`)
  const table = ['', '| what a page does | loads at most |', '|---|---:|', ...rows, ''].join('\n')
  const [before, after] = [readme.indexOf(START) + START.length, readme.indexOf(END)]
  writeFileSync(readmeOf(name), `${readme.slice(0, before)}${table}${readme.slice(after)}`)
}

function roundedUp(bytes: number): number {
  return Math.ceil(bytes / 1000 / ROUNDED_TO) * ROUNDED_TO
}
