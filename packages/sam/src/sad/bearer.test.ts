import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { toBase64url, utf8 } from '@natsuin/pki/encoding'
import { rounds, seed } from '@natsuin/testing/rounds'
import fc from 'fast-check'
import { approve, enrolSigner, signRequestFor, unseenItem } from '../fixture/people.ts'
import { foundPlace, type OpenPlace, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { watchModule } from '../fixture/watched.ts'
import { bearerDigest, newBearer } from './bearer.ts'

describe('the bearer value of a SAD', () => {
  it('is 256 bits, each of them as often one as zero, and never twice the same (T-SAD-19)', () => {
    const count = rounds('bearer')
    const digests = new Set<string>()
    const ones = new Uint32Array(256)
    for (let i = 0; i < count; i++) {
      const bearer = newBearer()
      const bytes = Buffer.from(bearer, 'base64url')
      assert.equal(bytes.length, 32)
      for (let bit = 0; bit < 256; bit++)
        ones[bit] = (ones[bit] ?? 0) + (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1)
      digests.add(toBase64url(bearerDigest(bearer)))
    }
    assert.equal(digests.size, count)
    // Seven standard deviations: one run in a billion is further away for any of the bits.
    const far = 7 * Math.sqrt(count / 4)
    for (const [bit, sum] of ones.entries()) assert.ok(Math.abs(sum - count / 2) < far, `bit ${bit}: ${sum}`)
  })
})

describe('a SAD that was altered', () => {
  const uses: string[] = []
  let world: OpenPlace & Place
  before(async () => {
    const place = await foundPlace()
    world = { ...place, ...(await openPlace(place, { module: watchModule(place.module, uses) })) }
  })
  after(() => world.store.close())

  const part = fc.string({ maxLength: 50, unit: 'binary' })
  const at = fc.nat(43)
  const none = toBase64url(utf8('{"alg":"none"}'))
  /** A text made out of the real one: cut, lengthened, written otherwise, or dressed as a token that says more. */
  const alteration = fc.oneof(
    fc.tuple(at, part).map(
      ([i, text]) =>
        (sad: string) =>
          sad.slice(0, i) + text + sad.slice(i + 1),
    ),
    fc.tuple(at, part).map(
      ([i, text]) =>
        (sad: string) =>
          sad.slice(0, i) + text + sad.slice(i),
    ),
    fc.tuple(at, at).map(
      ([i, j]) =>
        (sad: string) =>
          sad.slice(Math.min(i, j), Math.max(i, j)),
    ),
    fc.constantFrom(
      (sad: string) => sad.toUpperCase(),
      (sad: string) => `${sad}=`,
      (sad: string) => ` ${sad}`,
      (sad: string) => `${sad}\0`,
      (sad: string) => encodeURIComponent(`${sad}%`),
      (sad: string) => Buffer.from(sad, 'base64url').toString('base64'),
      (sad: string) => Buffer.from(sad, 'base64url').toString('hex'),
      (sad: string) => toBase64url(bearerDigest(sad)),
    ),
    fc.integer().map(numSignatures => (sad: string) => {
      return `${none}.${toBase64url(utf8(JSON.stringify({ sad, numSignatures })))}.`
    }),
    part.map(text => () => text),
  )

  it('is unknown, however it was altered, and no key is used (T-SAD-18)', async () => {
    const alice = await enrolSigner(world, { level: 1 })
    const item = unseenItem()
    const request = signRequestFor(await approve(world, alice, [item]), [item.dtbsr])
    const property = fc.asyncProperty(alteration, async alter => {
      const sad = alter(request.sad)
      if (sad !== request.sad) await assertRefused('sad-unknown', world.sap.sign({ ...request, sad }))
    })
    await fc.assert(property, { numRuns: rounds('forgery'), seed: seed() })
    assert.deepEqual(uses, [])
    assert.equal((await world.sap.sign(request)).signatures.length, 1)
  })
})
