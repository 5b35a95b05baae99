/**
 * A token that fails in every way that tokens fail (threats 10): the real SoftHSM2 behind a library that does to its
 * calls what a script says. What the token really signed stands in that library's own log.
 */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import { utf8 } from '@natsuin/pki/encoding'
import { createShim, type Shim } from '@natsuin/testing/pkcs11-shim'
import { rounds } from '@natsuin/testing/rounds'
import { assertVerifies, refuses, toSign } from '../module.suite.ts'
import { type CryptoModule, type DigestToSign, ModuleRefusal, type WrappedKeyPair } from '../module.ts'
import { createSoftHsmToken, type SoftHsmToken } from '../softhsm/softhsm-token.ts'
import { openPkcs11Module, type Pkcs11ModuleOptions } from './pkcs11-module.ts'
import type { ProcessEvent } from './process-keeper.ts'

const CKR = {
  ATTRIBUTE_VALUE_INVALID: 0x13,
  FUNCTION_FAILED: 0x06,
  GENERAL_ERROR: 0x05,
  HOST_MEMORY: 0x02,
  DEVICE_ERROR: 0x30,
  DEVICE_MEMORY: 0x31,
  DEVICE_REMOVED: 0x32,
  OBJECT_HANDLE_INVALID: 0x82,
  OPERATION_ACTIVE: 0x90,
  SESSION_CLOSED: 0xb0,
  SESSION_HANDLE_INVALID: 0xb3,
  TOKEN_NOT_PRESENT: 0xe0,
  USER_NOT_LOGGED_IN: 0x101,
  BUFFER_TOO_SMALL: 0x150,
} as const
const hex = (code: number) => code.toString(16)

let token: SoftHsmToken
let shim: Shim
let module: CryptoModule
let events: ProcessEvent[]
let key: WrappedKeyPair

before(async () => {
  token = await createSoftHsmToken()
  shim = createShim(token.options)
  const founding = await openPkcs11Module(token.options)
  await founding.createMasterKey('master')
  await founding.createMacKey('mac')
  await founding.createSigningKey('named', 'ec-p256')
  key = await founding.generateWrapped('master', 'ec-p256')
  await founding.close()
})
after(async () => {
  shim?.remove()
  await token?.remove()
})
afterEach(async () => {
  shim.play()
  await module?.close()
})

async function open(changes: Partial<Pkcs11ModuleOptions> = {}): Promise<void> {
  events = []
  const onProcess = (event: ProcessEvent) => void events.push(event)
  module = await openPkcs11Module({ ...token.options, ...shim.library, onProcess, ...changes })
}

let documents = 0
/** A digest that nobody has asked for yet, so that the log shows how often it was signed. */
function fresh(): { request: DigestToSign; message: Uint8Array } {
  const message = utf8(`document ${documents++}`)
  return { request: toSign('ecdsa-sha256', message), message }
}

async function signOne(signer: WrappedKeyPair = key): Promise<void> {
  const { request, message } = fresh()
  const [signature] = await module.signWrapped('master', signer, [request])
  assertVerifies(signer.spki, 'ecdsa-sha256', message, signature)
}

/** How many signatures over it the token made, whatever became of its answers. */
const valuesOf = ({ digest }: DigestToSign): number => {
  const text = Buffer.from(digest).toString('hex')
  const made = shim.calls('C_Sign').filter(({ detail }) => detail['in'] === text && detail['out'] !== '')
  return made.length
}

const refusalOf = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(error === undefined || error instanceof ModuleRefusal, String(error))
  return error
}

const processIds = () =>
  events.flatMap(event =>
    event.kind === 'started' && event.processId !== undefined ? [event.processId] : [],
  )

async function eventually(what: () => Promise<boolean> | boolean, seconds = 20): Promise<void> {
  const end = performance.now() + seconds * 1000
  while (!(await what())) {
    assert.ok(performance.now() < end, 'it did not come to that in time')
    await delay(20)
  }
}

const works = async () => (await refusalOf(signOne())) === undefined

