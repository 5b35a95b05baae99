/**
 * Activations: accepted SADs, and signing with them.
 *
 * A SAD is found by the OAuth grant that stands for it, and sent to the SAM, which alone decides. The two
 * checks here only save a call that the SAM would refuse.
 */
import { hash } from 'node:crypto'
import type { DigestAlgorithm, SignatureAlgorithm } from '@natsuin/pki/algorithms'
import { Refusal } from '@natsuin/protocol/refusal'
import type { AskedDigest, AskedRepresentation, SapResponse } from '@natsuin/protocol/sap'
import type { ActivationRecord, ActivationRepository } from '../storage/activations.ts'
import type { DeliveredSignatureRepository } from '../storage/delivered-signatures.ts'
import type { AcceptedSad } from './approvals.ts'
import { bearerDigest, createBearer } from './bearer.ts'
import type { Sam } from './sam.ts'
import type { Sealer } from './sealer.ts'

export interface SigningRequest {
  readonly credentialId: string
  readonly clientId: string
  readonly digestAlgorithm: DigestAlgorithm
  readonly signatureAlgorithm: SignatureAlgorithm
  /** As they were approved; or documents, and how their DTBS/R is made. */
  readonly dtbsrs: readonly AskedRepresentation[]
  /** Repeating a request with the same id returns the stored values; empty: every call is a new use. */
  readonly requestId: string
}

export interface ExtensionRequest {
  /** See `keepGivenOut`. */
  readonly boundTo: string | undefined
  readonly credentialId: string
  readonly clientId: string
  readonly dtbsrs: readonly AskedDigest[]
}

export interface SignedDocuments {
  readonly signatures: readonly Uint8Array[]
  /** What the SAM made and signed, by the index of the document: DER SET OF Attribute with tag 0x31. */
  readonly made: ReadonlyMap<number, Uint8Array>
}

/** A SAD, and the value that stands for it. */
export interface GivenOut {
  readonly value: string
  readonly sad: AcceptedSad
}

/** Whose it may be: of the client, for one of those whom it speaks for. */
export interface SadOwner {
  readonly clientId: string
  readonly signers: readonly string[]
  /** Thumbprints of what it has shown. */
  readonly held: readonly string[]
}

export interface Activations {
  /** Keeps an accepted SAD for the grant that stands for it. */
  keep(grantDigest: string, sad: AcceptedSad): Promise<void>
  /**
   * Keeps one for which there is no grant. The value that stands for it: a new one, if none is given.
   * @param boundTo thumbprint of the key or certificate without which nobody finds it; undefined: the value is enough
   */
  keepGivenOut(sad: AcceptedSad, boundTo: string | undefined, value?: string): Promise<string>
  /** The one that such a value stands for. @param held thumbprints of what who asks has shown */
  findGivenOut(value: string, held: readonly string[]): Promise<ActivationRecord | undefined>
  /** Nothing stands for it any more; false when this client has no such value of one of these signers. */
  forgetGivenOut(value: string, owner: SadOwner): Promise<boolean>
  /** The SAD goes on; what stood for it is dead. @throws Refusal of the SAM */
  extend(activation: ActivationRecord, request: ExtensionRequest): Promise<GivenOut>
  /** The signature values in the order of the representations. @throws Refusal of the SAM */
  sign(activation: ActivationRecord, request: SigningRequest): Promise<readonly Uint8Array[]>
  /** The same, with what only the SAM knows of documents. @throws Refusal of the SAM */
  signDocuments(activation: ActivationRecord, request: SigningRequest): Promise<SignedDocuments>
}

export interface ActivationParts {
  readonly sam: Sam
  readonly activations: ActivationRepository
  readonly deliveredSignatures: DeliveredSignatureRepository
  readonly sealer: Sealer
}

export function createActivations(parts: ActivationParts): Activations {
  const { sam, activations, deliveredSignatures, sealer } = parts
  const open = opener(sealer)
  const keep = (grantDigest: string, sad: AcceptedSad) =>
    activations.add({
      grant_digest: grantDigest,
      sad_id: sad.sadId,
      sealed_sad: sealer.seal(sad.sad, grantDigest),
      signer_id: sad.signerId,
      credential_id: sad.credentialId,
      client_id: sad.clientId,
      num_signatures: sad.numSignatures,
      expires_at: sad.expiresAt,
    })
  const keepGivenOut = async (sad: AcceptedSad, boundTo: string | undefined, value = createBearer()) => {
    await keep(givenOutDigest(value, boundTo), sad)
    return value
  }
  const use = async (activation: ActivationRecord, request: SigningRequest): Promise<SapResponse<'sign'>> => {
    if (activation.credential_id !== request.credentialId) throw new Refusal('sad-other-credential')
    if (activation.client_id !== request.clientId) throw new Refusal('sad-other-client')
    const signed = await sam.call('sign', { sad: open(activation), ...request })
    await deliveredSignatures.add(
      signed.signatures.map((signature, position) => ({
        digest: signatureDigest(signature),
        credential_id: request.credentialId,
        activation_id: signed.activationId,
        position,
      })),
    )
    return signed
  }
  return {
    keep,
    keepGivenOut,
    async extend(activation, { boundTo, ...request }) {
      const sad = await sam.call('sads/extend', { sad: open(activation), ...request })
      return { value: await keepGivenOut(sad, boundTo), sad }
    },
    async findGivenOut(value, held) {
      for (const boundTo of [...held, undefined]) {
        const found = await activations.find(givenOutDigest(value, boundTo))
        if (found !== undefined) return found
      }
      return undefined
    },
    async forgetGivenOut(value, { held, ...owner }) {
      for (const boundTo of [...held, undefined]) {
        if (await activations.remove(givenOutDigest(value, boundTo), owner)) return true
      }
      return false
    },
    sign: async (activation, request) => (await use(activation, request)).signatures,
    async signDocuments(activation, request) {
      const { signatures, made = [] } = await use(activation, request)
      return { signatures, made: new Map(made.map(one => [one.index, one.signedAttributes])) }
    },
  }
}

/** No id of a grant has this digest, so none of them is such a value. */
const givenOutDigest = (value: string, boundTo = ''): string => bearerDigest(`sad ${boundTo} ${value}`)

/** How many opened handles are remembered: a batch uses one again and again. */
const MAX_OPENED = 1000

function opener(sealer: Sealer): (activation: ActivationRecord) => string {
  const opened = new Map<string, string>()
  return ({ grant_digest: grant, sealed_sad: sealed }) => {
    const sad = opened.get(grant) ?? sealer.open(sealed, grant)
    if (opened.size >= MAX_OPENED) opened.clear()
    opened.set(grant, sad)
    return sad
  }
}

export function signatureDigest(signature: Uint8Array): Uint8Array {
  return hash('sha256', signature, 'buffer')
}
