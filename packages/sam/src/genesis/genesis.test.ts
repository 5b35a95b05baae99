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
  newOfficer,
  ORIGIN,
  openPlace,
  RP_ID,
} from '../fixture/place.ts'
import { createSqliteStore } from '../store/sqlite-store.ts'
import { type Founding, FoundingError, officerChallenge, rosterOf } from './founding.ts'
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

  it('becomes a roster with the officers’ keys instead of their registrations', () => {
    const { founding } = newFounding()
    const made = rosterOf(founding, true)
    assert.deepEqual(roster(toWire(made)), made)
    assert.deepEqual(
      made.officers.map(({ id, publicKey }) => [id, publicKey.length]),
      [
        ['o-1', 91],
        ['o-2', 91],
      ],
    )
  })

  const classOf = (level: 1 | 2 | 3) => newFounding().founding.classes.filter(one => one.level === level)
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
    'officers: level 3 needs two': { officers: newFounding().founding.officers.slice(0, 1) },
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

  it('refuses an officer who registered for another deployment, or in another’s name', () => {
    const elsewhere = newOfficer('o-1', { deployment: 'Elsewhere' }).candidate
    const named = { ...newOfficer('o-3', { deployment: 'Tests' }).candidate, id: 'o-1' }
    for (const officer of [elsewhere, named]) {
      const officers = [officer, ...newFounding().founding.officers.slice(1)]
      assertProblem('officer o-1: challenge-mismatch', { officers })
    }
  })

  it('refuses two officers with one passkey, which attestation "none" would let somebody register twice', () => {
    const [one, two] = [
      newOfficer('o-1', { deployment: 'Tests' }),
      newOfficer('o-2', { deployment: 'Tests' }),
    ]
    const { attestationObject } = one.candidate.registration
    const same = { ...two.candidate, registration: { ...two.candidate.registration, attestationObject } }
    assertProblem('officers: a passkey twice', { officers: [one.candidate, same] })
    found({ officers: [one.candidate, two.candidate] })
  })

  it('refuses at level 3 an officer whose passkey can leave its device, and accepts it below', () => {
    const device = createSoftwareAuthenticator({ backupEligible: true })
    const challenge = officerChallenge('Tests', 'o-1')
    const { registration } = device.register({ rpId: RP_ID, origin: ORIGIN, challenge })
    const officers = [
      { id: 'o-1', name: 'Officer', registration },
      ...newFounding().founding.officers.slice(1),
    ]
    assertProblem('officer o-1: authenticator-policy', { officers })
    found({ officers, maxLevel: 2, classes: [...classOf(1), ...classOf(2)] })
  })
})
