/**
 * The only place where a signer's key is used: this file alone calls `CryptoModule.signWrapped`.
 *
 * For an activation; and, the one use without a SAD, for the key's own certification request, whose bytes are made
 * here, so that nobody can have anything else signed instead (sole-control 6).
 */
import type { CryptoModule } from '@natsuin/crypto-module'
import { keyTypes, type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { digestSync } from '@natsuin/pki/node'
import { buildCertificationRequestInfo } from '@natsuin/pki/x509'
import { moduleAnswer } from '../keys/module-answer.ts'
import type { CredentialRecord, KeptKey } from '../store/record-shapes.ts'
import type { AuthorisedActivation } from './authorised-activation.ts'

/** Signature values in the order of the representations. @throws Refusal `module-unavailable`, `sad-spent` */
export function signActivation(
  module: CryptoModule,
  activation: AuthorisedActivation,
): Promise<Uint8Array[]> {
  const { key, master, algorithm, representations } = activation.redeem()
  const requests = representations.map(({ dtbsr, dtbs }) => ({
    algorithm,
    digest: dtbsr,
    ...(dtbs !== undefined && { message: dtbs }),
  }))
  return moduleAnswer(() => module.signWrapped(master, key, requests))
}

export interface SignedRequestInfo {
  readonly algorithm: SignatureAlgorithm
  readonly signature: Uint8Array
}

/** @param subject DER Name @throws Refusal `module-unavailable` */
export async function signCertificationRequest(
  module: CryptoModule,
  { keyType: type, publicKey }: Pick<CredentialRecord, 'keyType' | 'publicKey'>,
  { master, wrapped }: KeptKey,
  subject: Uint8Array,
): Promise<SignedRequestInfo> {
  const message = buildCertificationRequestInfo(subject, publicKey)
  const [algorithm] = keyTypes[type].signs
  const digest = digestSync(signatureAlgorithms[algorithm].digest, message)
  const [signature = new Uint8Array()] = await moduleAnswer(() =>
    module.signWrapped(master, { type, wrapped }, [{ algorithm, digest, message }]),
  )
  return { algorithm, signature }
}
