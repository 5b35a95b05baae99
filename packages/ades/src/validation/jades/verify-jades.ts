/**
 * Validates JSON signatures without any code of the path that signs: only `pki` reads the formats for both.
 * EN 319 102-1 V1.4.1, 5.3 (basic signatures), 5.5 (with time) and 5.6 (with archive data); RFC 7515, 5.2.
 *
 * From the outside in: each archive time-stamp that holds proves the time at which what it covers is judged.
 */
import { utf8 } from '@natsuin/pki/encoding'
import { type Certificate, parseCertificate } from '@natsuin/pki/x509'
import type { DetachedContent } from '../../jades/content.ts'
import { checkChain, sha256OfAnchor, type Trust } from '../certificate-chain.ts'
import { checkCountOfTimeStamps } from '../count-of-time-stamps.ts'
import { failed } from '../failed.ts'
import { factsOfLasting } from '../lasting-material.ts'
import { factsOfTimeStamp, judgeToken } from '../signature-time-stamp.ts'
import { factsOfArchive, firstToHold, type OwnTimeStamp, type PlacedTimeStamp } from '../stamps-around.ts'
import { ValidationEnded } from '../verdict.ts'
import type { VerifyOptions } from '../verify-options.ts'
import {
  type ArchivedSignature,
  type ArchiveTimeStamps,
  covering,
  judgeArchiveTimeStamps,
} from './archive-time-stamps.ts'
import { counterSignatureOver } from './counter-signature.ts'
import type { JadesFacts, JadesVerdict, PassedJadesFacts } from './jades-verdict.ts'
import { base64url, malformed } from './json.ts'
import { judgeLastingValues } from './lasting-values.ts'
import { readProtectedHeader } from './protected-header.ts'
import { readSerialized, type Serialized, type SerializedSignature } from './serialization.ts'
import { checkSignature } from './signature-value.ts'
import { signedContent } from './signed-content.ts'
import { chainIn, signingCertificate } from './signing-certificate.ts'
import { dataIn, readUnsignedValues, timeStampsIn, tokensIn } from './unsigned-values.ts'

export interface VerifyJadesOptions extends VerifyOptions {
  /** What a detached signature is over. */
  readonly content?: DetachedContent
  /** Where the signer's certificate and issuers may be besides the signature, DER each; trusted for nothing. */
  readonly certificates?: readonly Uint8Array[]
}

/**
 * A verdict on each signature, in their order: one never speaks for another. What cannot be read has one verdict.
 *
 * @param signature  in any of the three forms; UTF-8 where it is bytes
 * @throws DerError when a trust anchor is not a certificate: that is the verifier's mistake, not the signature's
 */
export async function verifyJades(
  signature: string | Uint8Array,
  options: VerifyJadesOptions,
): Promise<readonly JadesVerdict[]> {
  const trustAnchors = options.trustAnchors.map(parseCertificate)
  return verdictsOn(signature, { ...options, trustAnchors, depth: 0 })
}

async function verdictsOn(
  signature: string | Uint8Array,
  options: Options,
): Promise<readonly JadesVerdict[]> {
  const verdicts: JadesVerdict[] = []
  let serialized: Serialized
  try {
    serialized = readSerialized(signature)
    checkSamePayload(serialized)
  } catch (error) {
    return [failed(error, {})]
  }
  for (const one of serialized.signatures) verdicts.push(await verdictOn(one, serialized, options))
  return verdicts
}

/** RFC 7797, 3: one payload is signed in one way by all. */
function checkSamePayload({ signatures, payload }: Serialized): void {
  if (payload === undefined || signatures.length < 2) return
  const encodings = new Set(signatures.map(one => readProtectedHeader(one.protected).encoded))
  if (encodings.size > 1) throw malformed('b64 differs between the signatures')
}

interface Options extends Trust {
  readonly content?: DetachedContent
  readonly certificates?: readonly Uint8Array[]
  /** How many counter-signatures deep. */
  readonly depth: number
}

async function verdictOn(
  signature: SerializedSignature,
  serialized: Serialized,
  options: Options,
): Promise<JadesVerdict> {
  const validation = new Validation(signature, serialized, options)
  try {
    return { indication: 'TOTAL-PASSED', facts: await validation.run() }
  } catch (error) {
    return failed(error, validation.facts)
  }
}

// Each level is one person who signs what another one signed; a bundle of thousands is somebody's joke.
const MAX_DEPTH = 4

/** One run: the checks in their order, and the facts that were established before one of them ended it. */
class Validation {
  facts: JadesFacts = {}
  readonly #signature: SerializedSignature
  readonly #serialized: Serialized
  readonly #options: Options

