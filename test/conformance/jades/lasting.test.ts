/**
 * JSON signatures that last: every level from every lower one, renewed as often as one likes (TS 119 182-1 V1.2.1, 5.3
 * and 6.3), with openssl judging each time-stamp over an imprint that the test computes by itself.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { augmentJades, completeJades, type UnsignedForm } from '@natsuin/ades/jades'
import type { RevocationSource } from '@natsuin/ades/validation-data'
import { utf8 } from '@natsuin/pki/encoding'
import { nodePlatform as platform } from '@natsuin/pki/node'
import { toPem } from '@natsuin/pki/x509'
import { openssl } from '@natsuin/testing/judges'
import {
  afterDays,
  issue,
  issuing,
  NOW,
  newTimeStampingUnit,
  ocspAnswerOf,
  root,
  SIGNER,
  signer,
  statusSource,
  timeStampToken,
} from '@natsuin/testing/pki'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { REACHED } from '../levels.ts'
import {
  ATTACHED,
  augment,
  decoded,
  encoded,
  type Flattened,
  flattened,
  prepare,
  said,
  sign,
  verify,
} from './signing.ts'

const folder = temporaryFolder()
const refusal = (code: string) => ({ name: 'AdesRefusal', code })
const file = (name: string, content: Uint8Array | string): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const anchor = file('root.pem', toPem('CERTIFICATE', root.certificate.bytes))

type Element = string | Record<string, unknown>

const elementsOf = (jws: string): readonly Element[] => flattened(jws).header?.etsiU ?? []
const asObject = (element: Element) => (typeof element === 'string' ? decoded(element) : element)
const namesOf = (jws: string) => elementsOf(jws).map(element => Object.keys(asObject(element))[0])

/** JSON with sorted members, for values without numbers and without members beyond ASCII (RFC 8785, 3.2.3). */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  )
}

/** What the standard says each time-stamp is over, written down once more. */
function stampedBy(jws: string, position: number): string {
  const { payload = '', protected: header, signature } = flattened(jws)
  const before = elementsOf(jws).slice(0, position)
  const texts = before.map(element => (typeof element === 'string' ? element : sorted(element)))
  return namesOf(jws)[position] === 'sigTst'
    ? signature
    : `${payload}.${header}.${signature}.${texts.join('')}`
}

function assertTimeStamps(jws: string, at = NOW): number {
  const stamps = elementsOf(jws).flatMap((element, position) => {
    const [[name = '', value] = []] = Object.entries(asObject(element))
    return name.endsWith('Tst') ? [{ position, value: value as { tstTokens: [{ val: string }] } }] : []
  })
  for (const { position, value } of stamps) {
    const token = file('token', Buffer.from(value.tstTokens[0].val, 'base64'))
    const question = ['-data', file('stamped', stampedBy(jws, position)), '-in', token, '-token_in']
    const shown = openssl(
      'ts',
      '-verify',
      ...question,
      '-CAfile',
      anchor,
      '-attime',
      String(at.getTime() / 1000),
    )
    assert.match(shown, /Verification: OK/)
  }
  return stamps.length
}

const container = (token: Uint8Array) => ({ tstTokens: [{ val: Buffer.from(token).toString('base64') }] })

/** An archive time-stamp of the fifth day over the signature with these unsigned values. */
async function archived(jws: Flattened, before: readonly object[]): Promise<string> {
  const { payload, protected: header, signature } = jws
  const stamped = utf8(`${payload}.${header}.${signature}.${before.map(encoded).join('')}`)
  const imprint = await platform.digest('sha512', stamped)
  return encoded({ arcTst: container(await timeStampToken(imprint, 'sha512', undefined, afterDays(5))) })
}

const at = async (level: 'B-B' | 'B-T' | 'B-LT' | 'B-LTA', unsigned: UnsignedForm = 'encoded') =>
  sign(ATTACHED, { level, unsigned })

