import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createShim, type Shim } from '@natsuin/testing/pkcs11-shim'
import { createSoftHsmToken, type SoftHsmToken } from '../../softhsm/softhsm-token.ts'
import { openPkcs11Module, probePkcs11Token } from '../pkcs11-module.ts'
import type { TokenReport } from './finding.ts'
import { inMarkdown } from './report.ts'

let token: SoftHsmToken
let shim: Shim
before(async () => {
  token = await createSoftHsmToken()
  shim = createShim(token.options)
})
after(async () => {
  shim?.remove()
  await token?.remove()
})
afterEach(() => shim.play())

const HARDWARE = ['C_GetTokenInfo always maker Real Hardware', 'C_GetSlotInfo always flags 4']

const probe = (...script: readonly string[]): Promise<TokenReport> => {
  shim.play(...script)
  return probePkcs11Token({ ...token.options, ...shim.library })
}

const lacking = ({ findings }: TokenReport) => findings.flatMap(({ id, works }) => (works ? [] : [id]))

describe('the probe of a token', () => {
  it('finds in SoftHSM everything but hardware, and no more than level 1', async () => {
    const report = await probe()
    assert.deepEqual(lacking(report), ['hardware'])
    assert.equal(report.highestLevel, 1)
    assert.equal(report.keyTypes['ec-p256'].wraps, true)
    assert.equal(report.keyTypes.ed25519.wraps, false)
  })

  it('leaves nothing on the token', async () => {
    await probe()
    const module = await openPkcs11Module(token.options)
    assert.deepEqual(await module.objects(), [])
    await module.close()
  })

  it('lets hardware that does all of it up to level 3', async () => {
    const report = await probe(...HARDWARE)
    assert.deepEqual(lacking(report), [])
    assert.equal(report.highestLevel, 3)
  })

  it('caps what does not know of trusted keys at level 2', async () => {
    // The seventh pair that the probe makes is the one that only trusted keys may wrap.
    const report = await probe(...HARDWARE, 'C_GenerateKeyPair at=7 return 12')
    assert.deepEqual(lacking(report), ['trusted'])
    assert.equal(report.highestLevel, 2)
  })

  for (const [what, line, id] of [
    ['has no AES-KWP', '* always without 210a', 'wrap'],
    ['has no HMAC', '* always without 251', 'mac-key'],
    ['makes no AES keys', 'C_GenerateKey always return 70', 'master-key'],
    ['has a generator that is stuck', 'C_GenerateRandom from=3 constant', 'random'],
  ] as const) {
    it(`says that a token cannot be used that ${what}`, async () => {
      const report = await probe(...HARDWARE, line)
      assert.ok(lacking(report).includes(id), lacking(report).join(' '))
      assert.equal(report.highestLevel, 0)
    })
  }

  it('is no finding when the token is lost meanwhile', async () => {
    await assert.rejects(probe('C_WrapKey at=2 return 32'), { code: 'module-unavailable' })
  })
})

describe('crypto-module probe', () => {
  const MAIN = fileURLToPath(new URL('../../main.ts', import.meta.url))
  const run = (...args: readonly string[]) => {
    const { promise, resolve } = Promise.withResolvers<{ code: number; out: string; err: string }>()
    const options = { env: { ...process.env, ...token.options.environment } }
    const child = execFile(
      process.execPath,
      ['--conditions=natsuin-source', MAIN, ...args],
      options,
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    )
    return promise
  }
  const named = () => {
    const { modulePath, tokenLabel, pinFile } = token.options
    return ['--module', modulePath, '--token', tokenLabel, '--pin-file', pinFile]
  }

  it('prints text, JSON, and the tables of docs/hsm.md', async () => {
    const [text, json, markdown] = await Promise.all(
      [[], ['--json'], ['--markdown']].map(how => run(...named(), ...how)),
    )
    assert.equal(text?.code, 0)
    assert.match(text?.out ?? '', /✘ it is hardware.*needed from level 2.*\n/)
    assert.match(text?.out ?? '', /can be used up to level 1/)
    assert.equal((JSON.parse(json?.out ?? '') as TokenReport).highestLevel, 1)
    const page = await readFile(join(import.meta.dirname, '../../../../../docs/hsm.md'), 'utf8')
    assert.ok(page.includes(markdown?.out.trim() ?? '?'), `docs/hsm.md should hold:\n${markdown?.out}`)
  })

  it('says what is wrong, and nothing else', async () => {
    assert.equal((await run()).code, 2)
    assert.equal((await run(...named(), '--force')).code, 2)
    const absent = await run(...named(), '--token', 'absent')
    assert.deepEqual([absent.code, absent.out], [1, ''])
    assert.match(absent.err, /no token labelled absent/)
  })

  it('calls what a token cannot do by its name in both tables', async () => {
    const report = await probe('* always without d')
    assert.match(inMarkdown(report), /\| `rsa-3072` \| rsa-sha256, rsa-sha384, rsa-sha512 \| yes \|/)
  })
})
