import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, afterEach, before, describe, it } from 'node:test'
import { ModuleRefusal, verifyDigest } from '@natsuin/crypto-module'
import type { ApprovalItem } from '@natsuin/protocol/approval'
import { type Leaf, leaf } from '@natsuin/protocol/log'
import type { SapRefusal, SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { readStrictJson } from '@natsuin/protocol/shape'
import { rounds } from '@natsuin/testing/rounds'
import { countingModule } from '../fixture/counting-module.ts'
import { CLIENT, classOf, foundSam, OTHER_CLIENT, type TestSam } from '../fixture/founded.ts'
import { approvalOf, enrolSigner, type Signer, seen, signingOf, unseen } from '../fixture/people.ts'
import { refuses } from '../fixture/refuses.ts'

const module = countingModule()
let test: TestSam
let alice: Signer

before(async () => {
  test = await foundSam({
    classes: [classOf(1), classOf(1, { id: 'rsa', keyType: 'rsa-3072' }), classOf(3, { id: 'strict' })],
    moduleInFront: module.inFront,
  })
  alice = await enrolSigner(test)
})
after(() => test.remove())
afterEach(() => {
  module.signed = 0
  module.signWrapped = undefined
  test.hooks.atFailpoint = async () => {}
})

/** A SAD for these items, and what to ask with it. */
async function approved(items: readonly ApprovalItem[], signer = alice) {
  return test.call.approve(await approvalOf(test, signer, items))
}

/** Leaves of the log from an index on. */
async function leavesFrom(index: number): Promise<Leaf[]> {
  return (await test.sam.store.rows(index, 1000)).map(row => readStrictJson(row.leaf, leaf))
}

function assertSigned(
  { signatures }: SapResponse<'sign'>,
  { dtbsrs, signatureAlgorithm: algorithm }: SapRequest<'sign'>,
  { attestation: { keyType: type, publicKey: spki } }: Signer,
): void {
  assert.equal(signatures.length, dtbsrs.length)
  for (const [i, signature] of signatures.entries()) {
    const digest = dtbsrs[i] ?? new Uint8Array()
    assert.ok(verifyDigest({ type, spki }, { algorithm, digest }, signature), `signature ${i}`)
  }
}

describe('sign (sole-control 5)', () => {
  it('signs what was approved, in the order in which it is asked for', async () => {
    const items = [unseen(), await seen(alice), unseen(), unseen()]
    const sad = await approved(items)
    const request = signingOf(sad, items.toReversed())
    assertSigned(await test.call.sign(request), request, alice)
    assert.equal(module.signed, 4)
  })

  it('signs with RSA keys', async () => {
    const signer = await enrolSigner(test, { credentialClass: 'rsa' })
    const items = [unseen(), unseen()]
    const request = signingOf(await approved(items, signer), items, { signatureAlgorithm: 'rsa-sha256' })
    assertSigned(await test.call.sign(request), request, signer)
  })

  it('records granted before the module is asked, and completed before anything is released', async () => {
    const items = [unseen()]
    const sad = await approved(items)
    const start = test.sam.journal.head.size
    const at: Record<string, string[]> = {}
    test.hooks.atFailpoint = async name => {
      at[name] = (await leavesFrom(start)).map(({ event }) => event)
    }
    module.signWrapped = async () => {
      at['module'] = (await leavesFrom(start)).map(({ event }) => event)
      throw new ModuleRefusal('module-unavailable', 'out of order')
    }
    await refuses(test.call.sign(signingOf(sad, items)), 'module-unavailable')
    assert.deepEqual(at, { granted: ['granted'], module: ['granted'] })
    module.signWrapped = undefined
    const again = await approved(items)
    const before = test.sam.journal.head.size
    test.hooks.atFailpoint = async name => {
      at[name] = (await leavesFrom(before)).map(({ event }) => event)
    }
    await test.call.sign(signingOf(again, items))
    assert.deepEqual(at['module-signed'], ['granted'])
    assert.deepEqual(at['completed'], ['granted', 'completed'])
  })

  const wrong: readonly (readonly [string, SapRefusal, Partial<SapRequest<'sign'>>])[] = [
    ['another client’s SAD', 'sad-other-client', { clientId: OTHER_CLIENT }],
    ['a SAD for another credential', 'sad-other-credential', { credentialId: 'another' }],
    ['a SAD that nobody issued', 'sad-unknown', { sad: randomBytes(32).toString('base64url') }],
    ['another digest algorithm than was approved', 'algorithm-mismatch', { digestAlgorithm: 'sha384' }],
    ['a signature algorithm of another digest', 'algorithm-mismatch', { signatureAlgorithm: 'ecdsa-sha384' }],
    [
      'a signature algorithm of another kind of key',
      'algorithm-mismatch',
      { signatureAlgorithm: 'rsa-sha256' },
    ],
    ['a representation that was not approved', 'dtbsr-not-authorised', { dtbsrs: [randomBytes(32)] }],
    ['a short digest', 'digest-length', { dtbsrs: [randomBytes(20)] }],
    ['a long digest', 'digest-length', { dtbsrs: [randomBytes(48)] }],
    ['a DigestInfo in place of a digest', 'digest-length', { dtbsrs: [randomBytes(51)] }],
  ]
  for (const [what, code, members] of wrong) {
    it(`refuses ${what}: ${code}; nothing is spent and the module is not asked`, async () => {
      const items = [unseen()]
      const sad = await approved(items)
      await refuses(test.call.sign(signingOf(sad, items, members)), code)
      assert.equal(module.signed, 0)
      const request = signingOf(sad, items)
      assertSigned(await test.call.sign(request), request, alice)
    })
  }

  it('refuses a digest that differs in one bit', async () => {
    const items = [unseen()]
    const sad = await approved(items)
    const [{ dtbsr }] = items as [ApprovalItem]
    for (let bit = 0; bit < 256; bit++) {
      const flipped = dtbsr.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
      await refuses(test.call.sign(signingOf(sad, [{ dtbsr: flipped }])), 'dtbsr-not-authorised')
    }
    assert.equal(module.signed, 0)
  })

  it('spends each approved representation once (T-SAD-06)', async () => {
    const [first, second] = [unseen(), unseen()]
    const sad = await approved([first, second])
    await refuses(test.call.sign(signingOf(sad, [first, first])), 'dtbsr-not-authorised')
    await refuses(test.call.sign(signingOf(sad, [first, second, unseen()])), 'multisign-exceeded')
    await test.call.sign(signingOf(sad, [first]))
    await refuses(test.call.sign(signingOf(sad, [first])), 'dtbsr-not-authorised')
    await test.call.sign(signingOf(sad, [second]))
    await refuses(test.call.sign(signingOf(sad, [second])), 'sad-spent')
    assert.equal(module.signed, 2)
  })

  it('signs a representation as often as it was approved', async () => {
    const item = unseen()
    const sad = await approved([item, item])
    await test.call.sign(signingOf(sad, [item, item]))
    await refuses(test.call.sign(signingOf(sad, [item])), 'sad-spent')
  })

  it('gives a call all of its representations or none (T-SAD-04)', async () => {
    const items = Array.from({ length: 10 }, () => unseen())
    const sad = await approved(items)
    await test.call.sign(signingOf(sad, items.slice(0, 8)))
    await refuses(test.call.sign(signingOf(sad, items.slice(7))), 'multisign-exceeded')
    await test.call.sign(signingOf(sad, items.slice(8)))
    assert.equal(module.signed, 10)
  })

  it('makes one signature of 200 parallel requests with a SAD for one (T-SAD-02)', async () => {
    for (let round = 0; round < rounds('race'); round++) {
      module.signed = 0
      const items = [unseen()]
      const request = signingOf(await approved(items), items)
      const answers = await Promise.allSettled(Array.from({ length: 200 }, () => test.call.sign(request)))
      assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1)
      assert.equal(module.signed, 1)
    }
  })

  it('never exceeds what was approved, whatever forty parallel calls take (T-SAD-03)', async () => {
    const items = Array.from({ length: 10 }, () => unseen())
    const sad = await approved(items)
    const calls = Array.from({ length: 40 }, (_, i) => items.slice(i % 8, (i % 8) + 1 + (i % 3)))
    const answers = await Promise.allSettled(calls.map(some => test.call.sign(signingOf(sad, some))))
    const signed = answers.flatMap(one => (one.status === 'fulfilled' ? one.value.signatures : []))
    assert.ok(signed.length <= 10)
    assert.equal(module.signed, signed.length)
  })

  describe('when the same request comes again', () => {
    it('returns the stored values and asks the module once (T-SAD-01)', async () => {
      const items = [unseen(), unseen()]
      const request = signingOf(await approved(items), items, { requestId: 'retry-1' })
      const first = await test.call.sign(request)
      assert.deepEqual(await test.call.sign(request), first)
      assert.equal(module.signed, 2)
      await refuses(test.call.sign({ ...request, requestId: '' }), 'sad-spent')
    })

    it('joins the request that is under way', async () => {
      const items = [unseen()]
      const request = signingOf(await approved(items), items, { requestId: 'retry-2' })
      const answers = await Promise.all(Array.from({ length: 20 }, () => test.call.sign(request)))
      assert.equal(
        new Set(answers.map(({ signatures }) => Buffer.from(signatures[0] ?? '').toString('hex'))).size,
        1,
      )
      assert.equal(module.signed, 1)
    })

    it('refuses other content under the same request id', async () => {
      const items = [unseen(), unseen()]
      const request = signingOf(await approved(items), items.slice(0, 1), { requestId: 'retry-3' })
      await test.call.sign(request)
      const { dtbsrs } = signingOf(await approved(items), items.slice(1))
      await refuses(test.call.sign({ ...request, dtbsrs }), 'request-differs')
      await refuses(test.call.sign({ ...request, clientId: OTHER_CLIENT }), 'request-differs')
    })

    it('keeps the values past the expiry of the SAD, and not for ever', async () => {
      const own = await foundSam()
      try {
        const signer = await enrolSigner(own)
        const items = [unseen()]
        const accepted = await own.call.approve(await approvalOf(own, signer, items))
        const request = signingOf(accepted, items, { requestId: 'retry-4' })
        const first = await own.call.sign(request)
        own.clock.advance(3600)
        assert.deepEqual(await own.call.sign(request), first)
        own.clock.advance(86_400)
        await refuses(own.call.sign(request), 'sad-expired')
      } finally {
        await own.remove()
      }
    })

    it('answers from the record after a restart, which voids what was left of the SAD', async () => {
      const own = await foundSam()
      try {
        const signer = await enrolSigner(own)
        const items = [unseen(), unseen()]
        const accepted = await own.call.approve(await approvalOf(own, signer, items))
        const request = signingOf(accepted, items.slice(0, 1), { requestId: 'retry-5' })
        const first = await own.call.sign(request)
        await own.crash()
        await own.reopen()
        assert.deepEqual(await own.call.sign(request), first)
        await refuses(own.call.sign(signingOf(accepted, items.slice(1))), 'sad-unknown')
      } finally {
        await own.remove()
      }
    })
  })

  describe('when something fails after the grant', () => {
    it('settles as failed when the module refuses, and the use stays used', async () => {
      const items = [unseen()]
      const request = signingOf(await approved(items), items, { requestId: 'failed' })
      const start = test.sam.journal.head.size
      module.signWrapped = async () => {
        throw new ModuleRefusal('module-unavailable', 'no module')
      }
      await refuses(test.call.sign(request), 'module-unavailable')
      module.signWrapped = undefined
      assert.deepEqual(
        (await leavesFrom(start)).map(({ event }) => event),
        ['granted', 'settled', 'refused'],
      )
      await refuses(test.call.sign(request), 'module-unavailable')
      await refuses(test.call.sign({ ...request, requestId: '' }), 'sad-spent')
    })

    it('releases no signature by another key, over another digest, or too few (T-SAD-33)', async () => {
      const real = test.sam.module
      const other = await real.generateWrapped('natsuin-master', 'ec-p256')
      const faulty: readonly (typeof real.signWrapped)[] = [
        (master, _, requests) => real.signWrapped(master, other, requests),
        async (_, __, requests) => requests.map(() => Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1)),
        async () => [],
      ]
      for (const signWrapped of faulty) {
        for (const item of [unseen(), await seen(alice)]) {
          const sad = await approved([item])
          // The faulty module asks the real one below itself.
          module.signWrapped = async (...given) => {
            module.signWrapped = undefined
            return signWrapped(...given)
          }
          await refuses(test.call.sign(signingOf(sad, [item])), 'module-unavailable')
        }
      }
    })

    it('settles what a crash left open as unknown: burnt, and never signed again', async () => {
      const counting = countingModule()
      const own = await foundSam({ moduleInFront: counting.inFront })
      try {
        const signer = await enrolSigner(own)
        const items = [unseen()]
        const accepted = await own.call.approve(await approvalOf(own, signer, items))
        const request = signingOf(accepted, items, { requestId: 'crashed' })
        const stopped = Promise.withResolvers<void>()
        own.hooks.atFailpoint = name => {
          if (name === 'module-signed') stopped.resolve()
          return name === 'module-signed' ? new Promise(() => {}) : Promise.resolve()
        }
        void own.call.sign(request)
        await stopped.promise
        await own.crash()
        own.hooks.atFailpoint = async () => {}
        await own.reopen()
        await refuses(own.call.sign(request), 'outcome-unknown')
        await refuses(own.call.sign({ ...request, requestId: '' }), 'sad-unknown')
        assert.equal(counting.signed, 1)
      } finally {
        await own.remove()
      }
    })
  })

  describe('when the credential is revoked', () => {
    it('refuses a SAD that was accepted before', async () => {
      const signer = await enrolSigner(test)
      const items = [unseen()]
      const sad = await approved(items, signer)
      await test.call['credentials/revoke']({ credentialId: signer.credentialId, reason: 'unspecified' })
      await refuses(test.call.sign(signingOf(sad, items)), 'credential-revoked')
      await refuses(approvalOf(test, signer, items), 'credential-revoked')
      assert.equal(module.signed, 0)
    })

    for (const point of ['granted', 'module-signed', 'completed'] as const) {
      it(`releases nothing when that happens at ${point}, nor to a retry`, async () => {
        const signer = await enrolSigner(test)
        const items = [unseen()]
        const request = signingOf(await approved(items, signer), items, { requestId: `fence-${point}` })
        test.hooks.atFailpoint = async name => {
          if (name !== point) return
          const { credentialId } = signer
          await test.call['credentials/revoke']({ credentialId, reason: 'keyCompromise' })
        }
        await refuses(test.call.sign(request), 'credential-revoked')
        await assert.rejects(test.call.sign(request))
      })
    }
  })

  it('refuses at the second of expiry and signs one second before (T-SAD-15)', async () => {
    const own = await foundSam()
    try {
      const signer = await enrolSigner(own)
      const items = [unseen(), unseen()]
      const sad = await own.call.approve(await approvalOf(own, signer, items))
      own.clock.advance(299)
      await own.call.sign(signingOf(sad, items.slice(0, 1)))
      own.clock.advance(1)
      await refuses(own.call.sign(signingOf(sad, items.slice(1))), 'sad-expired')
      own.clock.setBack(200)
      await refuses(own.call.sign(signingOf(sad, items.slice(1))), 'sad-expired')
    } finally {
      await own.remove()
    }
  })

  it('refuses when the certificate has expired meanwhile', async () => {
    const own = await foundSam({ classes: [classOf(1, { sadSeconds: 3600 })] })
    try {
      const signer = await enrolSigner(own)
      own.clock.advance(365 * 86_400 - 10)
      const items = [unseen(), unseen()]
      const sad = await own.call.approve(await approvalOf(own, signer, items))
      await own.call.sign(signingOf(sad, items.slice(0, 1)))
      own.clock.advance(20)
      await refuses(own.call.sign(signingOf(sad, items.slice(1))), 'certificate-expired')
    } finally {
      await own.remove()
    }
  })

  it('knows its clients by the approval alone', async () => {
    const items = [unseen()]
    const accepted = await test.call.approve(await approvalOf(test, alice, items, { clientId: OTHER_CLIENT }))
    await refuses(test.call.sign(signingOf(accepted, items, { clientId: CLIENT })), 'sad-other-client')
    await test.call.sign(signingOf(accepted, items))
  })
})
