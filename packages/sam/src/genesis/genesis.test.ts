import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createSoftwareModule, ModuleRefusal } from '@natsuin/crypto-module'
import { nodePlatform } from '@natsuin/pki/node'
import { toWire } from '@natsuin/protocol/approval'
import { roster } from '@natsuin/protocol/genesis'
import { originOf, STATE_LOG, verifyCheckpoint } from '@natsuin/protocol/log'
import { createSoftwareAuthenticator } from '@natsuin/testing/authenticator'
import { checkpointFiles } from '../audit/checkpoints.ts'
import { LogRejected } from '../audit/read-log.ts'
import {
  ACTIVITY_LOG,
  foundPlace,
  HandClock,
  INSTANCE,
  LOG_ORIGIN,
  newFolder,
  newFounding,
  openPlace,
  registerPasskey,
} from '../fixture/place.ts'
import { createSqliteStore } from '../store/sqlite-store.ts'
import { type Founding, FoundingError, rosterOf } from './founding.ts'
import { genesis } from './genesis.ts'

describe('genesis (sole-control 8)', () => {
  it('makes the keys, the roster and leaf 0, and a checkpoint of each log outside', async () => {
    const place = await foundPlace()
    const files = checkpointFiles(place.checkpointDirectory)
    for (const [file, log, size] of [
      [files.state, STATE_LOG, 1],
      [files.activity, ACTIVITY_LOG, 0],
    ] as const) {
      const head = await verifyCheckpoint(readFileSync(file, 'utf8'), place.key.spki, nodePlatform)
      assert.equal(head?.size, size)
      assert.equal(head?.origin, originOf(LOG_ORIGIN, log))
    }
    const { sam, sap, store } = await openPlace(place)
    const { samKey, deployment, maxLevel } = await sap.info({})
    assert.deepEqual([samKey, deployment, maxLevel], [place.key.spki, 'Tests', 3])
    assert.deepEqual(roster(toWire(sam.roster)), sam.roster)
    await store.close()
  })

  it('is not done twice over one module', async () => {
    const place = await foundPlace()
    const folder = newFolder()
    const again = genesis({
      founding: newFounding().founding,
      module: place.module,
      store: createSqliteStore(join(folder, 'sam.db')),
      instance: INSTANCE,
      logOrigin: LOG_ORIGIN,
      checkpointDirectory: join(folder, 'outside'),
      keyWitnessFile: '',
      clock: new HandClock(),
    })
    await assert.rejects(again, error => error instanceof ModuleRefusal && error.code === 'key-exists')
  })

  it('leaves a deployment that does not open with the keys of another', async () => {
    const place = await foundPlace()
    const module = await createSoftwareModule({ directory: join(newFolder(), 'keys') })
    await assert.rejects(openPlace({ ...place, module }))
    const other = await foundPlace()
    await assert.rejects(openPlace({ ...place, module: other.module }), LogRejected)
  })
})

function assertProblem(problem: string, changed: Partial<Founding>): void {
  assert.throws(
    () => rosterOf(newFounding(changed).founding, true),
    error => error instanceof FoundingError && error.problems.includes(problem),
  )
}

