/**
 * Path validation (RFC 5280, 6.1), thin: from a trust anchor to a leaf, at a time, as a value.
 *
 * Checked: signatures, validity, names chained by bytes, basicConstraints and path length, keyCertSign, the key
 * purpose. Not processed: name constraints, policy mappings and constraints; a certificate that carries one of them
 * is refused whether it is critical or not, because ignoring a restriction widens what its author allowed.
 * Revocation is asked elsewhere (`crl`, `ocsp`), of the path that is returned.
 *
 * Building is a search, so it has a budget: certificates can be cross-signed into graphs that have
 * exponentially many paths.
 */
import { OID } from '../asn1/oid.ts'
import { equal } from '../encoding/bytes.ts'
import type { Verifier } from '../platform/index.ts'
import type { Certificate } from '../x509/certificate.ts'
import { isAcceptableKey } from '../x509/public-key.ts'
import { verifySigned } from '../x509/signed.ts'

export interface PathQuestion {
  readonly leaf: Certificate
  /** In any order; those that do not help are ignored. */
  readonly intermediates: readonly Certificate[]
  /** Trusted by decision: who signed them is not asked. All else is, so an anchor too is a CA within its validity. */
  readonly trustAnchors: readonly Certificate[]
  /** The time at which everything shall be valid. */
  readonly at: Date
  readonly platform: Verifier
  /** Dotted OID of the key purpose that the leaf, and every issuer that restricts purposes, must allow. */
  readonly keyPurpose?: string
}

export type PathProblem =
  | 'no-path'
  | 'not-yet-valid'
  | 'expired'
  | 'not-a-ca'
  | 'path-too-long'
  | 'issuer-may-not-sign-certificates'
  | 'key-purpose-not-allowed'
  | 'unknown-critical-extension'
  | 'constraint-unsupported'
  | 'key-unacceptable'
  | 'signature-invalid'
  | 'budget-exhausted'

export type PathVerdict =
  | {
      readonly valid: true
      /** Leaf first, trust anchor last. */
      readonly path: readonly Certificate[]
    }
  | {
      readonly valid: false
      readonly problem: PathProblem
      /** The certificate at fault on the path that came furthest; the leaf when no path was found. */
      readonly certificate: Certificate
    }

/** Certificates in a path, both ends included. */
export const MAX_PATH_LENGTH = 10
export const MAX_PATH_STEPS = 10_000
export const MAX_PATH_SIGNATURES = 200

/** Finds a valid path from the leaf to a trust anchor, or says what was wrong with the one that came furthest. */
export function validatePath(question: PathQuestion): Promise<PathVerdict> {
  return new PathSearch(question).run()
}

interface Failure {
  readonly problem: PathProblem
  readonly certificate: Certificate
}

class PathSearch {
  readonly #question: PathQuestion
  #steps = 0
  #signatures = 0
  #furthest = 0
  #failure: Failure

  constructor(question: PathQuestion) {
    this.#question = question
    this.#failure = { problem: 'no-path', certificate: question.leaf }
  }

