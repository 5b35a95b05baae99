/**
 * The JWS Protected Header under validation: RFC 7515, 4.1; RFC 7797, 3 and 6; TS 119 182-1 V1.2.1, 5.1 and 5.2.
 *
 * Parameters that bring a key without a certificate are refused: whoever follows them lets the signer choose with which
 * key he is checked.
 */
import { ValidationEnded } from '../verdict.ts'
import { encodedText, type JsonObject, list, malformed, object, readJson, text } from './json.ts'

export interface ProtectedHeader {
  /** The JSON text that was signed. */
  readonly json: string
  readonly members: JsonObject
  readonly alg: string
  /** Whether the payload is signed as base64url (RFC 7797, 3). */
  readonly encoded: boolean
  readonly claimedSigningTime: Date
}

/** @throws ValidationEnded FORMAT_FAILURE, SIG_CONSTRAINTS_FAILURE */
export function readProtectedHeader(written: string): ProtectedHeader {
  const json = encodedText(written, 'protected')
  const members = object(readJson(json, 'protected'), 'protected')
  for (const name of FORBIDDEN) if (members.has(name)) throw malformed(`${name} is not allowed`)
  const critical = criticalIn(members)
  const claimedSigningTime = signingTimeIn(members)
  return {
    json,
    members,
    alg: text(members.get('alg'), 'alg'),
    encoded: isEncoded(members, critical),
    claimedSigningTime,
  }
}

/** 5.1.6 forbids x5t, whose digest is SHA-1. */
const FORBIDDEN = ['jwk', 'jku', 'x5t']

/** What we act upon or hand on; whoever marks anything else as critical does not mean us. */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  ...['b64', 'sigD', 'iat', 'sigT', 'x5t#o', 'sigX5ts'],
  ...['srCms', 'sigPl', 'srAts', 'sigPId'],
])

/** RFC 7515, 4.1.11: names that are there, are not the RFC's own, and are there once. */
function criticalIn(members: JsonObject): ReadonlySet<string> {
  const critical = new Set<string>()
  for (const entry of members.has('crit') ? list(members.get('crit'), 'crit') : []) {
    const name = text(entry, 'crit')
    const wrong = critical.has(name) || !members.has(name) || !UNDERSTOOD.has(name)
    if (wrong) throw malformed(`crit: ${name}`)
    critical.add(name)
  }
  // TS 119 182-1 V1.2.1, 5.1.9.
  if (members.has('sigD') && !critical.has('sigD')) throw malformed('crit does not name sigD')
  return critical
}

function isEncoded(members: JsonObject, critical: ReadonlySet<string>): boolean {
  const b64 = members.has('b64') ? members.get('b64') : true
  if (typeof b64 !== 'boolean') throw malformed('b64')
  if (!b64 && !critical.has('b64')) throw malformed('crit does not name b64')
  return b64
}

/** 6.3, requirement a: from this day on, the time is claimed by iat. */
const SIG_T_ENDED = new Date('2025-07-15T00:00:00Z')

function signingTimeIn(members: JsonObject): Date {
  const [iat, sigT] = [members.get('iat'), members.get('sigT')]
  if (iat !== undefined && sigT !== undefined) throw malformed('iat and sigT')
  if (iat !== undefined) return new Date(secondsOf(iat) * 1000)
  if (sigT === undefined) throw new ValidationEnded('SIG_CONSTRAINTS_FAILURE', 'no claimed signing time')
  const claimed = dateOf(text(sigT, 'sigT'))
  if (claimed >= SIG_T_ENDED) throw new ValidationEnded('SIG_CONSTRAINTS_FAILURE', 'sigT instead of iat')
  return claimed
}

// The last second of the year 9999.
const MAX_SECONDS = 253_402_300_799

function secondsOf(iat: unknown): number {
  if (typeof iat !== 'number' || !Number.isInteger(iat) || iat < 0 || iat > MAX_SECONDS)
    throw malformed('iat')
  return iat
}

/** RFC 3339, 5.6, in UTC. */
function dateOf(sigT: string): Date {
  const date = new Date(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(sigT) ? sigT : Number.NaN)
  if (Number.isNaN(date.getTime())) throw malformed('sigT')
  return date
}
