/**
 * The connections between the processes, and to their databases, are cut, late, unsteady, or silent while signers sign
 * (threats 23, T-DUR-07). Errors are bounded: whoever is refused may come again, and nobody starts anything again.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Deployment, type Signer, startThrowaway } from '@natsuin/testing/deployment'
import {
  type Detour,
  delays,
  type Manner,
  openDetour,
  passes,
  stutters,
  swallows,
} from '@natsuin/testing/detour'
import { type Postgres, startPostgres } from '@natsuin/testing/postgres'
import { rounds, seed } from '@natsuin/testing/rounds'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { Clients, enrolPerson } from './kill/client.ts'
import { randomFrom } from './kill/load.ts'
import { goThrough, listenForFaults } from './kill/outages.ts'

const LINKS = ['sam', 'authorities', 'sam-store', 'server-store'] as const
type Link = (typeof LINKS)[number]
const SIGNERS = 2
/** As PostgreSQL calls its socket in a folder. */
const POSTGRES_SOCKET = '.s.PGSQL.5432'

describe('while connections fail (T-DUR-07)', () => {
  let postgres: Postgres
  let deployment: Deployment
  let clients: Clients
  const signers: Signer[] = []
  const detours = new Map<Link, Detour>()
  const folder = temporaryFolder()
  const places = { sam: temporaryFolder(), server: temporaryFolder() }
  const random = randomFrom(seed())
  const { faults, onLog } = listenForFaults()

  before(async () => {
    postgres = await startPostgres()
    const store = { sam: await storeBehind('sam'), server: await storeBehind('server') }
    const sockets = { sam: join(folder, 'sam'), authorities: join(folder, 'authorities') }
    deployment = await startThrowaway({ store, detours: sockets }, { onLog })
    for (const name of ['sam', 'authorities'] as const) {
      detours.set(name, await openDetour(sockets[name], join(deployment.directory, `${name}.sock`)))
    }
    // Whoever looks at the database from outside looks past the detour, which this very process keeps.
    const { plan } = deployment
    clients = new Clients({
      ...deployment,
      plan: { ...plan, store: { ...store, sam: postgresUrlOf('sam') } },
    })
    for (let i = 0; i < SIGNERS; i += 1) signers.push(await enrolPerson(clients, `Signer ${i + 1}`))
  })
  after(async () => {
    await deployment?.stop()
    for (const detour of detours.values()) await detour.close()
    await postgres?.stop()
  })

  function postgresUrlOf(name: string): string {
    const url = new URL(postgres.url)
    url.pathname = name
    return url.href
  }

  /** The URL of a database of its own, in another folder than the server's. */
  async function storeBehind(name: 'sam' | 'server'): Promise<string> {
    const url = new URL(await postgres.createDatabase(name))
    const socket = join(String(url.searchParams.get('host')), POSTGRES_SOCKET)
    detours.set(`${name}-store`, await openDetour(join(places[name], POSTGRES_SOCKET), socket))
    url.searchParams.set('host', places[name])
    return url.href
  }

  const through = (link: Link): Detour => detours.get(link) ?? assert.fail()

  async function inManner(link: Link, manner: Manner): Promise<void> {
    through(link).behave(manner)
    await delay(1500)
    through(link).behave(passes)
  }

  const FAULTS: Readonly<Record<string, (link: Link) => Promise<void>>> = {
    async 'are cut again and again'(link) {
      for (let i = 0; i < 6; i += 1) {
        through(link).cut()
        await delay(random() * 250)
      }
    },
    'are half a second late': link => inManner(link, delays(500)),
    'lose a third of what is sent': link => inManner(link, stutters(0.3, random)),
    async 'are silent, and are found dead only later'(link) {
      await inManner(link, swallows)
      through(link).cut()
    },
  }

  for (const link of ['sam', 'sam-store', 'server-store'] as const) {
    for (const [what, fault] of Object.entries(FAULTS)) {
      it(`(${link}) that ${what}: nothing acknowledged is lost, and everything goes on by itself`, async () => {
        for (let round = 0; round < rounds('outage'); round += 1) {
          await goThrough({ clients, faults, signers, happen: () => fault(link) })
        }
      })
    }
  }

  it('(authorities) that are cut: people are told to come again, and are enrolled then', async () => {
    through('authorities').behave(() => 'cut')
    await assert.rejects(enrolPerson(clients, 'Carol'), { code: 'peer-unavailable' })
    through('authorities').behave(passes)
    await goThrough({
      clients,
      faults,
      signers: [await enrolPerson(clients, 'Dave')],
      happen: async () => {},
    })
  })
})
