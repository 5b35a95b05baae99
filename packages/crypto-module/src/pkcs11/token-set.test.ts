/**
 * Two tokens that hold the same named keys (threats T-P11-13), brought to the second by a backup. What they signed
 * stands in the shim's log.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { receiveKey, sendKey } from '@natsuin/pki/node'
import { newKeyPair, spkiOf } from '@natsuin/testing/keys'
import { createShim, type Shim } from '@natsuin/testing/pkcs11-shim'
import { rounds } from '@natsuin/testing/rounds'
import { assertVerifies, refuses, toSign } from '../module.suite.ts'
import {
  type CryptoModule,
  type DigestToSign,
  type KeyWitness,
  ModuleRefusal,
  type NamedKey,
  type WrappedKeyPair,
} from '../module.ts'
import { createSoftHsmToken, type SoftHsmToken } from '../softhsm/softhsm-token.ts'
import { openPkcs11Module, type Pkcs11ModuleOptions, type TokenOptions } from './pkcs11-module.ts'
import type { ProcessEvent } from './process-keeper.ts'

const NAMED: readonly NamedKey[] = [
  { kind: 'master', label: 'master' },
  { kind: 'mac', label: 'mac' },
  { kind: 'signing', label: 'named', type: 'ec-p256' },
]

let first: SoftHsmToken
let second: TokenOptions
let shim: Shim
let module: CryptoModule
let events: ProcessEvent[] = []
const witnesses: Record<string, KeyWitness> = {}

before(async () => {
  first = await createSoftHsmToken()
  second = await first.addToken('the other')
  shim = createShim(first.options)
  const [one, other] = [await openAlone(first.options), await openAlone(second)]
  for (const key of NAMED) witnesses[key.label] = await bring(key, one, other)
  await other.createMasterKey('another master')
  await one.createMasterKey('another master')
  await Promise.all([one.close(), other.close()])
})
after(async () => {
  shim?.remove()
  await first?.remove()
})
afterEach(async () => {
  for (const event of events) if (event.kind === 'started') signal(event.processId, 'SIGCONT')
  shim.play()
  await module?.close()
})

const openAlone = (token: TokenOptions) =>
  openPkcs11Module({ ...first.options, ...shim.library, ...withoutSecond, ...token, witnesses })
const withoutSecond = { reserves: [] }

/** A key is made on one token, and its copy restored on the other: what the officers' ceremony does. */
async function bring(key: NamedKey, one: CryptoModule, other: CryptoModule): Promise<KeyWitness> {
  const officer = newKeyPair('rsa-3072')
  const { copies, witness } = await one.createWithBackup(key, [spkiOf(officer.publicKey)])
  const [copy] = copies
  assert.ok(copy !== undefined)
  const octets = receiveKey(officer.privateKey, copy.oaepDigest, copy.sent)
  const importKey = `for ${key.label}`
  const sent = sendKey(await other.createImportKey(importKey), octets ?? new Uint8Array())
  await other.restoreKey(key, { importKey, sent }, witness)
  return witness
}

async function open(changes: Partial<Pkcs11ModuleOptions> = {}): Promise<void> {
  events = []
  const onProcess = (event: ProcessEvent) => void events.push(event)
  const options = { ...first.options, ...shim.library, reserves: [second], witnesses, onProcess }
  module = await openPkcs11Module({ ...options, ...changes })
}

/** The process of each token that was started last. */
function running(): { token: string; id: number }[] {
  const started = new Map<string, number>()
  for (const event of events) {
    if (event.kind === 'started' && event.processId !== undefined) started.set(event.token, event.processId)
    if (event.kind === 'died') started.delete(event.token)
  }
  return [...started].map(([token, id]) => ({ token, id }))
}

const idOf = (token: string) => running().find(one => one.token === token)?.id

/** Also to a process that is gone. */
function signal(id: number | undefined, name: NodeJS.Signals): void {
  try {
    if (id !== undefined) process.kill(id, name)
  } catch {}
}

const fresh = (): DigestToSign & { message: Uint8Array } => {
  const message = randomBytes(24)
  return { ...toSign('ecdsa-sha256', message), message }
}

async function signOne(signer: WrappedKeyPair, request = fresh()): Promise<void> {
  const { algorithm, digest, message } = request
  const [signature] = await module.signWrapped('master', signer, [{ algorithm, digest }])
  assertVerifies(signer.spki, algorithm, message, signature)
}

async function eventually(what: () => Promise<boolean> | boolean, seconds = 20): Promise<void> {
  const end = performance.now() + seconds * 1000
  while (!(await what())) {
    assert.ok(performance.now() < end, 'it did not come to that in time')
    await delay(20)
  }
}