describe('a library process that dies (T-P11-01)', () => {
  it('is followed by another within seconds, and no digest is signed twice', async () => {
    await open()
    const asked: DigestToSign[] = []
    const client = async (until: Promise<unknown>) => {
      let done = false
      void until.then(() => {
        done = true
      })
      while (!done) {
        const { request, message } = fresh()
        asked.push(request)
        const answer = module.signWrapped('master', key, [request])
        if ((await refusalOf(answer)) === undefined) {
          assertVerifies(key.spki, 'ecdsa-sha256', message, (await answer)[0])
        }
        await delay(5)
      }
    }
    const kills = (async () => {
      for (let i = 0; i < 5 * rounds('kill'); i++) {
        await delay(150)
        const [killed] = processIds().slice(-1)
        assert.ok(killed !== undefined)
        process.kill(killed, 'SIGKILL')
        await eventually(async () => (await works()) && processIds().at(-1) !== killed)
      }
    })()
    await Promise.all([kills, ...Array.from({ length: 4 }, () => client(kills))])
    assert.ok(asked.some(request => valuesOf(request) === 1))
    for (const request of asked) assert.ok(valuesOf(request) <= 1)
  })

  for (const when of ['crash', 'crash-after']) {
    it(`in the middle of a signature (${when}) leaves that request refused, and it is not asked again`, async () => {
      await open()
      shim.play(`C_Sign at=1 ${when}`)
      const { request } = fresh()
      const refusal = await refusalOf(module.signWrapped('master', key, [request]))
      assert.equal(refusal?.code, 'module-unavailable')
      assert.equal(refusal?.untouched, false)
      shim.play()
      await eventually(works)
      assert.equal(valuesOf(request), when === 'crash' ? 0 : 1)
    })
  }
})

