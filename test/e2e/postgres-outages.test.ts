/**
 * PostgreSQL is restarted, killed, cut off, read-only, slow and contended while signers sign (threats 23, T-DUR-03).
 *
 * The SAM and the server are never started again: they find out what became of what they had asked for, and go on.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Deployment, type Signer, startThrowaway } from '@natsuin/testing/deployment'
import { type Postgres, startPostgres } from '@natsuin/testing/postgres'
import { rounds, seed } from '@natsuin/testing/rounds'
import { Clients, enrolPerson } from './kill/client.ts'
import { randomFrom } from './kill/load.ts'
import { goThrough, listenForFaults } from './kill/outages.ts'

const DATABASES = ['sam', 'server'] as const
const SIGNERS = 3

/** Every connection of the two databases ends, wherever its transaction is. */
const CUT = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname IN ('sam', 'server') AND backend_type = 'client backend'`

/** Holds what a commit needs next, and asks for what it holds. */
const RIVAL = `BEGIN; LOCK TABLE natsuin_sam.leaves IN SHARE ROW EXCLUSIVE MODE;
  UPDATE natsuin_sam.records SET version = version WHERE kind IN ('sad', 'activation'); ROLLBACK`

interface Scene {
  readonly postgres: Postgres
  readonly random: () => number
}

const OUTAGES: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  'is restarted': ({ postgres }) => postgres.restart('fast', () => delay(500).then(() => {})),
  'is killed': ({ postgres }) => postgres.restart('crash'),
  async 'loses every connection again and again, in the middle of commits too'({ postgres, random }) {
    for (let i = 0; i < 8; i += 1) {
      await postgres.run(CUT)
      await delay(random() * 250)
    }
  },
  async 'is read-only for a while'({ postgres }) {
    await postgres.run('ALTER SYSTEM SET default_transaction_read_only = on')
    await postgres.run('SELECT pg_reload_conf()')
    await delay(1500)
    await postgres.run('ALTER SYSTEM RESET default_transaction_read_only')
    await postgres.run('SELECT pg_reload_conf()')
  },
  async 'is slow'({ postgres }) {
    await postgres.run('BEGIN; LOCK TABLE natsuin_sam.leaves; SELECT pg_sleep(3); COMMIT', 'sam')
  },
  async 'ends transactions of ours because of deadlocks'({ postgres }) {
    for (let i = 0; i < 6; i += 1) await postgres.run(RIVAL, 'sam').catch(() => {})
  },
  async 'is serializable by default'({ postgres }) {
    for (const name of DATABASES) {
      await postgres.run(`ALTER DATABASE ${name} SET default_transaction_isolation = 'serializable'`)
    }
    await postgres.run(CUT)
    await delay(1500)
    for (const name of DATABASES) {
      await postgres.run(`ALTER DATABASE ${name} RESET default_transaction_isolation`)
    }
    await postgres.run(CUT)
  },
}

describe('while PostgreSQL fails under load (T-DUR-03)', () => {
  let postgres: Postgres
  let deployment: Deployment
  let clients: Clients
  const signers: Signer[] = []
  const random = randomFrom(seed())
  const { faults, onLog } = listenForFaults()

  before(async () => {
    postgres = await startPostgres({ settings: { deadlock_timeout: '10ms' } })
    const store = {
      sam: await postgres.createDatabase('sam'),
      server: await postgres.createDatabase('server'),
    }
    deployment = await startThrowaway({ store }, { onLog })
    clients = new Clients(deployment)
    for (let i = 0; i < SIGNERS; i += 1) signers.push(await enrolPerson(clients, `Signer ${i + 1}`))
  })
  after(async () => {
    await deployment?.stop()
    await postgres?.stop()
  })

  for (const [what, outage] of Object.entries(OUTAGES)) {
    it(`and ${what}: nothing acknowledged is lost, no answer is a lie, and everything goes on by itself`, async () => {
      for (let round = 0; round < rounds('outage'); round += 1) {
        await goThrough({ clients, faults, signers, happen: () => outage({ postgres, random }) })
      }
    })
  }

  it('closes no log for good', async () => {
    for (const name of ['server', 'authorities', 'sam'] as const) {
      await deployment.process(name).stop()
      assert.equal(await deployment.process(name).exited, 0, `${name} stops by itself`)
    }
    assert.deepEqual(clients.violations(), [])
  })
})
