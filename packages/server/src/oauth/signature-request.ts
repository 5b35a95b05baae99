/**
 * What signatures an authorization request of scope `credential` asks for, in either of its two forms:
 * `authorization_details`, or the parameters `credentialID`, `numSignatures`, `hashes`, `hashAlgorithmOID`
 * (CSC API v2.0.0.2, 8.4.2), of which v1 calls the digests `hash` and names no algorithm (v1.0.4.0, 8.3.2), and v2.2 says
 * what they are of (`hashType`). One request uses one form (threats T-RAR-03).
 */
import { type DigestAlgorithm, digestAlgorithms, digestByOid } from '@natsuin/pki/algorithms'
import { fromBase64url } from '@natsuin/pki/encoding'
import { type HashType, identifier, visibleText } from '@natsuin/protocol/approval'
import {
  defaultLabel,
  hashTypeWord,
  itemOf,
  MAX_SIGNATURES,
  type RequestedSignatures,
} from '@natsuin/protocol/request'
import { JsonRefused, ShapeError } from '@natsuin/protocol/shape'
import { errors, type UnknownObject } from 'oidc-provider'
import { digestBySize } from '../signing/digest-by-size.ts'
import { readDetailsText } from './rar.ts'

/** CSC's own parameters of `oauth2/authorize` and `oauth2/pushed_authorize`. */
export const CSC_PARAMETERS = [
  'lang',
  'credentialID',
  'signatureQualifier',
  'numSignatures',
  'hash',
  'hashes',
  'hashAlgorithmOID',
  'hashType',
  'description',
  'account_token',
  'clientData',
] as const

const DETAILED = [
  'credentialID',
  'signatureQualifier',
  'numSignatures',
  'hash',
  'hashes',
  'hashAlgorithmOID',
  'hashType',
] as const

/** @throws InvalidRequest when both forms are there */
export function checkOneForm(parameters: UnknownObject): void {
  if (parameters['authorization_details'] === undefined) return
  const second = DETAILED.find(name => parameters[name] !== undefined)
  if (second !== undefined) {
    throw new errors.InvalidRequest(`Both authorization_details and ${second} parameters passed`)
  }
}

/** @param untyped what digests are of that do not say it @throws InvalidRequest, InvalidAuthorizationDetails */
export function readRequest(parameters: UnknownObject, untyped: HashType): RequestedSignatures {
  const details = parameters['authorization_details']
  return typeof details === 'string' ? readDetails(details, untyped) : readParameters(parameters, untyped)
}

/** @throws InvalidAuthorizationDetails */
export function readDetails(written: string, untyped?: HashType): RequestedSignatures {
  return refusingDetails(() => readDetailsText(written, untyped))
}

/** What is wrong with `authorization_details`, in the words of RFC 9396. @throws InvalidAuthorizationDetails */
export function refusingDetails<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof ShapeError || error instanceof JsonRefused) {
      throw new errors.InvalidAuthorizationDetails(`authorization_details: ${error.message}`)
    }
    throw error
  }
}

function readParameters(parameters: UnknownObject, untyped: HashType): RequestedSignatures {
  const credentialId = parameter(parameters, 'credentialID')
  if (!fits(identifier, credentialId)) throw invalid('credentialID')
  const { hashes, digestAlgorithm } = readHashes(parameters)
  const numSignatures = Number(parameters['numSignatures'] ?? hashes.length)
  if (numSignatures !== hashes.length || hashes.length > MAX_SIGNATURES) throw invalid('numSignatures')
  const label = labeller(parameters['description'])
  const hashType = readHashType(parameters['hashType'] ?? untyped)
  const { size } = digestAlgorithms[digestAlgorithm]
  const items = hashes.map((hash, i) => itemOf(label(i), hashType, checkSize(hash, size)))
  return { credentialId, digestAlgorithm, items, locations: [] }
}

function readHashType(given: unknown): HashType {
  if (!fits(hashTypeWord, given)) throw invalid('hashType')
  return hashTypeWord(given)
}

interface Hashes {
  readonly hashes: readonly Uint8Array[]
  readonly digestAlgorithm: DigestAlgorithm
}

function readHashes(parameters: UnknownObject): Hashes {
  if (parameters['hash'] === undefined) return readHashesOfV2(parameters)
  const second = ['hashes', 'hashAlgorithmOID'].find(name => parameters[name] !== undefined)
  if (second !== undefined) throw new errors.InvalidRequest(`Both hash and ${second} parameters passed`)
  const hashes = readList(parameters, 'hash')
  const digestAlgorithm = digestBySize(hashes[0]?.length ?? 0)
  if (digestAlgorithm === undefined) throw new errors.InvalidRequest('Invalid digest value length')
  return { hashes, digestAlgorithm }
}

function readHashesOfV2(parameters: UnknownObject): Hashes {
  const digestAlgorithm = digestByOid(parameter(parameters, 'hashAlgorithmOID'))
  if (digestAlgorithm === undefined) throw invalid('hashAlgorithmOID')
  return { hashes: readList(parameters, 'hashes'), digestAlgorithm }
}

const readList = (parameters: UnknownObject, name: string): Uint8Array[] =>
  parameter(parameters, name)
    .split(',')
    .map(hash => readHash(hash, name))

function parameter(parameters: UnknownObject, name: string): string {
  const value = parameters[name]
  if (typeof value !== 'string') throw new errors.InvalidRequest(`Missing parameter ${name}`)
  return value
}

const invalid = (name: string) => new errors.InvalidRequest(`Invalid parameter ${name}`)

function fits(shape: (value: unknown) => unknown, value: unknown): boolean {
  try {
    shape(value)
    return true
  } catch {
    return false
  }
}

/**
 * The query carries base64url, with or without padding. Deployed clients also send base64, whose `+` a query
 * turns into a space: the alphabets are read alike, the bits strictly.
 */
function readHash(written: string, name: string): Uint8Array {
  const text = written
    .replaceAll(/[+ ]/g, '-')
    .replaceAll('/', '_')
    .replace(/={0,2}$/, '')
  const bytes = fromBase64url(text)
  if (bytes === undefined) throw invalid(name)
  return bytes
}

function checkSize(hash: Uint8Array, size: number): Uint8Array {
  if (hash.length !== size) throw new errors.InvalidRequest('Invalid digest value length')
  return hash
}

/** The description that CSC lets a client send, with a number where it stands for several documents. */
function labeller(description: unknown): (i: number) => string {
  if (description === undefined) return defaultLabel
  if (typeof description !== 'string' || !fits(visibleText(240), description)) throw invalid('description')
  return i => `${description} ${defaultLabel(i)}`
}
