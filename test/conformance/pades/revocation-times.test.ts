/**
 * When a certificate was revoked, beside when its key was used (T-REV-10): EN 319 102-1 V1.4.1, 5.2.6.4 and 5.5; for
 * time-stamping units RFC 3161, 4. Everything else is in order: the same document with the same answers but for one.
 *
 * The signature is stamped on day 0. A document time-stamp, where there is one, is of day 5 and covers what the store
 * says of day 4; what is appended later is of day 9, and so is the verdict.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TimeStampSource } from '@natsuin/ades/time-stamping'
import { OID } from '@natsuin/pki/asn1'
import type { CrlReason } from '@natsuin/pki/crl'
import { basicConstraints, extKeyUsage, keyUsage } from '@natsuin/pki/x509'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import {
  crlOf,
  type Entity,
  issue,
  issuing,
  NOW,
  ocspAnswerOf,
  root,
  signer,
  timeStampingUnit,
  timeStampToken,
} from '@natsuin/testing/pki'
import { withStore } from './appended.ts'
import { augment, sign, verify } from './signing.ts'

const day = (days: number) => new Date(NOW.getTime() + days * 24 * 60 * 60 * 1000)
/** Who archives is another unit than the one that stamped the signature. */
const archivist = await issue({
  name: 'Archivist',
  issuer: root,
  extensions: [
    basicConstraints({ ca: false }),
    keyUsage('digitalSignature'),
    extKeyUsage([OID.timeStamping], { critical: true }),
  ],
})
const signed = await sign(PDF_SHAPES[0]?.bytes() ?? new Uint8Array())
const unstamped = await sign(PDF_SHAPES[0]?.bytes() ?? new Uint8Array(), { withTimeStamp: false })

interface Revoked {
  readonly who: 'signer' | 'authority' | 'unit'
  readonly on: number
  readonly reason?: CrlReason
}

const SUBJECTS = {
  signer: [signer, issuing],
  authority: [issuing, root],
  unit: [timeStampingUnit, root],
} as const

type Answer = (...question: Parameters<typeof ocspAnswerOf>) => Promise<Uint8Array>

async function answers(thisUpdate: Date, revoked: Revoked | undefined, answer: Answer = ocspAnswerOf) {
  const wanted = Object.entries(SUBJECTS).map(
    ([who, [{ certificate }, issuer]]: [string, readonly [Entity, Entity]]) => {
      const isIt = revoked?.who === who
      const why = isIt && revoked.reason !== undefined ? { reason: revoked.reason } : {}
      return answer(certificate, issuer, {
        thisUpdate,
        ...(isIt ? { revokedAt: day(revoked.on), ...why } : {}),
      })
    },
  )
  return Promise.all(wanted)
}

/** The level, or why there is none. */
async function outcome(document: Uint8Array): Promise<string | undefined> {
  const verdict = await verify(document, day(9))
  return 'subIndication' in verdict ? verdict.subIndication : verdict.facts.level
}

type Row = readonly [revoked: Revoked, expected: 'B-B' | 'B-LT' | 'B-LTA' | 'REVOKED_NO_POE', why: string]