describe('a session that is lost (T-P11-02)', () => {
  const losses = [
    'SESSION_HANDLE_INVALID',
    'SESSION_CLOSED',
    'USER_NOT_LOGGED_IN',
    'OBJECT_HANDLE_INVALID',
  ] as const

  /** The calls of one signature, in order: each as its name, and which of that name it is. */
  const transaction = async (): Promise<[string, number][]> => {
    const seen = shim.calls().length
    await signOne()
    const names = shim.calls().map(({ name }) => name)
    return names
      .slice(seen)
      .map((name, i, all) => [name, all.slice(0, i + 1).filter(one => one === name).length])
  }

  const actions = ['return', 'after'] as const

  const losesAt = async (
    [name, nth]: [string, number],
    loss: keyof typeof CKR,
    action: (typeof actions)[number],
  ) => {
    shim.play(`${name} at=${nth} ${action} ${hex(CKR[loss])}`)
    const seen = shim.calls().length
    const { request, message } = fresh()
    const answer = module.signWrapped('master', key, [request])
    const refusal = await refusalOf(answer)
    const place = `${loss} at call ${nth} of ${name}, ${action}`
    assert.ok(
      shim
        .calls()
        .slice(seen)
        .some(({ returned }) => returned === CKR[loss]),
      `${place}: it was met`,
    )
    if (refusal === undefined) assertVerifies(key.spki, 'ecdsa-sha256', message, (await answer)[0])
    else assert.equal(refusal.code, 'module-unavailable', place)
    // Whether C_Sign signed nobody knows; before it, it certainly did not, and was asked again.
    assert.equal(refusal?.untouched, name === 'C_Sign' ? false : undefined, place)
    assert.equal(valuesOf(request), name === 'C_Sign' && action === 'return' ? 0 : 1, place)
    shim.play()
  }

  it('at any call of a signature ends in a signature or a clean refusal, and in one signature at most', async () => {
    await open()
    await signOne()
    const calls = await transaction()
    const names = calls.map(([name]) => name)
    for (const name of ['C_UnwrapKey', 'C_SignInit', 'C_Sign', 'C_DestroyObject'])
      assert.ok(names.includes(name))
    for (const call of calls) {
      for (const loss of losses) {
        for (const action of actions) {
          await losesAt(call, loss, action)
          await signOne()
        }
      }
    }
    assert.equal(processIds().length, 1, 'the process was not replaced')
  })

  it('while the master key is looked for is got over likewise', async () => {
    await open()
    const calls = await transaction()
    await module.close()
    const names = calls.map(([name]) => name)
    assert.ok(names.includes('C_FindObjects') && names.includes('C_OpenSession'))
    for (const [i, call] of calls.slice(0, names.indexOf('C_UnwrapKey')).entries()) {
      for (const action of actions) {
        await open()
        await losesAt(call, losses[i % losses.length] ?? 'SESSION_CLOSED', action)
        await module.close()
      }
    }
  })

  for (const name of ['C_UnwrapKey', 'C_SignInit', 'C_GetAttributeValue']) {
    it(`with all others and the log-in, just before ${name}, is got over by one new log-in`, async () => {
      await open()
      await Promise.all(Array.from({ length: 8 }, () => signOne()))
      const before = shim.calls('C_Login').length
      shim.play(`${name} at=1 lose`)
      await signOne()
      shim.play()
      await Promise.all(Array.from({ length: 8 }, () => signOne()))
      assert.equal(shim.calls('C_Login').length, before + 1)
      assert.equal(processIds().length, 1)
    })
  }

  it('is got over whatever the library says of the call during which it happened', async () => {
    await open()
    await signOne()
    const before = shim.calls('C_Login').length
    for (const said of [CKR.ATTRIBUTE_VALUE_INVALID, CKR.DEVICE_ERROR]) {
      shim.play(`C_UnwrapKey at=1 lose ${hex(said)}`)
      await signOne()
    }
    assert.equal(shim.calls('C_Login').length, before + 2)
    // Of a session that is there the same is an error of its own.
    shim.play(`C_UnwrapKey at=1 return ${hex(CKR.ATTRIBUTE_VALUE_INVALID)}`)
    await assert.rejects(signOne(), /ATTRIBUTE_VALUE_INVALID/)
    shim.play()
    await signOne()
  })

  it('is got over by all who were at work, with one log-in for all of them', async () => {
    await open()
    await Promise.all(Array.from({ length: 8 }, () => signOne()))
    const before = shim.calls('C_Login').length
    shim.play('C_UnwrapKey at=4 lose')
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => refusalOf(signOne())))
    for (const refusal of outcomes) assert.ok(refusal === undefined || refusal.code === 'module-unavailable')
    shim.play()
    await signOne()
    assert.equal(shim.calls('C_Login').length, before + 1)
  })

  it('does not take along what a session key or a MAC was asked for', async () => {
    await open()
    const mac = await module.mac('mac', utf8('x'))
    shim.play(`C_Sign at=1 return ${hex(CKR.SESSION_HANDLE_INVALID)}`)
    assert.deepEqual(await module.mac('mac', utf8('x')), mac)
    shim.play(`C_GenerateKeyPair at=1 return ${hex(CKR.SESSION_CLOSED)}`)
    const once = await module.generateSession('ec-p256')
    const { request, message } = fresh()
    const [signature] = await once.sign([request])
    assertVerifies(once.spki, 'ecdsa-sha256', message, signature)
    await once.destroy()
  })
})

describe('a log-in that is lost (T-P11-02)', () => {
  it('leaves no session behind, however often it is lost and cannot be had again', async () => {
    await open({ sessions: 2 })
    await signOne()
    for (let i = 0; i < 3; i++) {
      shim.play('C_UnwrapKey at=1 lose', `C_Login at=1 return ${hex(CKR.DEVICE_ERROR)}`)
      assert.equal((await refusalOf(signOne()))?.code, 'module-unavailable')
      shim.play()
      await signOne()
    }
    await Promise.all(Array.from({ length: 8 }, () => signOne()))
    assert.ok(sessionsNow() <= 3, `${sessionsNow()} sessions`)
  })

  it('does not make keys unknown that are there', async () => {
    await open()
    for (const ask of [() => module.publicKey('named'), () => module.mac('mac', utf8('x'))]) {
      const before = await ask()
      shim.play('C_UnwrapKey at=1 lose', `C_Login at=1 return ${hex(CKR.DEVICE_ERROR)}`)
      assert.equal((await refusalOf(signOne()))?.code, 'module-unavailable')
      assert.deepEqual(await ask(), before)
    }
    shim.play('C_UnwrapKey at=1 lose', `C_Login at=1 return ${hex(CKR.DEVICE_ERROR)}`)
    assert.equal((await refusalOf(signOne()))?.code, 'module-unavailable')
    assert.ok((await module.objects()).some(({ kind }) => kind === 'secret'))
  })

  it('takes the session keys along, which are then unknown and not somebody else’s', async () => {
    await open()
    const once = await module.generateSession('ec-p256')
    const kept = await module.generateSession('ec-p256')
    shim.play('C_UnwrapKey at=1 lose')
    await signOne()
    shim.play()
    for (const gone of [once, kept]) {
      const { request } = fresh()
      await refuses('key-unknown', gone.sign([request]))
      assert.equal(valuesOf(request), 0)
      await gone.destroy()
    }
    const next = await module.generateSession('ec-p256')
    assert.equal((await next.sign([fresh().request])).length, 1)
    await next.destroy()
  })
})