  async run(): Promise<PathVerdict> {
    const path = await this.#extend([this.#question.leaf])
    return path === undefined ? { valid: false, ...this.#failure } : { valid: true, path }
  }

  /** Depth first; the depth is at most MAX_PATH_LENGTH. */
  async #extend(path: readonly Certificate[]): Promise<readonly Certificate[] | undefined> {
    const last = path.at(-1)
    if (last === undefined) return undefined
    const problem = problemOfMember(path, this.#question)
    if (problem !== undefined) return this.#fail(path, problem, last)
    if (this.#isAnchor(last)) return path
    if (path.length >= MAX_PATH_LENGTH) return this.#fail(path, 'path-too-long', last)
    for (const issuer of this.#candidates(path, last)) {
      if (this.#isExhausted()) return undefined
      this.#steps += 1
      const found = await this.#continueWith(path, last, issuer)
      if (found !== undefined) return found
    }
    return undefined
  }

  async #continueWith(path: readonly Certificate[], last: Certificate, issuer: Certificate) {
    const problem = problemOfIssuer(path, issuer)
    if (problem !== undefined) return this.#fail([...path, issuer], problem, issuer)
    this.#signatures += 1
    if (!(await verifySigned(last, issuer.spki, this.#question.platform))) {
      return this.#fail(path, 'signature-invalid', last)
    }
    return this.#extend([...path, issuer])
  }

  #isAnchor(certificate: Certificate): boolean {
    return this.#question.trustAnchors.some(anchor => equal(anchor.bytes, certificate.bytes))
  }

  /** Who may have issued `last`: by name, anchors first, none twice in a path. */
  #candidates(path: readonly Certificate[], last: Certificate): readonly Certificate[] {
    const { trustAnchors, intermediates } = this.#question
    return [...trustAnchors, ...intermediates].filter(
      candidate =>
        equal(candidate.subject.bytes, last.issuer.bytes) &&
        !path.some(member => isSameEntity(member, candidate)),
    )
  }

  #isExhausted(): boolean {
    const exhausted = this.#steps >= MAX_PATH_STEPS || this.#signatures >= MAX_PATH_SIGNATURES
    if (exhausted) this.#failure = { problem: 'budget-exhausted', certificate: this.#question.leaf }
    return exhausted
  }

  #fail(path: readonly Certificate[], problem: PathProblem, certificate: Certificate): undefined {
    if (this.#failure.problem === 'budget-exhausted' || path.length < this.#furthest) return undefined
    this.#furthest = path.length
    this.#failure = { problem, certificate }
    return undefined
  }
}

/** RFC 4158, 2.4.1: the same name and key again is a loop, under whichever certificate. */
function isSameEntity(a: Certificate, b: Certificate): boolean {
  return equal(a.subject.bytes, b.subject.bytes) && equal(a.spki, b.spki)
}

/** What the newest certificate of the path must satisfy by itself (RFC 5280, 6.1.3 and 6.1.5). */
function problemOfMember(
  path: readonly Certificate[],
  { at, keyPurpose }: PathQuestion,
): PathProblem | undefined {
  const certificate = path.at(-1)
  if (certificate === undefined) return 'no-path'
  if (at < certificate.notBefore) return 'not-yet-valid'
  if (at > certificate.notAfter) return 'expired'
  return problemOfExtensions(certificate) ?? problemOfPurpose(certificate, path.length === 1, keyPurpose)
}

function problemOfExtensions({ extensions, publicKey }: Certificate): PathProblem | undefined {
  if (extensions.all.some(({ oid }) => UNSUPPORTED_CONSTRAINTS.has(oid))) return 'constraint-unsupported'
  if (extensions.unknownCritical.length > 0) return 'unknown-critical-extension'
  return isAcceptableKey(publicKey) ? undefined : 'key-unacceptable'
}

const UNSUPPORTED_CONSTRAINTS: ReadonlySet<string> = new Set([
  OID.nameConstraints,
  OID.policyConstraints,
  OID.policyMappings,
  OID.inhibitAnyPolicy,
])

/**
 * RFC 5280, 4.2.1.12: a leaf must name the purpose (or any purpose) when it names purposes at all; in an issuer
 * certificate the extension restricts what it may issue for, as every validator in use reads it.
 */
function problemOfPurpose({ extensions }: Certificate, isLeaf: boolean, keyPurpose: string | undefined) {
  const { extKeyUsage } = extensions
  if (keyPurpose === undefined || extKeyUsage === undefined) return undefined
  // A time-stamping unit must be certified for exactly that (RFC 3161, 2.3), so "any" is not enough for it.
  const any = extKeyUsage.includes(OID.anyExtendedKeyUsage) && !(isLeaf && keyPurpose === OID.timeStamping)
  return any || extKeyUsage.includes(keyPurpose) ? undefined : 'key-purpose-not-allowed'
}

/** What a certificate must be to issue the newest one (RFC 5280, 6.1.4 (k) to (n)). */
function problemOfIssuer(path: readonly Certificate[], issuer: Certificate): PathProblem | undefined {
  const { basicConstraints, keyUsage } = issuer.extensions
  if (basicConstraints?.ca !== true) return 'not-a-ca'
  if (keyUsage !== undefined && !keyUsage.includes('keyCertSign')) return 'issuer-may-not-sign-certificates'
  const { pathLength } = basicConstraints
  return pathLength !== undefined && intermediatesBelow(path) > pathLength ? 'path-too-long' : undefined
}

/** RFC 5280, 4.2.1.9: the leaf does not count, nor do self-issued certificates. */
function intermediatesBelow(path: readonly Certificate[]): number {
  return path.slice(1).filter(member => !equal(member.subject.bytes, member.issuer.bytes)).length
}