/** Behind a signature with a time-stamp, and nothing around that. */
const STORED: readonly Row[] = [
  [{ who: 'signer', on: -30 }, 'REVOKED_NO_POE', 'long before it signed'],
  [{ who: 'signer', on: -1 }, 'REVOKED_NO_POE', 'the day before'],
  [{ who: 'signer', on: 0 }, 'REVOKED_NO_POE', 'in the second in which it signed'],
  [
    { who: 'signer', on: 0, reason: 'cessationOfOperation' },
    'REVOKED_NO_POE',
    'in that second, in good order',
  ],
  [{ who: 'signer', on: 0, reason: 'certificateHold' }, 'REVOKED_NO_POE', 'held in that second'],
  [{ who: 'signer', on: 1 }, 'B-LT', 'the day after'],
  [{ who: 'signer', on: 1, reason: 'keyCompromise' }, 'B-LT', 'the day after, compromised'],
  [{ who: 'signer', on: 1, reason: 'certificateHold' }, 'B-LT', 'held the day after'],
  [{ who: 'signer', on: 8 }, 'B-LT', 'the day before the verdict'],
  [{ who: 'authority', on: -1 }, 'REVOKED_NO_POE', 'before what it certified signed'],
  [{ who: 'authority', on: 0 }, 'REVOKED_NO_POE', 'in the second in which what it certified signed'],
  [{ who: 'authority', on: 1 }, 'B-LT', 'after what it certified had signed'],
  [{ who: 'authority', on: 1, reason: 'keyCompromise' }, 'B-LT', 'compromised after that'],
  [{ who: 'unit', on: -1, reason: 'superseded' }, 'REVOKED_NO_POE', 'before it stamped'],
  [{ who: 'unit', on: 0, reason: 'superseded' }, 'REVOKED_NO_POE', 'in the second in which it stamped'],
  [{ who: 'unit', on: 1, reason: 'superseded' }, 'B-LT', 'given up in good order, after it had stamped'],
  [{ who: 'unit', on: 1, reason: 'affiliationChanged' }, 'B-LT', 'given up for another name, after that'],
  [{ who: 'unit', on: 1, reason: 'cessationOfOperation' }, 'B-LT', 'closed after that'],
  [
    { who: 'unit', on: 1, reason: 'keyCompromise' },
    'REVOKED_NO_POE',
    'compromised: its times say nothing any more',
  ],
  [{ who: 'unit', on: 1 }, 'REVOKED_NO_POE', 'for a reason that is not said, which may be that'],
]

/** The same under a document time-stamp of day 5 of another unit, before anything of this was known. */
const ARCHIVED: readonly Row[] = [
  [{ who: 'signer', on: 1 }, 'B-LTA', 'after it signed, before it was archived'],
  [{ who: 'signer', on: 6 }, 'B-LTA', 'after it was archived'],
  [{ who: 'authority', on: 6 }, 'B-LTA', 'after what it certified was archived'],
  [{ who: 'unit', on: 6 }, 'B-LTA', 'for a reason that is not said, after its time-stamp was archived'],
  [{ who: 'unit', on: 6, reason: 'keyCompromise' }, 'B-LTA', 'compromised after its time-stamp was archived'],
  [{ who: 'unit', on: 6, reason: 'superseded' }, 'B-LTA', 'given up after its time-stamp was archived'],
]

describe('revocation and the time of a signature (T-REV-10)', () => {
  for (const [form, answer] of [
    ['an OCSP answer', ocspAnswerOf],
    ['a CRL', crlOf],
  ] as const) {
    for (const [revoked, expected, why] of STORED) {
      it(`${revoked.who} revoked ${why}, by ${form}: ${expected}`, async () => {
        const list = await answers(day(4), revoked, answer)
        const store = form === 'a CRL' ? { crls: list } : { ocsp: list }
        assert.equal(await outcome(withStore(signed, store)), expected)
      })
    }
  }

  for (const [revoked, expected, why] of ARCHIVED) {
    it(`${revoked.who} revoked ${why}: ${expected}`, async () => {
      const timeStamp: TimeStampSource = (imprint, algorithm) =>
        timeStampToken(imprint, algorithm, archivist, day(5))
      const archived = await augment(signed, 'B-LTA', { timeStamp, at: day(4) })
      assert.equal(await outcome(archived), 'B-LTA')
      assert.equal(await outcome(withStore(archived, { ocsp: await answers(day(8), revoked) })), expected)
    })
  }

  it('passes with answers that are all good', async () => {
    assert.equal(await outcome(withStore(signed, { ocsp: await answers(day(4), undefined) })), 'B-LT')
  })

  it('is nothing that a signature without a time can be judged by, when its certificate is revoked', async () => {
    for (const on of [-1, 1, 8]) {
      const ocsp = await answers(day(8), { who: 'signer', on })
      assert.equal(await outcome(withStore(unstamped, { ocsp })), 'REVOKED_NO_POE')
    }
  })
})