for (const unsigned of ['encoded', 'clear'] as const) {
  describe(`unsigned values that are ${unsigned}`, () => {
    const STEPS = [
      ['B-B', 'B-T', ['sigTst']],
      ['B-B', 'B-LT', ['sigTst', 'xVals', 'rVals']],
      ['B-B', 'B-LTA', ['sigTst', 'xVals', 'rVals', 'arcTst']],
      ['B-T', 'B-LT', ['sigTst', 'xVals', 'rVals']],
      ['B-T', 'B-LTA', ['sigTst', 'xVals', 'rVals', 'arcTst']],
      ['B-LT', 'B-LTA', ['sigTst', 'xVals', 'rVals', 'arcTst']],
      ['B-LTA', 'B-LTA', ['sigTst', 'xVals', 'rVals', 'arcTst', 'tstVD', 'arcTst']],
    ] as const
    for (const [from, to, names] of STEPS) {
      it(`${from} to ${to}`, async () => {
        const before = await at(from, unsigned)
        const after = await augment(before, to, { unsigned })
        assert.equal(said(await verify(after)), `TOTAL-PASSED ${to}`)
        assert.equal(said(await verify(before)), `TOTAL-PASSED ${from}`)
        assert.deepEqual(namesOf(after), names)
        const form = unsigned === 'clear' ? 'object' : 'string'
        for (const element of elementsOf(after)) assert.equal(typeof element, form)
        assert.equal(assertTimeStamps(after), names.filter(name => name.endsWith('Tst')).length)
        const { protected: header, signature, payload } = flattened(before)
        const { header: _, ...signed } = flattened(after)
        assert.deepEqual(signed, { payload, protected: header, signature })
      })
    }
  })
}

describe('augmenting', () => {
  it('reaches none that is there already', async () => {
    for (const [from, to] of REACHED)
      await assert.rejects(augment(await at(from), to), refusal('level-already-reached'), `${from} to ${to}`)
  })

  it('writes a compact signature as flattened JSON, because compact has no room', async () => {
    const compact = await sign(ATTACHED, { serialization: 'compact' })
    const after = await augment(compact, 'B-T')
    const { payload, protected: header, signature } = flattened(after)
    assert.equal([header, payload, signature].join('.'), compact)
    assert.equal(said(await verify(after)), 'TOTAL-PASSED B-T')
  })

  it('keeps to the form of the unsigned values that are there', async () => {
    const after = await augment(await at('B-T', 'clear'), 'B-LTA', { unsigned: 'encoded' })
    assert.ok(elementsOf(after).every(element => typeof element === 'object'))
    assert.equal(said(await verify(after)), 'TOTAL-PASSED B-LTA')
  })

  it('keeps what an earlier one collected', async () => {
    const before = await at('B-LT')
    const after = await augment(before, 'B-LTA', { revocation: statusSource({ kind: 'crl' }) })
    const [, , , rVals] = elementsOf(after).map(asObject)
    assert.equal(namesOf(after)[2], 'rVals')
    const values = asObject(elementsOf(after)[2] ?? '')['rVals'] as Record<string, unknown[]>
    assert.ok((values['crlVals']?.length ?? 0) > 0 && (values['ocspVals']?.length ?? 0) > 0)
    assert.ok(rVals?.['arcTst'])
  })

  it('refuses what it cannot have: a revoked signer, no authority, no answer', async () => {
    const revoked = new Map([[signer.certificate, afterDays(-1)]])
    const before = await at('B-T')
    await assert.rejects(
      augment(before, 'B-LT', { revocation: statusSource({ revoked }) }),
      refusal('certificate-revoked'),
    )
    await assert.rejects(
      augmentJades(await at('B-B'), 'B-T', { platform, at: NOW }),
      refusal('time-stamp-unavailable'),
    )
    const silent: RevocationSource = () => assert.fail('not asked when there is no path')
    await assert.rejects(
      augment(before, 'B-LT', { revocation: silent, trustAnchors: [] }),
      refusal('no-path'),
    )
  })

  it('refuses what would be lost, and the time of a level that nobody says', async () => {
    const { header: _, ...jws } = flattened(await at('B-T'))
    for (const more of [{ header: { kid: 'x' } }, { more: 1 }])
      await assert.rejects(
        augment(JSON.stringify({ ...jws, ...more }), 'B-T'),
        refusal('signature-unreadable'),
      )
    const prepared = await prepare()
    const value = signer.sign(prepared.signingInput)
    await assert.rejects(completeJades(prepared, value, { platform, level: 'B-T' }), RangeError)
  })

  it('refuses what is no signature', async () => {
    for (const text of ['', 'a.b', '{}', '{"payload":"","protected":1,"signature":""}', 'null'])
      await assert.rejects(augment(text, 'B-T'), refusal('signature-unreadable'), text)
  })
})