/** Sessions of the newest process, as its calls add up. */
function sessionsNow(): number {
  const open = new Set<number>()
  for (const { processId, name, session, returned } of shim.calls()) {
    if (processId !== processIds().at(-1)) continue
    if (name === 'C_OpenSession' && returned === 0) open.add(session)
    if (name === 'C_CloseSession' || returned === CKR.SESSION_HANDLE_INVALID) open.delete(session)
  }
  return open.size
}

describe('a token that is pulled out (T-P11-03)', () => {
  const pulledOut = [
    'C_GetSlotList always absent',
    `C_UnwrapKey always return ${hex(CKR.DEVICE_REMOVED)}`,
    `C_GenerateRandom always return ${hex(CKR.TOKEN_NOT_PRESENT)}`,
    `C_OpenSession always return ${hex(CKR.TOKEN_NOT_PRESENT)}`,
  ]

  it('makes the module not ready, and is used again by itself when it is back', async () => {
    await open()
    shim.play(...pulledOut)
    await eventually(async () => {
      assert.equal((await refusalOf(signOne()))?.code, 'module-unavailable')
      return module.health.tokens[0]?.state === 'resting'
    })
    assert.equal(module.health.ready, false)
    assert.equal(module.health.accepts, false)
    shim.play()
    await eventually(works)
    await eventually(() => module.health.ready)
  })

  for (const [what, line] of Object.entries({
    'a blank one': 'C_GetTokenInfo always label another',
    'a clone of the same label': 'C_GetTokenInfo always serial 0000000000000000',
  })) {
    it(`is not replaced by ${what}, which is not shown the PIN`, async () => {
      await open()
      shim.play(...pulledOut)
      await eventually(async () => !(await works()) && !module.health.ready)
      const logIns = shim.calls('C_Login').length
      shim.play(line)
      const before = events.length
      const attempts = () =>
        events.slice(before).flatMap(event => (event.kind === 'not-started' ? [event.reason] : []))
      // The first may have begun before the other token was in its place.
      await eventually(() => attempts().length >= 2)
      assert.match(attempts().at(-1) ?? '', /no token/)
      assert.equal((await refusalOf(signOne()))?.code, 'module-unavailable')
      assert.equal(shim.calls('C_Login').length, logIns)
      shim.play()
      await eventually(works)
    })
  }

  it('is told apart by its serial number from the first, where that is configured', async () => {
    shim.play('C_GetTokenInfo always serial cafecafecafecafe')
    await open({ tokenSerial: 'cafecafecafecafe' })
    await module.close()
    shim.play()
    const logIns = shim.calls('C_Login').length
    await assert.rejects(
      open({ tokenSerial: 'cafecafecafecafe' }),
      /no token labelled natsuin test with serial/,
    )
    assert.equal(shim.calls('C_Login').length, logIns)
  })
})

