/**
 * A PKCS #11 library that stands in front of a real one, does to its calls what a script says, and writes each of
 * them down. What it can do stands at the head of `shim.c`.
 */
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtShim } from './build-shim.ts'

/** The library behind the shim, as a module is told of it. */
export interface RealLibrary {
  readonly modulePath: string
  readonly environment?: Readonly<Record<string, string>>
}

export interface ShimCall {
  /** Microseconds since 1970. */
  readonly at: number
  readonly processId: number
  /** The name of the function: C_Sign. */
  readonly name: string
  readonly session: number
  /** The return code that the caller got. */
  readonly returned: number
  /** C_Sign: what went in and came out, hexadecimal. Of functions with a mechanism: which. */
  readonly detail: Readonly<Record<string, string>>
}

export interface Shim {
  /** What a module is told instead of the real library. */
  readonly library: Required<RealLibrary>
  /** What the token did; README.md says how to read it. */
  readonly logFile: string
  /** From now on, these lines and no others. */
  play(...lines: readonly string[]): void
  /** Every call since the beginning, in order of its end, of all processes. */
  calls(name?: string): ShimCall[]
  remove(): void
}

export function createShim({ modulePath, environment = {} }: RealLibrary): Shim {
  const folder = mkdtempSync(join(tmpdir(), 'natsuin-shim-'))
  const [script, log] = [join(folder, 'script'), join(folder, 'shim.log')]
  const variables = {
    NATSUIN_SHIM_LIBRARY: modulePath,
    NATSUIN_SHIM_SCRIPT: script,
    NATSUIN_SHIM_LOG: log,
  }
  writeFileSync(script, '')
  writeFileSync(log, '')
  return {
    library: { modulePath: builtShim(), environment: { ...environment, ...variables } },
    logFile: log,
    play(...lines) {
      // The shim sees another file, whole.
      writeFileSync(`${script}.new`, lines.map(line => `${line}\n`).join(''))
      renameSync(`${script}.new`, script)
    },
    calls(name) {
      const all = readFileSync(log, 'utf8').split('\n').filter(Boolean).map(readCall)
      return name === undefined ? all : all.filter(call => call.name === name)
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
}

function readCall(line: string): ShimCall {
  const [at, processId, name = '', session, returned = '', ...detail] = line.split(' ')
  return {
    at: Number(at),
    processId: Number(processId),
    name,
    session: Number(session),
    returned: Number.parseInt(returned, 16),
    detail: Object.fromEntries(detail.filter(Boolean).map(one => one.split('='))),
  }
}
