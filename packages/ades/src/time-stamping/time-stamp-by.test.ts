/** What an authority may answer instead of a time-stamp over what it was asked about (T-TSA-09). */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { concat } from '@natsuin/pki/encoding'
import { nodePlatform as platform } from '@natsuin/pki/node'
import {
  assembleTimeStampToken,
  buildTimeStampRejection,
  buildTimeStampResponse,
  buildTstInfo,
  parseTimeStampRequest,
  prepareTimeStampToken,
  type TstInfoParts,
} from '@natsuin/pki/tsp'
import { type Entity, NOW, signer, timeStampingUnit } from '@natsuin/testing/pki'
import { timeStampBy } from './time-stamp-by.ts'

const IMPRINT = new Uint8Array(createHash('sha256').update('what is stamped').digest())

interface Answer {
  readonly parts?: Partial<TstInfoParts>
  readonly unit?: Entity
  readonly certReq?: boolean
  readonly signed?: (attributes: Uint8Array) => Uint8Array
}

/** A token over what the request asks for, but for what is said. */
async function answerTo(
  request: Uint8Array,
  { parts, unit = timeStampingUnit, certReq = true, signed }: Answer,
) {
  const { imprint, nonce } = parseTimeStampRequest(request)
  const tstInfo = buildTstInfo({
    policy: '1.2.3.4',
    digestAlgorithm: 'sha256',
    hashedMessage: imprint.hashedMessage,
    serialNumber: Uint8Array.of(1),
    genTime: NOW,
    nonce,
    ...parts,
  })
  const prepared = await prepareTimeStampToken(tstInfo, unit.certificate, unit.algorithm, platform)
  const value = (signed ?? unit.sign)(prepared.signedAttributes)
  return buildTimeStampResponse(assembleTimeStampToken(prepared, value, { certReq }))
}

type Authority = (request: Uint8Array) => Promise<Uint8Array>
const answering =
  (answer: Answer): Authority =>
  request =>
    answerTo(request, answer)
const other = new Uint8Array(createHash('sha256').update('something else').digest())

const FAULTS: Readonly<Record<string, Authority>> = {
  'nothing at all': async () => new Uint8Array(),
  'a page of the web': async () => new TextEncoder().encode('<html>503 Service Unavailable</html>'),
  'DER that is no answer': async () => Uint8Array.of(0x30, 0),
  'an answer cut short': async request => (await answerTo(request, {})).slice(0, -1),
  'an answer and more': async request => concat(await answerTo(request, {}), Uint8Array.of(0)),
  'the request itself': async request => request,
  'a rejection': async () => buildTimeStampRejection('systemFailure', 'out of order'),
  'another imprint': answering({ parts: { hashedMessage: other } }),
  'another digest algorithm': answering({
    parts: { digestAlgorithm: 'sha384', hashedMessage: new Uint8Array(48) },
  }),
  'another nonce': answering({ parts: { nonce: Uint8Array.of(1) } }),
  'no nonce': answering({ parts: { nonce: undefined } }),
  'an answer to an earlier request': (() => {
    const earlier: Uint8Array[] = []
    return async request => {
      earlier.push(await answerTo(request, {}))
      const first = earlier[0] ?? request
      return earlier.length === 1 ? answerTo(request, { parts: { nonce: Uint8Array.of(1) } }) : first
    }
  })(),
  'a token without its certificate': answering({ certReq: false }),
  'a token by a certificate for signing': answering({ unit: signer }),
  'a token by another key': answering({ signed: signer.sign }),
}

describe('a time-stamping authority that is not to be believed (T-TSA-09)', () => {
  it('is one that answers what it was asked', async () => {
    const token = await timeStampBy({ platform, exchange: answering({}) })(IMPRINT, 'sha256')
    assert.ok(token.length > 500)
  })

  for (const [what, exchange] of Object.entries(FAULTS)) {
    it(`answers with ${what}`, async () => {
      const timeStamp = timeStampBy({ platform, exchange })
      for (let attempt = 0; attempt < 2; attempt++)
        await assert.rejects(timeStamp(IMPRINT, 'sha256'), { code: 'time-stamp-invalid' })
    })
  }
})