describe('a token that refuses the PIN (T-P11-04)', () => {
  for (const [what, code] of Object.entries({ incorrect: 0xa0, expired: 0xa3, locked: 0xa4 })) {
    it(`is asked once when it says ${what} at start`, async () => {
      const before = shim.calls('C_Login').length
      shim.play(`C_Login always return ${hex(code)}`)
      await assert.rejects(open(), /CKR_PIN/)
      assert.equal(shim.calls('C_Login').length, before + 1)
    })

    it(`is asked once when it says ${what} later, and the operator is told`, async () => {
      await open()
      const before = shim.calls('C_Login').length
      shim.play(`C_Login always return ${hex(code)}`, 'C_UnwrapKey at=1 lose')
      assert.ok((await refusalOf(signOne())) !== undefined)
      shim.play(`C_Login always return ${hex(code)}`)
      for (let i = 0; i < 20; i++) await refusalOf(signOne())
      await delay(700)
      for (let i = 0; i < 20; i++) await refusalOf(signOne())
      assert.equal(shim.calls('C_Login').length, before + 1)
      assert.equal(module.health.tokens[0]?.state, 'pin-refused')
      assert.equal(events.filter(({ kind }) => kind === 'pin-refused').length, 1)
    })
  }

  for (const [what, flags] of Object.entries({ 'one try is left': 0x20000, 'it is locked': 0x40000 })) {
    it(`is not asked at all when it says that ${what}`, async () => {
      const before = shim.calls('C_Login').length
      shim.play(`C_GetTokenInfo always flags ${hex(flags)}`)
      await assert.rejects(open(), /PIN/)
      assert.equal(shim.calls('C_Login').length, before)
    })
  }
})

describe('a token that is full (T-P11-05)', () => {
  it('refuses new keys with a code of its own, and goes on signing', async () => {
    await open()
    const full = `return ${hex(CKR.DEVICE_MEMORY)}`
    shim.play(`C_GenerateKeyPair always ${full}`, `C_GenerateKey always ${full}`)
    await refuses('module-full', module.generateWrapped('master', 'ec-p256'))
    await refuses('module-full', module.createMacKey('another'))
    await refuses('module-full', module.generateSession('ec-p256'))
    await Promise.all(Array.from({ length: 20 }, () => signOne()))
    shim.play()
    assert.ok(await module.generateWrapped('master', 'ec-p256'))
    assert.equal(processIds().length, 1)
  })

  it('says how full it is, before it is', async () => {
    shim.play('C_GetTokenInfo always free 2100/10000')
    await open()
    await module.random(1)
    assert.equal(module.health.tokens[0]?.used, 0.79)
    assert.ok(!events.some(({ kind }) => kind === 'nearly-full'))
    shim.play('C_GetTokenInfo always free 1900/10000')
    await module.createMacKey('one more')
    assert.deepEqual(
      events.flatMap(event => (event.kind === 'nearly-full' ? [event.used] : [])),
      [0.81],
    )
  })

  it('may fail to say so after it made a key, which is made all the same', async () => {
    await open()
    shim.play(`C_GetTokenInfo always return ${hex(CKR.SESSION_HANDLE_INVALID)}`)
    await module.createMacKey('made')
    assert.equal(shim.calls('C_GenerateKey').at(-1)?.returned, 0)
    assert.equal(module.health.tokens[0]?.used, undefined)
  })
})

describe('a token whose generator fails (T-KEY-15)', () => {
  it('is not opened where it gives the same octets again and again, or none', async () => {
    for (const line of ['C_GenerateRandom always constant', 'C_GenerateRandom always return 121']) {
      shim.play(line)
      await assert.rejects(open(), /random|CKR_RANDOM_NO_RNG/)
    }
    shim.play()
    await open()
    await signOne()
  })

  for (const fault of ['constant', 'return 121', `return ${hex(CKR.DEVICE_ERROR)}`]) {
    it(`makes no key once it fails while at work (${fault}), and makes keys again when it is sound`, async () => {
      await open()
      const made = () => [...shim.calls('C_GenerateKeyPair'), ...shim.calls('C_GenerateKey')].length
      const before = made()
      shim.play(`C_GenerateRandom always ${fault}`)
      for (const make of [
        () => module.generateWrapped('master', 'ec-p256'),
        () => module.generateSession('ec-p256'),
        () => module.createSigningKey('never', 'ec-p256'),
        () => module.createMasterKey('never'),
      ])
        await refuses('module-unavailable', make())
      assert.equal(made(), before)
      shim.play()
      await eventually(
        async () => (await refusalOf(module.generateWrapped('master', 'ec-p256'))) === undefined,
      )
    })
  }

  it('makes no key where the making itself says so', async () => {
    await open()
    shim.play('C_GenerateKeyPair always return 121', 'C_GenerateKey always return 121')
    await refuses('module-unavailable', module.generateWrapped('master', 'ec-p256'))
    await refuses('module-unavailable', module.createMacKey('never'))
    shim.play()
    assert.ok(await module.generateWrapped('master', 'ec-p256'))
    assert.ok(!(await module.objects()).some(({ label }) => label === 'never'))
  })
})

