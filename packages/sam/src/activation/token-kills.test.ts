/**
 * The process that holds the PKCS #11 library is killed again and again while the SAM signs (threats T-P11-01): what the
 * token really signed stands in the log of a library in between.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type CryptoModule, openPkcs11Module } from '@natsuin/crypto-module'
import { createSoftHsmToken, type SoftHsmToken } from '@natsuin/crypto-module/softhsm'
import { toHex } from '@natsuin/pki/encoding'
import { Refusal } from '@natsuin/protocol/refusal'
import { createShim, type Shim } from '@natsuin/testing/pkcs11-shim'
import { rounds } from '@natsuin/testing/rounds'
import { approve, enrolSigner, type Signer, signRequestFor, unseenItem } from '../fixture/people.ts'
import { foundPlace, type OpenPlace, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { watchStore } from '../fixture/watched.ts'
import { openSqliteStore } from '../store/sqlite-store.ts'

const CLIENTS = 6
const KILLS = 4 * rounds('kill')

describe('a SAM whose library process is killed (T-P11-01)', () => {
  const notes: string[] = []
  let token: SoftHsmToken
  let shim: Shim
  let module: CryptoModule
  let processId: number | undefined
  let world: OpenPlace & Place
  let alice: Signer

  before(async () => {
    token = await createSoftHsmToken()
    shim = createShim(token.options)
    module = await openPkcs11Module({
      ...token.options,
      ...shim.library,
      onProcess: event => {
        if (event.kind === 'started') processId = event.processId
        if (event.kind === 'died') processId = undefined
      },
    })
    const place = await foundPlace({ module })
    const store = watchStore(openSqliteStore(place.storeFile), notes)
    world = { ...place, ...(await openPlace(place, { store })) }
    alice = await enrolSigner(world, { level: 2 })
  })
  after(async () => {
    await world?.store.close()
    await module?.close()
    shim?.remove()
    await token?.remove()
  })

  it('has an outcome for every reservation, signs no digest twice, and gives nothing back', async () => {
    notes.length = 0
    let done = false
    const signed = new Set<string>()
    const refused: (() => Promise<unknown>)[] = []
    const client = async () => {
      while (!done) {
        const items = [unseenItem(), unseenItem(), unseenItem()]
        const sad = await unlessAway(() => approve(world, alice, items))
        if (sad === undefined || sad === NOT_ACCEPTED) {
          await delay(20)
          continue
        }
        for (const [i, { dtbsr }] of items.entries()) {
          const ask = () => world.sap.sign(signRequestFor(sad, [dtbsr], `request-${i}`))
          const answer = await unlessAway(ask)
          if (answer === undefined) refused.push(ask)
          else if (answer !== NOT_ACCEPTED) signed.add(toHex(dtbsr))
        }
      }
    }
    const kills = async () => {
      for (let killed = 0; killed < KILLS; killed++) {
        const before = signed.size
        while (processId === undefined || signed.size < before + CLIENTS) await delay(20)
        process.kill(processId, 'SIGKILL')
        processId = undefined
      }
      done = true
    }
    await Promise.all([kills(), ...Array.from({ length: CLIENTS }, client)])

    const count = (event: string) => notes.filter(note => note === event).length
    assert.ok(signed.size > 0 && refused.length > 0, `${signed.size} signed, ${refused.length} refused`)
    assert.equal(count('completed'), signed.size)
    assert.equal(count('granted'), count('completed') + count('settled'))
    const times = new Map<string, number>()
    for (const { detail } of shim.calls('C_Sign')) {
      const { in: digest = '', out } = detail
      if (out !== '') times.set(digest, (times.get(digest) ?? 0) + 1)
    }
    for (const digest of signed) assert.equal(times.get(digest), 1)
    const before = shim.calls('C_Sign').length
    // The same request again is answered from its record: it failed, and the module is not asked.
    for (const ask of refused) await assertRefused('module-unavailable', ask())
    assert.equal(shim.calls('C_Sign').length - before, 0)
  })
})

/** The module was resting, and was not even asked. */
const NOT_ACCEPTED = Symbol('not accepted')

/** `undefined` when the module was away. */
async function unlessAway<Result>(
  work: () => Promise<Result>,
): Promise<Result | typeof NOT_ACCEPTED | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'module-unavailable')) throw error
    return error.evidence['accepts'] === false ? NOT_ACCEPTED : undefined
  }
}
