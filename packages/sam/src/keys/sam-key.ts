/**
 * The SAM key: signs tickets, key attestations and checkpoints, each in a context of its own (sole-control 2).
 *
 * The contexts cannot be confused: the two kinds of JWS differ in their header, and the text of a checkpoint
 * contains line feeds, which no JWS signing input does.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { CryptoModule } from '@natsuin/crypto-module'
import { parseEcdsaSigValue } from '@natsuin/pki/ecdsa'
import { utf8 } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import type { Verifier } from '@natsuin/pki/platform'
import { finishJws, jwsSigningInput, type SamStatementType, verifyJws } from '@natsuin/protocol/approval'
import { checkpointText, finishCheckpoint, type TreeHead } from '@natsuin/protocol/log'
import type { Shape } from '@natsuin/protocol/shape'
import { LABEL } from './labels.ts'
import { moduleAnswer } from './module-answer.ts'

/** Of r and of s. */
const P256_OCTETS = 32

export class SamKey {
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  /** SHA-256 of it: what verifiers pin. */
  readonly digest: Uint8Array
  readonly #module: CryptoModule
  readonly #verifier: Verifier

  constructor(module: CryptoModule, spki: Uint8Array) {
    this.spki = spki
    this.digest = digestSync('sha256', spki)
    this.#module = module
    this.#verifier = verifierOf(spki)
  }

  /** A compact JWS. @throws Refusal `module-unavailable` */
  async sign(type: SamStatementType, payload: unknown): Promise<string> {
    const input = jwsSigningInput(type, payload)
    const pair = parseEcdsaSigValue(await this.#signature(input), P256_OCTETS)
    if (pair === undefined) throw new Error('what the module answered with is no P-256 signature')
    return finishJws(input, pair)
  }

  /** The payload of a statement this key signed; `undefined` when it did not. @throws ShapeError */
  verify<T>(jws: string, type: SamStatementType, shape: Shape<T>): Promise<T | undefined> {
    return verifyJws(jws, type, shape, this.spki, this.#verifier)
  }

  /** @throws Refusal `module-unavailable` */
  async signCheckpoint(head: TreeHead): Promise<string> {
    return finishCheckpoint(head, this.digest, await this.#signature(checkpointText(head)))
  }

  #signature(text: string): Promise<Uint8Array> {
    const digest = digestSync('sha256', utf8(text))
    return moduleAnswer(() => this.#module.sign(LABEL.sam, { algorithm: 'ecdsa-sha256', digest }))
  }
}

/** The key that genesis made. @throws Error when genesis did not take place */
export async function openSamKey(module: CryptoModule): Promise<SamKey> {
  const spki = await module.publicKey(LABEL.sam)
  if (spki === undefined) throw new Error(`the module has no key ${LABEL.sam}: genesis did not take place`)
  return new SamKey(module, spki)
}

/** The key is parsed once: every approval verifies a ticket. */
function verifierOf(spki: Uint8Array): Verifier {
  const key: KeyObject = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  return {
    verify: async ({ data, signature }) => verify('sha256', data, { key, dsaEncoding: 'der' }, signature),
  }
}