const settled = async (call: Promise<unknown>): Promise<ModuleRefusal | undefined> => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(error === undefined || error instanceof ModuleRefusal, String(error))
  return error
}

/** How often the tokens were asked to sign each digest, and may have done it. */
const timesSigned = (): Map<string, number> => {
  const times = new Map<string, number>()
  for (const { in: digest = '' } of shim.calls('C_Sign').map(({ detail }) => detail))
    times.set(digest, (times.get(digest) ?? 0) + 1)
  return times
}

describe('several tokens (T-P11-13)', () => {
  it('give out a signer’s key that each of them can use alone', async () => {
    await open()
    const signer = await module.generateWrapped('master', 'ec-p256')
    await module.close()
    for (const token of [first.options, second]) {
      const alone = await openAlone(token)
      const { message, ...request } = fresh()
      const [signature] = await alone.signWrapped('master', signer, [request])
      assertVerifies(signer.spki, 'ecdsa-sha256', message, signature)
      await alone.close()
    }
  })

  it('give out none that one of them cannot use, for it has another master key', async () => {
    await open()
    await assert.rejects(
      module.generateWrapped('another master', 'ec-p256'),
      /do not hold the same master key/,
    )
  })

  it('give out none while one of them does not answer, and go on signing until its process is replaced', async () => {
    await open({ deadlineSeconds: 1, stallSeconds: 20 })
    const signer = await module.generateWrapped('master', 'ec-p256')
    signal(idOf('the other'), 'SIGSTOP')
    await refuses('module-unavailable', module.generateWrapped('master', 'ec-p256'))
    await Promise.all(Array.from({ length: 20 }, () => signOne(signer)))
    await eventually(async () => (await settled(module.generateWrapped('master', 'ec-p256'))) === undefined)
  })

  it('make no named keys, which would be on one of them alone', async () => {
    await open()
    await refuses('several-tokens', module.createMasterKey('new'))
    await refuses('several-tokens', module.destroyKey({ kind: 'master', label: 'master' }))
  })

  it('go on when one process after the other is killed, and sign nothing twice', async () => {
    await open()
    const signer = await module.generateWrapped('master', 'ec-p256')
    let done = false
    const asked: DigestToSign[] = []
    const client = async () => {
      while (!done) {
        const request = fresh()
        asked.push(request)
        await settled(signOne(signer, request))
      }
    }
    const clients = Array.from({ length: 8 }, client)
    for (let kills = 0; kills < 4 * rounds('kill'); kills++) {
      await delay(50)
      const alive = running()
      const victim = alive[kills % alive.length]
      if (alive.length === 2) signal(victim?.id, 'SIGKILL')
    }
    done = true
    await Promise.all(clients)
    const times = timesSigned()
    const twice = asked.filter(({ digest }) => (times.get(Buffer.from(digest).toString('hex')) ?? 0) > 1)
    assert.deepEqual(twice, [])
    // Whoever died last is started by the next request.
    await eventually(async () => {
      await settled(module.random(8))
      return module.health.tokens.every(({ state }) => state === 'ready')
    })
    assert.ok(events.filter(({ kind }) => kind === 'died').length > 0)
    await signOne(signer)
  })

  it('begin with those that are there, and take in another when it comes', async () => {
    await open({ reserves: [{ ...second, tokenLabel: 'to come' }] })
    assert.deepEqual(
      module.health.tokens.map(({ state }) => state),
      ['ready', 'starting'],
    )
    assert.ok(module.health.ready)
    await first.addToken('to come')
    await module.random(8)
    await eventually(() => module.health.tokens.every(({ state }) => state === 'ready'))
  })

  it('of hardware take in no software token, or they would be less than they were said to be', async () => {
    shim.play('C_GetTokenInfo always maker Real Hardware', 'C_GetSlotInfo always flags 4')
    await open({ reserves: [{ ...second, tokenLabel: 'of software' }] })
    assert.equal(module.description.softwareModule, false)
    await first.addToken('of software')
    shim.play()
    await eventually(async () => {
      await module.random(8)
      return events.some(event => event.kind === 'not-started' && /software token/.test(event.reason))
    })
    assert.deepEqual(
      module.health.tokens.map(({ state }) => state),
      ['ready', 'starting'],
    )
    shim.play('C_GetTokenInfo always maker Real Hardware', 'C_GetSlotInfo always flags 4')
    await eventually(async () => {
      await module.random(8)
      return module.health.tokens.every(({ state }) => state === 'ready')
    })
  })

  it('do not begin where none of them is there', async () => {
    await assert.rejects(
      open({ tokenLabel: 'nowhere', reserves: [{ ...second, tokenLabel: 'not there either' }] }),
      /no token labelled nowhere/,
    )
  })
})
