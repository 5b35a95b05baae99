/**
 * The formats at level B-B beside EU DSS and pyHanko: the same file, the same key, in the same run.
 *
 * Each program signs in a process of its own, many times after as many to warm up, and once in a new process, where the
 * start counts. Arguments of each: folder with the file and the key, format, rounds to warm up, rounds that count. It prints
 * one JSON object: seconds of the rounds that count, bytes of memory at the peak. `npm run interop` sets the others up.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeLargePdf } from '@natsuin/testing/pdf'
import { compared, type Figure, reference } from './figure.ts'
import { layDownKey } from './key-files.ts'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const INTEROP = at('../.natsuin/interop')
const LIBRARIES = join(INTEROP, 'dss', 'lib', '*')
const CLASSES = at('../.natsuin/bench')
const ROUNDS = 40

interface Program {
  readonly name: string
  /** Of its files: `<file>.<format>`. */
  readonly file: string
  readonly formats: readonly string[]
  readonly command: readonly string[]
}

const OURS: Program = {
  name: 'Natsuin',
  file: 'natsuin',
  formats: ['PAdES', 'CAdES', 'XAdES', 'JAdES'],
  command: [process.execPath, '--conditions=natsuin-source', at('formats/sign.ts')],
}
const OTHERS: readonly Program[] = [
  {
    name: 'EU DSS',
    file: 'dss',
    formats: ['PAdES', 'CAdES', 'XAdES', 'JAdES'],
    command: ['java', '-cp', `${CLASSES}:${LIBRARIES}`, 'Sign'],
  },
  {
    name: 'pyHanko',
    file: 'pyhanko',
    formats: ['PAdES', 'CAdES'],
    command: [join(INTEROP, 'python', 'bin', 'python'), at('formats/sign.py')],
  },
]

export function formatFigures(tell: (what: string) => void): readonly Figure[] {
  if (!existsSync(INTEROP)) throw new Error('npm run interop sets EU DSS and pyHanko up; run it first.')
  const folder = mkdtempSync(join(tmpdir(), 'natsuin-bench-'))
  try {
    writeLargePdf(join(folder, 'document.pdf'), 1)
    layDownKey(folder)
    compile()
    return OURS.formats.flatMap(format => {
      tell(`${format}-B-B, beside EU DSS and pyHanko`)
      return figuresOf(folder, format)
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function compile(): void {
  mkdirSync(CLASSES, { recursive: true })
  execFileSync('javac', ['-d', CLASSES, '-cp', LIBRARIES, at('formats/Sign.java')])
}

interface Run {
  readonly perSecond: number
  readonly peakMegabytes: number
  /** One signature in a new process. */
  readonly onceMilliseconds: number
}

/** Of each format: ours beside each of the others; how much faster, and in how much of the memory. */
function figuresOf(folder: string, format: string): readonly Figure[] {
  const ours = run(OURS, folder, format)
  return OTHERS.filter(({ formats }) => formats.includes(format)).flatMap(other => {
    const theirs = run(other, folder, format)
    const rate = reference(`${format}-B-B of 1 MB by ${other.name}`, theirs.perSecond, 'a second')
    const once = reference('  once, start-up included', theirs.onceMilliseconds, 'ms')
    const memory = reference('  peak memory', theirs.peakMegabytes, 'MB')
    return [
      ...[rate, once, memory],
      compared(`${format}-B-B of 1 MB by Natsuin`, ours.perSecond, rate),
      compared('  once, start-up included', ours.onceMilliseconds, once),
      compared('  peak memory', ours.peakMegabytes, memory),
    ]
  })
}

function run(program: Program, folder: string, format: string): Run {
  // What an interpreter keeps of its sources is there from the second start on.
  ask(program, folder, [format, '0', '1'])
  const begun = performance.now()
  ask(program, folder, [format, '0', '1'])
  const onceMilliseconds = performance.now() - begun
  const { seconds, peakBytes } = ask(program, folder, [format, String(ROUNDS), String(ROUNDS)])
  if (statSync(join(folder, `${program.file}.${format}`)).size < 1000)
    throw new Error(`${program.name} signed nothing`)
  return { perSecond: ROUNDS / seconds, peakMegabytes: peakBytes / 1e6, onceMilliseconds }
}

interface Answer {
  readonly seconds: number
  readonly peakBytes: number
}

function ask({ command: [name = '', ...argv] }: Program, folder: string, args: readonly string[]): Answer {
  // Stripping types from source takes time and memory that a built package does not need.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') }
  const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore']
  return JSON.parse(execFileSync(name, [...argv, folder, ...args], { env, encoding: 'utf8', stdio }))
}