describe('a founding', () => {
  const found = (changed: Partial<Founding>, software = true) =>
    rosterOf(newFounding(changed).founding, software)

  it('becomes a roster with people’s keys instead of their registrations', () => {
    const { founding } = newFounding()
    const made = rosterOf(founding, true)
    assert.deepEqual(roster(toWire(made)), made)
    assert.equal(made.version, 1)
    assert.deepEqual(
      made.people.map(({ id, passkeys }) => [id, passkeys.map(({ publicKey }) => publicKey.length)]),
      founding.people.map(({ id }) => [id, [91]]),
    )
  })

  it('takes several passkeys of one person', () => {
    const people = newFounding().founding.people.map(one => ({
      ...one,
      registrations: [...one.registrations, registerPasskey(one.id)],
    }))
    assert.deepEqual(new Set(found({ people }).people.map(({ passkeys }) => passkeys.length)), new Set([2]))
  })

  const classOf = (level: 1 | 2 | 3) => newFounding().founding.classes.filter(one => one.level === level)
  const without = (id: string) => newFounding().founding.people.filter(one => one.id !== id)
  const peopleWith = (id: string, changed: Partial<Founding['people'][number]>) =>
    newFounding().founding.people.map(one => (one.id === id ? { ...one, ...changed } : one))
  const wrong: Readonly<Record<string, Partial<Founding>>> = {
    'maxLevel: in production a software module is level 1 and no more': { environment: 'production' },
    'class level-3: level 3 is above maxLevel': { maxLevel: 2 },
    'rpId: not the host name of approvalOrigin, exactly': {
      approvalOrigin: 'http://x.approve.localhost:8081',
    },
    'classes: an id twice': { classes: [...classOf(1), ...classOf(1)] },
    'clients: an id twice': { clients: [1, 2].map(n => ({ id: 'app', name: `App ${n}` })) },
    'class level-3: level 3 refuses unseen': {
      classes: classOf(3).map(one => ({ ...one, bases: ['seen', 'unseen'] as const })),
    },
    'people: level 3 needs registration officers: 2': { people: without('o-1') },
    'people: three security officers are needed': { people: without('s-1') },
    'quorum: as many security officers as have to agree, so that none may be lost': { quorum: 3 },
    'quorum: fewer security officers than have to agree; only a new genesis leads on from there': {
      quorum: 4,
    },
    'people: an id twice': { people: [...without('o-2'), ...peopleWith('o-1', {}).slice(-2)] },
    'person s-1: security-officer and system-auditor (SRG_M.1.6)': {
      people: peopleWith('s-1', { roles: ['security-officer', 'system-auditor'] }),
    },
    'softwareModule: the module says true': { softwareModule: false },
  }
  for (const [problem, changed] of Object.entries(wrong)) {
    it(`is refused with: ${problem}`, () => {
      assertProblem(problem, changed)
    })
  }

  it('is accepted in production with a software module at level 1', () => {
    const { founding } = newFounding({ environment: 'production', maxLevel: 1, classes: classOf(1) })
    assert.equal(rosterOf(founding, true).maxLevel, 1)
  })

  it('names all its problems at once', () => {
    assert.throws(
      () => found({ environment: 'production', clients: [1, 2].map(n => ({ id: 'app', name: `App ${n}` })) }),
      error => error instanceof FoundingError && error.problems.length === 2,
    )
  })

  it('refuses somebody who registered for another deployment, or in another’s name', () => {
    const elsewhere = registerPasskey('s-1', undefined, 'Elsewhere')
    for (const registration of [elsewhere, registerPasskey('s-4')]) {
      const people = peopleWith('s-1', { registrations: [registration] })
      assertProblem('person s-1: challenge-mismatch', { people })
    }
    found({ people: peopleWith('s-1', { registrations: [registerPasskey('s-1')] }) })
  })

  it('refuses two people with one passkey, which attestation "none" would let somebody register twice (T-ADM-02)', () => {
    const { people } = newFounding().founding
    const [one, two] = people
    assert.ok(one?.registrations[0] && two?.registrations[0])
    const { attestationObject } = one.registrations[0]
    const same = { ...two, registrations: [{ ...two.registrations[0], attestationObject }] }
    assertProblem('people: a passkey twice', { people: [one, same, ...people.slice(2)] })
    found({ people })
  })

  it('refuses at level 3 somebody whose passkey can leave its device, and accepts him below', () => {
    const device = createSoftwareAuthenticator({ backupEligible: true })
    const people = peopleWith('o-1', { registrations: [registerPasskey('o-1', device)] })
    assertProblem('person o-1: at level 3 a passkey that can leave its device', { people })
    found({ people, maxLevel: 2, classes: [...classOf(1), ...classOf(2)] })
  })
})
