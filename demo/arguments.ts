/** The demonstration's command line. */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

export interface Arguments {
  /** Absolute path of the PDF to sign. */
  readonly file: string
  readonly fresh: boolean
  readonly browser: boolean
  readonly exit: boolean
  readonly json: boolean
  /** First port to try; the others follow. */
  readonly port: number
  /** Absolute path of the directory where everything is kept; absent: the one in the repository. */
  readonly state?: string
}

export const HELP = `npm run demo -- [file.pdf] [options]

Starts a whole remote signing service on this machine, enrols a signer, and signs a PDF
with a key that only the signer's passkey can activate. Then it checks what came out.

  file.pdf      what to sign; without it, an agreement that lies beside the demonstration
  --browser     open the page of the running service
  --exit        stop after the result instead of leaving the service running
  --json        print one JSON object last: signedPdf, evidence, verdict, judges,
                credentialID, level, elapsedMs, url; or error and reason
  --fresh       stop a demonstration that is running here, and forget all that it made
  --port N      first port to try (8080)
  --state DIR   where everything is kept (.natsuin/demo); each directory is a service of its own
  --help        this

Exit status: 0 when the signature and its evidence are good, 1 when something failed,
2 when the PDF cannot be signed.`

/** @throws TypeError with a sentence when an option is unknown or a value does not fit */
export function readArguments(
  args: readonly string[],
  directory: string,
  sample: string,
): Arguments | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      fresh: { type: 'boolean', default: false },
      browser: { type: 'boolean', default: false },
      exit: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      port: { type: 'string', default: '8080' },
      state: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const [file, surplus] = positionals
  if (surplus !== undefined) throw new TypeError(`One PDF at a time: what is "${surplus}"?`)
  const { fresh, browser, exit, json } = values
  return {
    file: file === undefined ? sample : resolve(directory, file),
    fresh,
    browser,
    exit,
    json,
    port: port(values.port),
    ...(values.state !== undefined && { state: resolve(directory, values.state) }),
  }
}

function port(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1024 || number > 65_000)
    throw new TypeError(`--port ${text}: expected 1024 to 65000`)
  return number
}
