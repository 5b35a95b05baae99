/**
 * `natsuin hsm probe`: what a PKCS #11 token is good for, found by trying. A program of its own, because only this
 * package has the binding.
 */
import { parseArgs } from 'node:util'
import { type Pkcs11ModuleOptions, probePkcs11Token } from './pkcs11/pkcs11-module.ts'
import type { TokenReport } from './pkcs11/probe/finding.ts'
import { inMarkdown, inWords } from './pkcs11/probe/report.ts'

async function main(args: readonly string[]): Promise<number> {
  try {
    const { options, show } = readArguments(args)
    const report = await probePkcs11Token({ ...options, environment: given(process.env) })
    console.log(show(report))
    return report.highestLevel === 0 ? 1 : 0
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return error instanceof UsageError ? 2 : 1
  }
}

class UsageError extends Error {}

interface Asked {
  readonly options: Omit<Pkcs11ModuleOptions, 'reserves' | 'environment'>
  readonly show: (report: TokenReport) => string
}

const TEXT = { type: 'string' } as const
const SWITCH = { type: 'boolean', default: false } as const
const OPTIONS = {
  module: TEXT,
  sha256: TEXT,
  token: TEXT,
  serial: TEXT,
  'pin-file': TEXT,
  'wrap-mechanism': TEXT,
  json: SWITCH,
  markdown: SWITCH,
}

function readArguments(args: readonly string[]): Asked {
  const { module, sha256, token, serial, json, markdown, ...rest } = parsed(args)
  const { 'pin-file': pinFile, 'wrap-mechanism': wrapMechanism } = rest
  if (module === undefined || pinFile === undefined || (token ?? serial) === undefined)
    throw new UsageError('--module, --pin-file, and --token or --serial are needed.')
  return {
    options: {
      modulePath: module,
      pinFile,
      ...(sha256 !== undefined && { moduleSha256: sha256 }),
      ...(token !== undefined && { tokenLabel: token }),
      ...(serial !== undefined && { tokenSerial: serial }),
      ...(wrapMechanism !== undefined && { wrapMechanism: Number(wrapMechanism) }),
    },
    show: json ? report => JSON.stringify(report, undefined, 2) : markdown ? inMarkdown : inWords,
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** Makers' libraries find their tokens by variables of their own. */
function given(environment: NodeJS.ProcessEnv): Record<string, string> {
  const variables = Object.entries(environment)
  return Object.fromEntries(
    variables.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

process.exitCode = await main(process.argv.slice(2))
