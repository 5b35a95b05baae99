/** Reads the history of a JSON signature out of its etsiU: TS 119 182-1 V1.2.1, 5.3.1 and 5.3.2. */
import { fromBase64 } from '@natsuin/pki/encoding'
import { type Certificate, parseCertificate } from '@natsuin/pki/x509'
import { readable } from '../signing/readable.ts'
import { readTimeStamp, type TimeStamp } from '../time-stamping/read-time-stamp.ts'
import {
  type SignedAt,
  type StampedAt,
  UnsignedHistory,
  type ValueKind,
} from '../validation-data/unsigned-history.ts'
import { asList, asText } from './json-values.ts'
import { decodedObject, type JwsSignature, readJws } from './jws.ts'
import { isValidationData, readUnsigned, tokensIn, type UnsignedValue } from './unsigned-values.ts'

export interface JadesHistory {
  readonly values: readonly UnsignedValue[]
  /** Whose signature it is. */
  readonly signer: Certificate
  readonly history: UnsignedHistory
}

/** @throws AdesRefusal `signature-unreadable` */
export function readHistory(signature: JwsSignature): JadesHistory {
  const values = signature.etsiU.map(readUnsigned)
  const timeStamps = values.flatMap(timeStampsAt)
  const stamps = timeStamps.filter(({ isArchive }) => !isArchive)
  const own = signedAt(signature, -1, stamps)
  const signatures = [own, ...values.flatMap(counterSignaturesAt)]
  const history = new UnsignedHistory({ kinds: values.map(kindOf), timeStamps, signatures })
  return { values, signer: own.signer, history }
}

function kindOf(value: UnsignedValue): ValueKind {
  if (value.name === 'arcTst') return 'archive-time-stamp'
  return isValidationData(value) ? 'validation-data' : 'other'
}

function timeStampsAt({ name, value }: UnsignedValue, position: number): readonly StampedAt[] {
  if (name !== 'sigTst' && name !== 'arcTst') return []
  const place = { isArchive: name === 'arcTst', position }
  return tokensIn(value).map(token => ({ ...place, ...readable(() => readTimeStamp(token)) }))
}

/** 5.3.2: one signature, in compact form or in JSON. */
function counterSignaturesAt({ name, value }: UnsignedValue, position: number): readonly SignedAt[] {
  if (name !== 'cSig') return []
  const { signatures } = readJws(typeof value === 'string' ? value : JSON.stringify(value))
  return signatures.map(signature => {
    const timeStamps = signature.etsiU.map(readUnsigned).flatMap(timeStampsAt)
    return signedAt(signature, position, timeStamps)
  })
}

function signedAt(signature: JwsSignature, position: number, timeStamps: readonly TimeStamp[]): SignedAt {
  const chain = asList(decodedObject(signature.protected)['x5c'] ?? []).map(asText)
  const certificates = chain.map(text => fromBase64(text) ?? new Uint8Array())
  const [own = new Uint8Array()] = certificates
  return { signer: readable(() => parseCertificate(own)), certificates, position, timeStamps }
}