describe('a token that answers with errors (T-P11-06)', () => {
  for (const trouble of ['DEVICE_ERROR', 'FUNCTION_FAILED', 'GENERAL_ERROR', 'HOST_MEMORY'] as const) {
    it(`is given a rest after ${trouble}, in which callers are refused at once, and is back without a restart`, async () => {
      await open()
      await signOne()
      shim.play(`* always return ${hex(CKR[trouble])}`)
      await eventually(
        async () =>
          (await refusalOf(signOne())) !== undefined && module.health.tokens[0]?.state === 'resting',
      )
      const end = performance.now() + 1000 * rounds('outageSeconds')
      while (performance.now() < end) {
        const atOnce = await Promise.race([refusalOf(signOne()), nextTurn('still waiting')])
        assert.ok(atOnce instanceof ModuleRefusal && atOnce.code === 'module-unavailable', String(atOnce))
        await delay(10)
      }
      shim.play()
      await eventually(works)
      await eventually(() => events.some(({ kind }) => kind === 'working-again'))
    })
  }

  it('is told from a blob that is not ours, of which SoftHSM says the same', async () => {
    await open()
    const altered = { ...key, wrapped: key.wrapped.with(0, 1) }
    for (let i = 0; i < 20; i++)
      await refuses('wrapped-key-invalid', module.signWrapped('master', altered, []))
    assert.equal(module.health.tokens[0]?.state, 'ready')
    shim.play(
      `C_UnwrapKey always return ${hex(CKR.GENERAL_ERROR)}`,
      `C_GenerateRandom always return ${hex(CKR.GENERAL_ERROR)}`,
    )
    await refuses('module-unavailable', module.signWrapped('master', altered, []))
  })

  it('is asked little while it rests', async () => {
    await open()
    shim.play(`* always return ${hex(CKR.DEVICE_ERROR)}`)
    await eventually(
      async () => (await refusalOf(signOne())) !== undefined && module.health.tokens[0]?.state === 'resting',
    )
    const before = shim.calls().length
    for (let i = 0; i < 500; i++) await refusalOf(signOne())
    assert.ok(shim.calls().length - before < 10)
  })
})

describe('a token that is slow, or hangs (T-P11-07)', () => {
  it('refuses what takes too long, throws away what comes too late, and serves the others', async () => {
    await open({ deadlineSeconds: 1 })
    await signOne()
    shim.play('C_Sign at=1 delay 2500')
    const { request } = fresh()
    const begun = shim.calls('C_SignInit').length
    const late = refusalOf(module.signWrapped('master', key, [request]))
    await eventually(() => shim.calls('C_SignInit').length > begun)
    const others = Array.from({ length: 20 }, () => signOne())
    await Promise.all(others)
    assert.equal((await late)?.code, 'module-unavailable')
    await eventually(() => valuesOf(request) === 1)
    await signOne()
  })

  it('has its process replaced when a call never comes back', async () => {
    await open({ deadlineSeconds: 1, stallSeconds: 1 })
    const [hanging] = processIds()
    shim.play('C_Sign at=1 hang')
    assert.equal((await refusalOf(signOne()))?.code, 'module-unavailable')
    shim.play()
    await signOne()
    await eventually(async () => {
      await signOne()
      return processIds().length === 2
    })
    await eventually(() => !isThere(hanging))
    await signOne()
  })

  it('makes a bounded queue and no longer one: what is beyond is refused at once and was not done', async () => {
    await open({ maxWaiting: 20, deadlineSeconds: 5 })
    assert.ok(module.health.accepts)
    shim.play('C_Sign always delay 300')
    const asked = Array.from({ length: 60 }, () => refusalOf(signOne()))
    assert.equal(module.health.accepts, false)
    const outcomes = await Promise.all(asked)
    const codes = outcomes.map(refusal => refusal?.code)
    assert.equal(codes.filter(code => code === undefined).length, 20)
    assert.equal(codes.filter(code => code === 'module-busy').length, 40)
    for (const refusal of outcomes) assert.ok(refusal === undefined || refusal.untouched)
    assert.equal(module.health.tokens[0]?.state, 'ready')
    assert.ok(module.health.accepts)
    shim.play()
    await signOne()
  })

  it('serves everybody in turn who can wait', async () => {
    await open({ sessions: 4 })
    shim.play('C_Sign always delay 50')
    await Promise.all(Array.from({ length: 40 }, () => signOne()))
  })
})