  constructor(signature: SerializedSignature, serialized: Serialized, options: Options) {
    this.#signature = signature
    this.#serialized = serialized
    this.#options = options
  }

  async run(): Promise<PassedJadesFacts> {
    const { platform, content: given = {}, certificates = [] } = this.#options
    const header = readProtectedHeader(this.#signature.protected)
    this.#learn({ protectedHeader: header.json, claimedSigningTime: header.claimedSigningTime })
    const certificate = await signingCertificate(header.members, certificates, platform)
    const content = await signedContent(header, this.#serialized, given, platform)
    const { signed, thing } = content
    await checkSignature({ alg: header.alg, signature: this.#signature, signed, certificate }, platform)
    const signer = {
      signer: certificate.subject.text,
      signingCertificate: certificate.bytes,
      signed: thing,
    }
    this.#learn(signer)
    const values = readUnsignedValues(this.#signature.etsiU)
    checkCountOfTimeStamps(values.flatMap(timeStampsIn).length)
    const brought = [...chainIn(header.members), ...dataIn(values).certificates, ...certificates]
    const archived = { signature: this.#signature, content, values, certificates: brought }
    return { ...signer, ...(await this.#judgeSigner(certificate, archived)) }
  }

  /** The signer's certificate at the time that is proven, else at the verifier's. */
  async #judgeSigner(certificate: Certificate, archived: ArchivedSignature) {
    const trust = this.#trust()
    const archive = await judgeArchiveTimeStamps(archived, trust)
    this.#learn(factsOfArchive(archive))
    await this.#judgeCounterSignatures(archived, archive)
    const own = await judgeOwnTimeStamps(archived, archive, trust)
    this.#learn(factsOfTimeStamp(own))
    const { timeStamp: time, around } = own
    const at = (time ?? archive.holding[0])?.facts.generatedAt ?? trust.at
    this.#learn({ level: time === undefined ? 'B-B' : 'B-T' })
    if (at === undefined) throw new ValidationEnded('NO_POE', 'no time at which to judge')
    const { certificates, values } = archived
    const path = await checkChain(certificate, { ...trust, certificates, at, purpose: 'signing' })
    const lasting = await judgeLastingValues(path, time, { values, archive, around, trust })
    this.#learn(factsOfLasting(lasting))
    return {
      ...this.facts,
      level: lasting.level,
      trustAnchorSha256: await sha256OfAnchor(path, trust.platform),
    }
  }

  /** Each at the time that the first archive time-stamp behind it proves. */
  async #judgeCounterSignatures(archived: ArchivedSignature, archive: ArchiveTimeStamps) {
    const payload = base64url(archived.signature.signature, 'signature')
    const verdicts: JadesVerdict[] = []
    for (const [position, { name, value }] of archived.values.entries()) {
      if (name !== 'cSig') continue
      const proven = covering(archive, position)[0]?.facts.generatedAt
      verdicts.push(...(await this.#judgeCounterSignature(value, payload, proven)))
    }
    if (verdicts.length > 0) this.#learn({ counterSignatures: verdicts })
  }

  /** One that is bad says nothing against what it is over. */
  async #judgeCounterSignature(value: unknown, payload: Uint8Array, proven: Date | undefined) {
    const { depth, ...options } = this.#options
    const at = proven ?? options.at
    try {
      if (depth >= MAX_DEPTH) throw malformed('counter-signatures nested too deeply')
      const written = counterSignatureOver(value, payload)
      const judging = { ...options, ...(at === undefined ? {} : { at }), depth: depth + 1 }
      return await verdictsOn(written, { ...judging, content: { payload } })
    } catch (error) {
      return [failed(error, {})]
    }
  }

  #trust(): Trust {
    const { platform, trustAnchors, at } = this.#options
    return { platform, trustAnchors, ...(at === undefined ? {} : { at }) }
  }

  #learn(facts: JadesFacts): void {
    this.facts = { ...this.facts, ...facts }
  }
}

/** 5.3.4: time-stamps over the base64url text of the signature value. */
function judgeOwnTimeStamps(
  { signature, values, certificates }: ArchivedSignature,
  archive: ArchiveTimeStamps,
  trust: Trust,
): Promise<OwnTimeStamp> {
  const stamped = { content: utf8(signature.signature) }
  const timeStamps = values.flatMap((value, position): readonly PlacedTimeStamp[] => {
    if (value.name !== 'sigTst') return []
    const [around, tokens] = [covering(archive, position), tokensIn(value)]
    if (typeof tokens === 'string') return [{ around, judge: async () => tokens }]
    return tokens.map(token => ({
      around,
      judge: proven => judgeToken(token, stamped, certificates, proven),
    }))
  })
  return firstToHold(timeStamps, trust)
}