describe('a signature that was renewed', () => {
  it('is judged at the times that its time-stamps prove, after every certificate in it has expired', async () => {
    const by = await issue({ name: 'Short', issuer: issuing, notAfter: afterDays(10), extensions: SIGNER })
    const first = await newTimeStampingUnit('TSU 1', afterDays(20))
    const second = await newTimeStampingUnit('TSU 2', afterDays(40))
    const third = await newTimeStampingUnit('TSU 3', afterDays(60))
    const b = await sign(ATTACHED, { by })
    const t = await augment(b, 'B-LT', { stampedBy: first })
    const archived = await augment(t, 'B-LTA', { at: afterDays(9), stampedBy: second })
    const renewed = await augment(archived, 'B-LTA', { at: afterDays(35), stampedBy: third })
    assert.equal(said(await verify(renewed, { at: afterDays(50) })), 'TOTAL-PASSED B-LTA')
    assert.match(said(await verify(archived, { at: afterDays(50) })), /^OUT_OF_BOUNDS_NO_POE/)
    assert.match(said(await verify(renewed, { at: afterDays(70) })), /^OUT_OF_BOUNDS_NO_POE/)
    const { archiveTimeStamps = [] } = (await verify(renewed, { at: afterDays(50) })).facts
    assert.deepEqual(
      archiveTimeStamps.map(({ generatedAt }) => generatedAt),
      [afterDays(9), afterDays(35)],
    )
  })

  it('gains nothing from a time-stamp over its value that no archive time-stamp covers (T-JAD-03)', async () => {
    const jws = flattened(await sign())
    const imprint = await platform.digest('sha256', utf8(jws.signature))
    const own = {
      sigTst: container(
        await timeStampToken(imprint, 'sha256', await newTimeStampingUnit('Old', afterDays(10))),
      ),
    }
    const attacked = JSON.stringify({ ...jws, header: { etsiU: [await archived(jws, []), encoded(own)] } })
    const covered = JSON.stringify({ ...jws, header: { etsiU: [encoded(own), await archived(jws, [own])] } })
    const { timeStamp, timeStampProblem, archiveTimeStamps } = (await verify(attacked, { at: afterDays(20) }))
      .facts
    assert.equal(archiveTimeStamps?.length, 1)
    assert.equal(timeStamp, undefined)
    assert.match(timeStampProblem ?? '', /^OUT_OF_BOUNDS_NO_POE/)
    assert.deepEqual((await verify(covered, { at: afterDays(20) })).facts.timeStamp?.generatedAt, NOW)
  })

  it('holds although its signer is revoked later', async () => {
    const revoked = new Map([[signer.certificate, afterDays(2)]])
    const options = { at: afterDays(3), revocation: statusSource({ revoked }) }
    const after = await augment(await at('B-T'), 'B-LT', options)
    assert.equal(said(await verify(after, { at: afterDays(3) })), 'TOTAL-PASSED B-LT')
  })

  it('does not when a validator finds that he was revoked before', async () => {
    const der = await ocspAnswerOf(signer.certificate, issuing, { thisUpdate: NOW, revokedAt: afterDays(-2) })
    const jws = flattened(await at('B-LT'))
    const rVals = { rVals: { ocspVals: [{ val: Buffer.from(der).toString('base64') }] } }
    jws.header?.etsiU.push(encoded(rVals))
    assert.equal(said(await verify(JSON.stringify(jws))), 'REVOKED_NO_POE: CN=Hanako Yamada')
  })
})
