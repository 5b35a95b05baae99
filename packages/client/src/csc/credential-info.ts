/**
 * What a credential is: CSC API v2.0.0.2, 11.5, into which the answers of v1.0.4.0, 11.5 are brought as well.
 *
 * v1 asks for a PIN and a one-time password by members of their own; v2 by a list of objects, any of which may be needed.
 */
import { bytesIn } from '../base64.ts'
import { type Members, membersOf, membersOr, numberOr, optionalText, present, textsIn } from '../json.ts'
import { textsOf } from './service-info.ts'

export interface CredentialInfo {
  /** In a list only. */
  readonly credentialID?: string
  readonly description?: string
  readonly signatureQualifier?: string
  readonly key: {
    /** `enabled` or `disabled`. */
    readonly status: string
    /** OIDs of what can be asked for as `signAlgo`. */
    readonly algo: readonly string[]
    /** Bits. */
    readonly len: number
    /** OID. */
    readonly curve?: string
  }
  readonly cert: {
    /** `valid`, `expired`, `revoked` or `suspended`; absent when the service does not know at the moment. */
    readonly status?: string
    /** DER, the signer's own first; empty when they were not asked for. */
    readonly certificates: readonly Uint8Array<ArrayBuffer>[]
    readonly issuerDN?: string
    readonly serialNumber?: string
    readonly subjectDN?: string
    readonly validFrom?: Date
    readonly validTo?: Date
    readonly policy?: readonly string[]
    readonly qcStatements?: readonly string[]
  }
  readonly auth: {
    /** `oauth2code`: by an authorisation in the browser. `explicit`: by `credentialsAuthorize`. */
    readonly mode: string
    /** Which of the objects are needed together; absent: all. */
    readonly expression?: string
    /** What `credentialsAuthorize` wants; empty when it was not asked for, or nothing is wanted. */
    readonly objects: readonly AuthenticationObject[]
  }
  /** `2`: hashes have to be there when the signatures are authorised. */
  readonly SCAL: '1' | '2'
  /** Signatures in one authorisation, at most. */
  readonly multisign: number
  readonly lang?: string
}

export interface AuthenticationObject {
  /** `Password`, `PasswordOOB`, `ChallengeResponse` or `ChallengeResponseOOB`. */
  readonly type: string
  readonly id: string
  readonly label?: string
  readonly description?: string
  /** `A` any text, `N` digits. */
  readonly format?: string
  readonly generator?: string
}

/** @throws UnexpectedAnswer */
export function readCredentialInfo(answer: unknown): CredentialInfo {
  const info = membersOf(answer, 'the credential')
  return {
    ...textsOf(info, ['credentialID', 'description', 'signatureQualifier', 'lang']),
    key: keyIn(membersOf(info['key'], 'key')),
    cert: certificateIn(membersOr(info['cert'])),
    auth: info['auth'] === undefined ? authenticationOfV1(info) : authenticationIn(membersOf(info['auth'])),
    SCAL: String(info['SCAL'] ?? '1') === '2' ? '2' : '1',
    multisign: numberOr(info['multisign'], 1),
  }
}

function keyIn(key: Members): CredentialInfo['key'] {
  const { status, algo, len, curve } = key
  const named = optionalText(curve)
  return {
    status: optionalText(status) ?? '',
    algo: textsIn(algo),
    len: numberOr(len, 0),
    ...(named !== undefined && { curve: CURVES[named] ?? named }),
  }
}

/** Names that services give instead of OIDs. */
const CURVES: Readonly<Record<string, string>> = {
  'P-256': '1.2.840.10045.3.1.7',
  'P-384': '1.3.132.0.34',
  'P-521': '1.3.132.0.35',
}

function certificateIn(cert: Members): CredentialInfo['cert'] {
  const certificates = textsIn(cert['certificates'])
  return {
    ...textsOf(cert, ['status', 'issuerDN', 'serialNumber', 'subjectDN']),
    certificates: certificates.map(one => bytesIn(one, 'a certificate')),
    ...present({
      validFrom: instantIn(cert['validFrom']),
      validTo: instantIn(cert['validTo']),
      policy: cert['policy'] === undefined ? undefined : textsIn(cert['policy']),
      qcStatements: cert['qcStatements'] === undefined ? undefined : textsIn(cert['qcStatements']),
    }),
  }
}

/** GeneralizedTime, as RFC 5280, 4.1.2.5.2 has it. */
function instantIn(value: unknown): Date | undefined {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(optionalText(value) ?? '') ?? []
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = parts.map(Number)
  return parts.length === 0 ? undefined : new Date(Date.UTC(year, month - 1, day, hours, minutes, seconds))
}

function authenticationIn(auth: Members): CredentialInfo['auth'] {
  const objects = Array.isArray(auth['objects']) ? auth['objects'] : []
  return {
    mode: optionalText(auth['mode']) ?? 'explicit',
    ...textsOf(auth, ['expression']),
    objects: objects.map(one => {
      const object = membersOf(one, 'an element of auth/objects')
      const more = textsOf(object, ['label', 'description', 'format', 'generator'])
      return { type: optionalText(object['type']) ?? '', id: optionalText(object['id']) ?? '', ...more }
    }),
  }
}

/**
 * v1.0.4.0, 11.5: `implicit` is what v2 calls explicit without objects. A factor that is optional is left out of the
 * expression.
 */
function authenticationOfV1(info: Members): CredentialInfo['auth'] {
  const mode = optionalText(info['authMode']) ?? 'explicit'
  const factors = (['PIN', 'OTP'] as const).map(id => ({ id, ...membersOr(info[id]) }) as Factor)
  const there = factors.filter(({ presence = 'false' }) => String(presence) !== 'false')
  const demanded = there.filter(({ presence }) => presence !== 'optional').map(({ id }) => id)
  return {
    mode: mode === 'implicit' ? 'explicit' : mode,
    ...(demanded.length < there.length && demanded.length > 0 && { expression: demanded.join(' AND ') }),
    objects: there.map(factor => ({
      type: factor['type'] === 'online' ? 'ChallengeResponse' : 'Password',
      id: factor.id,
      ...textsOf(factor, ['label', 'description', 'format']),
    })),
  }
}

type Factor = Members & { readonly id: 'PIN' | 'OTP'; readonly presence?: unknown }