describe('a token that allows four sessions (T-P11-08)', () => {
  it('serves many signers in turn, and never has more', async () => {
    shim.play('C_OpenSession always limit 4')
    await open({ sessions: 16 })
    await Promise.all(Array.from({ length: rounds('signers') }, () => signOne()))
    const own = shim.calls().filter(({ processId }) => processId === processIds()[0])
    const opened = own.filter(({ name }) => name === 'C_OpenSession')
    let [now, most] = [0, 0]
    for (const { name, returned } of own) {
      if (returned !== 0) continue
      if (name === 'C_OpenSession') now += 1
      if (name === 'C_CloseSession') now -= 1
      most = Math.max(most, now)
    }
    assert.ok(most <= 4, `${most} sessions`)
    assert.ok(opened.length < 10, 'it does not keep asking for more')
  })

  it('can refuse all of them, and is then busy', async () => {
    await open({ sessions: 2 })
    shim.play('C_OpenSession always limit 0')
    await refuses('module-busy', signOne())
    shim.play()
    await signOne()
  })
})

describe('a token that signs wrongly (T-P11-09, T-SAD-33)', () => {
  for (const fault of ['flip', 'short', 'garbage']) {
    it(`lets out no named signature that is not one (${fault})`, async () => {
      await open()
      shim.play(`C_Sign every=3 ${fault}`)
      let refused = 0
      for (let i = 0; i < 30; i++) {
        const { request, message } = fresh()
        const answer = module.sign('named', request)
        const fine = await answer.then(
          () => true,
          () => false,
        )
        if (fine) {
          const spki = await module.publicKey('named')
          assert.ok(spki !== undefined)
          assertVerifies(spki, 'ecdsa-sha256', message, await answer)
        } else refused += 1
      }
      assert.equal(refused, 10)
    })
  }

  it('is found by the length alone where it is short', async () => {
    await open()
    shim.play('C_Sign at=1 short')
    await assert.rejects(signOne(), /63 octets instead of 64/)
    await signOne()
  })
})

describe('an operation that a session is left with (T-P11-10)', () => {
  for (const [what, line] of Object.entries({
    'a signature that needs more room': `C_Sign at=1 return ${hex(CKR.BUFFER_TOO_SMALL)}`,
    'a signature that fails': `C_Sign at=1 return ${hex(CKR.FUNCTION_FAILED)}`,
    'an operation begun though refused': `C_SignInit at=1 after ${hex(CKR.FUNCTION_FAILED)}`,
    'an operation of before': `C_SignInit at=1 return ${hex(CKR.OPERATION_ACTIVE)}`,
  })) {
    it(`by ${what} is nobody else's: the session is closed`, async () => {
      await open({ sessions: 1 })
      await signOne()
      shim.play(line)
      await refusalOf(signOne())
      shim.play()
      for (let i = 0; i < 5; i++) await signOne()
      const failed = shim.calls().find(({ returned, name }) => returned !== 0 && name.startsWith('C_Sign'))
      const closed = shim.calls('C_CloseSession').some(call => call.session === failed?.session)
      assert.ok(closed)
    })
  }
})

