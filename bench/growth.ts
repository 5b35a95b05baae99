/**
 * What other people's credentials cost: the latency of a single call with one credential in the service, with ten
 * thousand and with a million. Signers are taken at random from all of them, so that nobody's record is at hand.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { type Deployment, enrolSigner, openBrowser, type Signer } from '@natsuin/testing/deployment'
import { measureCalls } from './calls.ts'
import { compared, type Figure, reference } from './figure.ts'
import { residentMegabytes } from './memory.ts'
import { onEmbedded, type Stack, withDeployment } from './stacks.ts'

const CROWDS = [10_000, 1_000_000]
const LOAD = { hashesPerCall: 1, approvals: 16, concurrency: 4, seconds: 10 } as const

export function growthFigures(tell: (what: string) => void): Promise<readonly Figure[]> {
  tell('growth: embedded database, software module, one credential')
  return onEmbedded(stack => stackFigures(stack, tell))
}

function stackFigures({ members }: Stack, tell: (what: string) => void): Promise<readonly Figure[]> {
  return withDeployment(members, async deployment => {
    const first = await enrolSigner(deployment, { commonName: 'Bench', countryName: 'JP' })
    const alone = await latency(deployment, [first])
    const one = reference('signHash, median of a call, 1 credential', alone, 'ms')
    const memory = reference('  memory of sam', residentMegabytes(deployment, 'sam'), 'MB')
    const figures = [one, memory]
    let enrolled = 1
    for (const people of CROWDS) {
      tell(`growth: ${people.toLocaleString('en')} credentials`)
      const crowd = await grow(deployment, first, { count: people - enrolled, tell })
      enrolled = people
      const median = await latency(deployment, crowd)
      figures.push(
        compared(`signHash, median of a call, ${people.toLocaleString('en')} credentials`, median, one),
        compared('  memory of sam', residentMegabytes(deployment, 'sam'), memory),
      )
    }
    return figures
  })
}

/** After a round that fills the caches of whoever has been started anew. */
async function latency(deployment: Deployment, signers: readonly Signer[]): Promise<number> {
  await measureCalls(deployment, signers, { ...LOAD, approvals: 4, seconds: 2 })
  return (await measureCalls(deployment, signers, LOAD)).median
}

interface Growth {
  readonly count: number
  readonly tell: (what: string) => void
}

/** Some of those who were added: as many as there are approvals. */
async function grow(deployment: Deployment, like: Signer, growth: Growth): Promise<readonly Signer[]> {
  for (const name of ['server', 'sam'] as const) await deployment.process(name).stop()
  const account = openAccounts(deployment, like)
  const some: Signer[] = []
  const every = Math.floor(growth.count / LOAD.approvals)
  let added = 0
  for await (const line of enrolCrowd(deployment, like, growth)) {
    const [signerId = '', credentialId = ''] = line.split(' ')
    account.add(signerId, credentialId)
    if (added++ % every === 0) some.push({ ...like, browser: openBrowser(), signerId, credentialId })
  }
  account.close()
  for (const name of ['sam', 'server'] as const) await deployment.restart(name)
  return some
}

/** A line for each who was enrolled. */
async function* enrolCrowd({ directory }: Deployment, { credentialId }: Signer, { count, tell }: Growth) {
  const entry = fileURLToPath(new URL('../packages/sam/src/fixture/crowd.ts', import.meta.url))
  const args = ['--config', join(directory, 'sam.json'), '--like', credentialId, '--people', String(count)]
  const child = spawn(process.execPath, ['--conditions=natsuin-source', entry, ...args], { cwd: directory })
  const ended = Promise.withResolvers<number | null>()
  child.once('exit', ended.resolve)
  createInterface(child.stderr).on('line', line => tell(`  ${line}`))
  yield* createInterface(child.stdout)
  if ((await ended.promise) !== 0) throw new Error('the crowd was not enrolled')
}

/** What `server` knows of a signer: an account and a credential, like those of somebody else. */
function openAccounts({ directory }: Deployment, { signerId, credentialId }: Signer) {
  const database = new DatabaseSync(join(directory, 'server', 'server.db'))
  database.exec('BEGIN')
  const account = copies(database, 'accounts', { signer_id: signerId }, ['signer_id'])
  const credential = copies(database, 'credentials', { credential_id: credentialId }, [
    'signer_id',
    'credential_id',
  ])
  return {
    add(newSigner: string, newCredential: string) {
      account({ signer_id: newSigner })
      credential({ signer_id: newSigner, credential_id: newCredential })
    },
    close() {
      database.exec('COMMIT')
      database.close()
    },
  }
}

type Cells = Readonly<Record<string, string>>

/** Adds rows that are like this one but for what they are told, whatever columns the table has. */
function copies(database: DatabaseSync, table: string, original: Cells, changing: readonly string[]) {
  const given = (names: readonly string[], between: string) =>
    names.map(name => `${name} = :${name}`).join(between)
  const isOriginal = given(Object.keys(original), ' AND ')
  database
    .prepare(`CREATE TEMP TABLE one_of_${table} AS SELECT * FROM ${table} WHERE ${isOriginal}`)
    .run(original)
  const change = database.prepare(`UPDATE one_of_${table} SET ${given(changing, ', ')}`)
  const insert = database.prepare(`INSERT INTO ${table} SELECT * FROM one_of_${table}`)
  return (changed: Cells) => {
    change.run(changed)
    insert.run()
  }
}
