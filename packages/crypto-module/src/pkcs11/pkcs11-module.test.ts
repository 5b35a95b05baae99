import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { utf8 } from '@natsuin/pki/encoding'
import { newKeyPair, spkiOf } from '@natsuin/testing/keys'
import { describeKeyLife } from '../key-life.suite.ts'
import { assertVerifies, describeModule, refuses, toSign } from '../module.suite.ts'
import { type BackedUpKey, type CryptoModule, ModuleRefusal, type WrappedKeyPair } from '../module.ts'
import { createSoftHsmToken, type SoftHsmToken } from '../softhsm/softhsm-token.ts'
import { openPkcs11Module, type Pkcs11ModuleOptions } from './pkcs11-module.ts'
import type { ProcessEvent } from './process-keeper.ts'

const softHsm = async () => {
  const token = await createSoftHsmToken()
  return { open: () => openPkcs11Module(token.options), remove: () => token.remove() }
}
// SoftHSM 2.6.1 makes Edwards keys and says CKR_KEY_NOT_WRAPPABLE of them.
const SHORTCOMINGS = { doesNotWrap: ['ed25519'] } as const
describeModule('PKCS #11 (SoftHSM2)', softHsm, SHORTCOMINGS)
describeKeyLife('PKCS #11 (SoftHSM2)', softHsm, SHORTCOMINGS)