describe('many signers at once (T-P11-11, T-SAD-32)', () => {
  it('each get the signature of their own key over their own digest', async () => {
    await open()
    const signers = await Promise.all(
      Array.from({ length: 64 }, () => module.generateWrapped('master', 'ec-p256')),
    )
    const all = rounds('mixUp')
    let next = 0
    const client = async () => {
      for (let i = next++; i < all; i = next++) {
        const signer = signers[i % signers.length]
        assert.ok(signer !== undefined)
        const messages = [randomBytes(20), randomBytes(20)]
        const requests = messages.map(message => toSign('ecdsa-sha256', message))
        const signatures = await module.signWrapped('master', signer, requests)
        for (const [at, message] of messages.entries()) {
          assertVerifies(signer.spki, 'ecdsa-sha256', message, signatures[at])
        }
      }
    }
    await Promise.all(Array.from({ length: 64 }, client))
  })

  it('never share the secret number of an ECDSA signature (T-SAD-33)', async () => {
    await open()
    const seen = new Set<string>()
    const all = rounds('nonce')
    for (let done = 0; done < all; done += 100) {
      const requests = Array.from({ length: 100 }, () => fresh().request)
      for (const signature of await module.signWrapped('master', key, requests)) {
        // r is the first integer: 30 len 02 len r.
        const r = Buffer.from(signature.subarray(4, 4 + (signature[3] ?? 0))).toString('hex')
        assert.ok(!seen.has(r))
        seen.add(r)
      }
    }
    assert.ok(seen.size >= all)
  })
})

describe('two processes on one token (T-P11-12)', () => {
  it('see each other’s new keys within a second', async () => {
    await open()
    const other = await openPkcs11Module({ ...token.options, ...shim.library })
    const load = (async () => {
      for (let i = 0; i < 50; i++) await signOne()
    })()
    for (let i = 0; i < 5; i++) {
      const spki = await other.createSigningKey(`made elsewhere ${i}`, 'ec-p256')
      await eventually(async () => {
        const seen = await module.publicKey(`made elsewhere ${i}`)
        return seen !== undefined && createHash('sha256').update(seen).digest('hex') === hashOf(spki)
      }, 1)
      await module.destroyKey({ kind: 'signing', label: `made elsewhere ${i}` })
      assert.ok((await other.publicKey('named')) !== undefined)
    }
    await load
    await other.close()
  })
})

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('a token that lacks an algorithm (T-P11-14)', () => {
  it('never offers it, and refuses it in so many words', async () => {
    shim.play('* always without d')
    await open()
    const { 'rsa-3072': rsa, 'ec-p256': p256 } = await module.capabilities()
    assert.deepEqual(rsa, { signs: ['rsa-sha256', 'rsa-sha384', 'rsa-sha512'], wraps: true })
    assert.deepEqual(p256, { signs: ['ecdsa-sha256'], wraps: true })
    const signer = await module.generateWrapped('master', 'rsa-3072')
    const pss = toSign('rsa-pss-sha256', utf8('x'))
    await refuses('algorithm-unsupported', module.signWrapped('master', signer, [pss]))
    assert.equal((await module.signWrapped('master', signer, [toSign('rsa-sha256', utf8('x'))])).length, 1)
  })

  it('makes no key of a kind that it lacks', async () => {
    shim.play('* always without 1055')
    await open()
    assert.deepEqual((await module.capabilities()).ed25519, { signs: [], wraps: false })
    await refuses('key-type-unsupported', module.createSigningKey('none', 'ed25519'))
    await refuses('key-type-unsupported', module.generateSession('ed25519'))
  })

  it('does not count as lacking what failed while it was tried', async () => {
    await open()
    shim.play(`C_GenerateKeyPair at=2 return ${hex(CKR.DEVICE_REMOVED)}`)
    await refuses('module-unavailable', module.capabilities())
    shim.play()
    await eventually(works)
    assert.deepEqual((await module.capabilities())['ec-p384'], { signs: ['ecdsa-sha384'], wraps: true })
  })
})

function isThere(processId: number | undefined): boolean {
  try {
    process.kill(processId ?? 0, 0)
    return true
  } catch {
    return false
  }
}
