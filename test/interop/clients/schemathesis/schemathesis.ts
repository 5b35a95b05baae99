/**
 * Schemathesis, which makes up requests from an OpenAPI document, good ones and broken ones, and compares every answer with
 * what the document says of it; schemathesis.toml says what is not looked at. Always the same requests.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { type Edition, editions } from '@natsuin/protocol/csc'
import { openApplication } from '@natsuin/testing/deployment'
import { rounds } from '@natsuin/testing/rounds'
import { versionInRequirements } from '../../setup/python.ts'
import type { RealClient, Step } from '../client.ts'
import { APPLICATIONS, type Stage } from '../stage.ts'

interface Round {
  readonly edition: Edition
  readonly withToken: boolean
}

const ROUNDS: readonly Round[] = editions.flatMap(edition =>
  [true, false].map(withToken => ({ edition, withToken })),
)

const nameOf = ({ edition, withToken }: Round) =>
  `${edition}, ${withToken ? 'with a token' : 'without a token'}: no 5xx and no answer that the document does not have`

export const schemathesis: RealClient = {
  name: 'schemathesis',
  version: versionInRequirements(import.meta.dirname, 'schemathesis'),
  speaks: 'v1, v2 and OAuth by the OpenAPI documents',
  does: ROUNDS.map(nameOf),
  limits: [],
  async *run(stage) {
    const application = openApplication(stage.deployment, { clientId: APPLICATIONS.publicClient.id })
    const token = await application.serviceToken(stage.alice)
    for (const round of ROUNDS) yield await tried(stage, round, token)
  },
}

async function tried(stage: Stage, round: Round, token: string): Promise<Step> {
  const { deployment, tls, home } = stage
  const { code, output } = await outcomeOf(
    { program: join(home, 'schemathesis', 'bin', 'schemathesis'), folder: stage.folderOf('schemathesis') },
    ['--no-color', '--config-file', join(import.meta.dirname, 'schemathesis.toml')],
    ['run', `${deployment.urls.server}/csc/${round.edition}/openapi.json`],
    ['--tls-verify', tls.certificateFile, '--generation-deterministic'],
    ['--max-examples', `${rounds('madeUpRequests')}`, '--continue-on-failure', '--warnings', 'off'],
    ['--output-sanitize', 'true', ...(round.withToken ? ['--header', `Authorization: Bearer ${token}`] : [])],
  )
  const passed = code === 0
  return { what: nameOf(round), passed, word: passed ? 'none found' : failuresIn(output) }
}

/** From the first failure on; what comes before counts what was tried. */
function failuresIn(output: string): string {
  const start = output.search(/^=+ (FAILURES|ERRORS) =+$/m)
  return output.slice(Math.max(start, 0)).trim()
}

interface Place {
  readonly program: string
  /** Where it leaves what it found. */
  readonly folder: string
}

async function outcomeOf({ program, folder }: Place, ...argv: readonly (readonly string[])[]) {
  const child = spawn(program, argv.flat(), { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const { promise, resolve, reject } = Promise.withResolvers<number | null>()
  child.on('error', reject).on('close', resolve)
  return { code: await promise, output }
}