describe('opening a token', () => {
  let token: SoftHsmToken
  before(async () => {
    token = await createSoftHsmToken()
  })
  after(() => token?.remove())

  const cannotOpen = (changes: Partial<Pkcs11ModuleOptions>, message: RegExp) =>
    assert.rejects(openPkcs11Module({ ...token.options, ...changes }), message)

  it('names the library and the token, and knows SoftHSM for software', async () => {
    const module = await openPkcs11Module(token.options)
    assert.equal(module.description.kind, 'pkcs11')
    assert.match(module.description.name, /SoftHSM v2, token natsuin test/)
    assert.equal(module.description.softwareModule, true)
    await module.close()
  })

  it('says which token is missing', () => cannotOpen({ tokenLabel: 'other' }, /no token labelled other/))

  it('says which library cannot be loaded', () => cannotOpen({ modulePath: '/nowhere/lib.so' }, /nowhere/))

  it('says that the PIN file is missing', () =>
    cannotOpen({ pinFile: join(token.directory, 'none') }, /ENOENT/))

  it('says that the PIN is wrong, without saying the PIN', async () => {
    const pinFile = join(token.directory, 'wrong-pin')
    await writeFile(pinFile, 'wrong-secret-pin', { mode: 0o600 })
    const error = await openPkcs11Module({ ...token.options, pinFile }).catch((reason: unknown) => reason)
    assert.ok(error instanceof Error)
    assert.match(error.message, /CKR_PIN_INCORRECT/)
    assert.doesNotMatch(`${error.message} ${error.stack}`, /wrong-secret-pin/)
  })

  it('says how to build the binding where it was not built', () => {
    const hooks = `import { registerHooks } from 'node:module'
      registerHooks({ resolve(name, context, next) {
        if (name === 'pkcs11js') throw new Error('Cannot find module pkcs11.node')
        return next(name, context)
      } })`
    const environment = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hooks)}` }
    return cannotOpen({ environment }, /pkcs11js was not built on this machine.*npm rebuild pkcs11js/)
  })

  it('refuses a PIN file that everybody may read', async () => {
    const pinFile = join(token.directory, 'open-pin')
    await writeFile(pinFile, 'x', { mode: 0o644 })
    await cannotOpen({ pinFile }, /must not be open to others/)
  })
})

describe('a key of which copies left the token', () => {
  const custodian = newKeyPair('rsa-3072')
  let token: SoftHsmToken
  let made: BackedUpKey
  let wrapped: WrappedKeyPair
  const open = (witnesses: Pkcs11ModuleOptions['witnesses'] = {}) =>
    openPkcs11Module({ ...token.options, witnesses })
  const sign = (module: CryptoModule) =>
    module.signWrapped('master', wrapped, [toSign('ecdsa-sha256', utf8('x'))])

  before(async () => {
    token = await createSoftHsmToken()
    const module = await open()
    made = await module.createWithBackup({ kind: 'master', label: 'master' }, [spkiOf(custodian.publicKey)])
    wrapped = await module.generateWrapped('master', 'ec-p256')
    await module.close()
  })
  after(() => token?.remove())

  it('is used by who opens the token with its witness, and by nobody else', async () => {
    const knowing = await open({ master: made.witness })
    assert.equal((await sign(knowing)).length, 1)
    await knowing.close()
    const unknowing = await open()
    await assert.rejects(sign(unknowing), /master key master.*NEVER_EXTRACTABLE is not true/)
    await unknowing.close()
  })

  it('is used by the processes that come after the one that made it', async () => {
    const module = await openPkcs11Module({ ...token.options, recycleAfter: { residentBytes: 1 } })
    await module.createMacKey('unrelated')
    await module.createWithBackup({ kind: 'mac', label: 'mac' }, [spkiOf(custodian.publicKey)])
    const mac = await module.mac('mac', utf8('x'))
    for (let i = 0; i < 20; i++) assert.deepEqual(await module.mac('mac', utf8('x')), mac)
    await module.close()
  })

  it('is not replaced unnoticed by another key of its name', async () => {
    const thief = await open({ master: made.witness })
    await thief.destroyKey({ kind: 'master', label: 'master' })
    await thief.createWithBackup({ kind: 'master', label: 'master' }, [spkiOf(custodian.publicKey)])
    await thief.close()
    const module = await open({ master: made.witness })
    await refuses('witness-differs', sign(module))
    await refuses('witness-differs', module.generateWrapped('master', 'ec-p256'))
    await module.close()
  })
})

describe('a master key that the officer of the token trusts (T-KEY-11)', () => {
  it('lets signers’ keys out, and no other key does', async () => {
    const own = await createSoftHsmToken()
    try {
      const untrusted = await openPkcs11Module(own.options)
      await untrusted.createMasterKey('master')
      await untrusted.createImportKey('import')
      const before = await untrusted.generateWrapped('master', 'ec-p256')
      assert.equal(await untrusted.guardsWrapping('master'), false)
      await untrusted.close()
      await own.trustSecretKeys()
      const module = await openPkcs11Module(own.options)
      assert.equal(await module.guardsWrapping('master'), true)
      const keys = [before, await module.generateWrapped('master', 'rsa-3072')]
      await module.createMasterKey('another')
      assert.equal(await module.guardsWrapping('another'), false)
      for (const key of keys) {
        for (const to of ['another', 'master']) assert.ok(await module.rewrap('master', to, key))
        assert.equal((await module.signWrapped('master', key, [])).length, 0)
      }
      await module.close()
    } finally {
      await own.remove()
    }
  })
})

describe('the process of the PKCS #11 library', () => {
  let token: SoftHsmToken
  let module: CryptoModule
  let events: ProcessEvent[]
  const open = async (changes: Partial<Pkcs11ModuleOptions>) => {
    events = []
    module = await openPkcs11Module({ ...token.options, ...changes, onProcess: event => events.push(event) })
  }
  const processIds = () =>
    events.flatMap(event =>
      event.kind === 'started' && event.processId !== undefined ? [event.processId] : [],
    )
  const latestProcess = () => {
    const id = processIds().at(-1)
    assert.ok(id !== undefined)
    return id
  }
  const signOne = async (key: Awaited<ReturnType<CryptoModule['generateWrapped']>>, text: string) => {
    const [signature] = await module.signWrapped('master', key, [toSign('ecdsa-sha256', utf8(text))])
    assertVerifies(key.spki, 'ecdsa-sha256', utf8(text), signature)
  }

  before(async () => {
    token = await createSoftHsmToken()
    await open({})
    await module.createMasterKey('master')
    await module.close()
  })
  after(() => token?.remove())
  afterEach(() => module.close())

  it('dies with requests under way: they are refused as module-unavailable, and the next call works', async () => {
    await open({})
    const key = await module.generateWrapped('master', 'ec-p256')
    process.kill(latestProcess(), 'SIGSTOP')
    const underWay = Array.from({ length: 20 }, () => module.signWrapped('master', key, []))
    setTimeout(() => process.kill(latestProcess(), 'SIGKILL'), 20)
    for (const activation of underWay) await refuses('module-unavailable', activation)
    await signOne(key, 'after the death')
    assert.equal(processIds().length, 2)
    assert.deepEqual(
      events.filter(({ kind }) => kind === 'died'),
      [{ token: 'natsuin test', kind: 'died', reason: 'SIGKILL' }],
    )
  })

  it('does not end when a terminal or a service manager signals the whole group', async () => {
    await open({})
    process.kill(latestProcess(), 'SIGINT')
    process.kill(latestProcess(), 'SIGTERM')
    for (let i = 0; i < 20; i++) assert.equal((await module.random(8)).length, 8)
    assert.equal(processIds().length, 1)
  })

  it('dies with nothing under way, and the next call works', async () => {
    await open({})
    const key = await module.generateWrapped('master', 'ec-p256')
    process.kill(latestProcess(), 'SIGKILL')
    await untilGone(latestProcess())
    await signOne(key, 'after the death')
  })

  it('is killed when it answers nothing for too long, and the next call works', async () => {
    await open({ stallSeconds: 1 })
    const key = await module.generateWrapped('master', 'ec-p256')
    process.kill(latestProcess(), 'SIGSTOP')
    await refuses('module-unavailable', module.signWrapped('master', key, []))
    await signOne(key, 'after the stall')
  })

  it('is succeeded under load again and again without losing a request', async () => {
    await open({ recycleAfter: { unwraps: 100 } })
    const key = await module.generateWrapped('master', 'ec-p256')
    let next = 0
    const client = async () => {
      while (processIds().length < 4) await signOne(key, `document ${next++}`)
    }
    await Promise.all(Array.from({ length: 16 }, client))
    assert.ok(next >= 300)
    const last = latestProcess()
    for (const id of processIds()) if (id !== last) await untilGone(id)
  })

  it('stays for the session keys that it holds when it is succeeded, and ends with the last of them', async () => {
    await open({ recycleAfter: { unwraps: 1 } })
    const holder = latestProcess()
    const keys = [await module.generateSession('ec-p256'), await module.generateSession('ec-p256')]
    const key = await module.generateWrapped('master', 'ec-p256')
    await signOne(key, 'wears it out')
    while (processIds().length < 2) await module.random(1)
    for (const [i, one] of keys.entries()) {
      const [signature] = await one.sign([toSign('ecdsa-sha256', utf8(`held ${i}`))])
      assertVerifies(one.spki, 'ecdsa-sha256', utf8(`held ${i}`), signature)
      process.kill(holder, 0)
      await one.destroy()
    }
    await untilGone(holder)
    await signOne(key, 'afterwards')
  })

  it('takes its session keys with it when it dies', async () => {
    await open({})
    const key = await module.generateSession('ec-p256')
    process.kill(latestProcess(), 'SIGKILL')
    await untilGone(latestProcess())
    await refuses('key-unknown', key.sign([toSign('ecdsa-sha256', utf8('x'))]))
    await key.destroy()
    assert.deepEqual(
      (await module.objects()).filter(({ persistent }) => !persistent),
      [],
    )
  })

  it('closes at once, whatever session keys it holds', async () => {
    await open({})
    const key = await module.generateSession('ec-p256')
    const last = key.sign([toSign('ecdsa-sha256', utf8('the last'))])
    await module.close()
    await untilGone(latestProcess())
    assert.equal((await last).length, 1)
  })

  it('is succeeded when its memory grows past the limit', async () => {
    await open({ recycleAfter: { residentBytes: 1 } })
    await module.random(1)
    while (!events.some(({ kind }) => kind === 'succeeded')) assert.equal((await module.random(8)).length, 8)
  })

  it('does not try a refused PIN a second time (T-P11-04)', async () => {
    const pinFile = join(token.directory, 'changing-pin')
    await writeFile(pinFile, '4711-natsuin', { mode: 0o600 })
    await open({ pinFile })
    await writeFile(pinFile, 'no longer the PIN')
    for (const attempt of [1, 2, 3]) {
      if (attempt === 1) process.kill(latestProcess(), 'SIGKILL')
      if (attempt === 1) await untilGone(latestProcess())
      await refuses('module-unavailable', module.random(1))
    }
    assert.equal(events.filter(({ kind }) => kind === 'not-started').length, 1)
  })

  it('answers what is under way before it closes, and leaves no process behind', async () => {
    await open({})
    const pending = Array.from({ length: 20 }, () => module.random(32))
    await module.close()
    assert.equal((await Promise.all(pending)).length, 20)
    await untilGone(latestProcess())
    await assert.rejects(module.random(1), ModuleRefusal)
  })
})

/** Resolves when no process has this id any more. */
async function untilGone(processId: number): Promise<void> {
  for (;;) {
    try {
      process.kill(processId, 0)
    } catch {
      return
    }
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
