/** XAdES: every algorithm at every level, every packaging and canonical form. EN 319 132-1 V1.3.1, 6. */
import { bytesSource } from '@natsuin/ades/pdf'
import {
  type AugmentXadesOptions,
  augmentXades,
  COMMITMENT_TYPES,
  completeXades,
  type PrepareXadesOptions,
  prepareXades,
  prepareXadesCounterSignature,
  type XadesContent,
} from '@natsuin/ades/xades'
import { utf8 } from '@natsuin/pki/encoding'
import { nodePlatform as platform } from '@natsuin/pki/node'
import { type Entity, NOW } from '@natsuin/testing/pki'
import { chain } from './authorities.ts'
import type { Cell } from './cell.ts'
import { atLevel, cellsOf, everyAlgorithm, everyLevel, type Maker, refusals, renewal } from './row.ts'
import { ALGORITHMS, type Augmenting, lasting, minutes, signerFor, timeStampAt } from './stage.ts'

const cell = cellsOf('XAdES', '.xml')

const DEED = utf8(
  '<deed xmlns="urn:deed" xmlns:n="urn:n" n:of="印鑑">\r\n  <price currency="JPY">1000</price>\n</deed>\n',
)
const NAME = 'deed.xml'
const OBJECTS = [{ uri: NAME, content: bytesSource(DEED), mimeType: 'text/xml' }]

/** RSASSA-PKCS1-v1_5 with SHA-3 has no URI (RFC 9231, 2.3). */
const NAMED = ALGORITHMS.filter(algorithm => !algorithm.startsWith('rsa-sha3-'))

const ENVELOPED = { packaging: 'enveloped', document: DEED } as const
const ENVELOPING = { packaging: 'enveloping', objects: [{ bytes: DEED, mimeType: 'text/xml' }] } as const
const DETACHED = { packaging: 'detached', objects: OBJECTS } as const

function signingOptions(by: Entity): PrepareXadesOptions {
  const signer = { signingCertificate: by.certificate.bytes, chain, signatureAlgorithm: by.algorithm }
  return { ...signer, platform, signingTime: NOW }
}

type Signing = Pick<Maker, 'given'> & { readonly wishes?: Partial<PrepareXadesOptions> }

function makerOf(what: string, content: XadesContent, { given = {}, wishes = {} }: Signing = {}): Maker {
  return {
    what,
    given,
    sign: async (level, by, stampedBy) => {
      const prepared = await prepareXades(content, { ...signingOptions(by), ...wishes })
      const timeStamp = level === 'B-B' ? {} : { timeStamp: timeStampAt(minutes(1), stampedBy) }
      return completeXades(prepared, by.sign(prepared.signedInfo), { platform, ...timeStamp })
    },
    augment: (signed, level, how) => augmentXades(signed, level, augmenting(how)),
  }
}

function augmenting(how: Augmenting): AugmentXadesOptions {
  return { ...lasting(how), detached: uri => OBJECTS.find(object => object.uri === uri)?.content }
}

const enveloped = makerOf('in the document', ENVELOPED)
const detached = makerOf('beside a file', DETACHED, { given: { detached: { [NAME]: DEED } } })
const enveloping = makerOf('around a file', ENVELOPING)

const claims = makerOf('with everything a signer may say', ENVELOPED, {
  wishes: {
    claimedRoles: ['部長', 'Buyer & <co>'],
    productionPlace: {
      city: '京都',
      streetAddress: '1-2',
      stateOrProvince: '京都府',
      postalCode: '600',
      countryName: 'JP',
    },
    commitmentTypes: [COMMITMENT_TYPES.proofOfApproval, '1.2.3.4'],
  },
})

const inclusive = (['c14n', 'c14n11'] as const).map(canonicalForm =>
  makerOf(`in the document, ${canonicalForm}`, { ...ENVELOPED, canonicalForm }),
)

/** Signed by one after the other, and raised together. The document brings what is known of both. */
const twoSigners: Maker = {
  ...enveloped,
  what: 'two signers side by side',
  sign: async (level, by, stampedBy) => {
    const document = await enveloped.sign(level, await signerFor('rsa-pss-sha256'), stampedBy)
    return makerOf('', { ...ENVELOPED, document }).sign(level, by, stampedBy)
  },
}

const counterSigned: Maker = {
  ...enveloped,
  what: 'with a counter-signature',
  sign: async (level, by, stampedBy) => {
    const signed = await enveloped.sign(level, by, stampedBy)
    const prepared = await prepareXadesCounterSignature(signed, signingOptions(by))
    const timeStamp = level === 'B-B' ? {} : { timeStamp: timeStampAt(minutes(1), stampedBy) }
    return completeXades(prepared, by.sign(prepared.signedInfo), { platform, ...timeStamp })
  },
}

function altered(signed: Uint8Array): Uint8Array {
  return utf8(new TextDecoder().decode(signed).replace('>1000<', '>9000<'))
}

const withTwo = (one: Cell): Cell => ({ ...one, signatures: 2 })

export const xadesCells: readonly Cell[] = [
  ...everyAlgorithm(cell, enveloped, NAMED),
  ...[enveloping, detached, claims, ...inclusive].flatMap(maker => everyLevel(cell, maker)),
  ...[enveloping, detached].map(maker => renewal(cell, maker)),
  ...everyLevel(cell, twoSigners).slice(2).map(withTwo),
  ...everyLevel(cell, counterSigned).slice(0, 2).map(withTwo),
  ...refusals(cell, enveloped, {
    document: async () => altered(await atLevel(enveloped, 'B-LTA', await signerFor('ecdsa-sha256'))),
  }),
]
