/**
 * Whether an authenticator is one of the models that a class accepts (threats T-WA-10; WebAuthn Level 3, 7.1, steps on
 * attestation).
 *
 * Formats that are not in the table are refused: `none` and self attestation say nothing, `fido-u2f` names no model,
 * `android-safetynet` is gone, and `android-key` needs DER with tags above 30, which nothing else here does.
 */

import { equal } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { validatePath } from '@natsuin/pki/path'
import { type Certificate, parseCertificate } from '@natsuin/pki/x509'
import type { AcceptedAuthenticators } from '@natsuin/protocol/genesis'
import { appleAttestation } from './apple.ts'
import { type AttestationFormat, type AttestedObject, notAttested } from './attested.ts'
import { packedAttestation } from './packed.ts'
import { tpmAttestation } from './tpm.ts'

const FORMATS: ReadonlyMap<string, AttestationFormat> = new Map([
  ['packed', packedAttestation],
  ['tpm', tpmAttestation],
  ['apple', appleAttestation],
])

/** @param at the SAM's time @throws Refusal `authenticator-not-attested` */
export async function checkAttestation(
  object: AttestedObject,
  { aaguids, roots }: AcceptedAuthenticators,
  at: Date,
): Promise<void> {
  const format = FORMATS.get(object.format)
  if (format === undefined) throw notAttested(`format ${object.format}`)
  if (!aaguids.some(aaguid => equal(aaguid, object.aaguid))) throw notAttested('model')
  await checkPath(format(object), roots.map(parseCertificate), at)
}

async function checkPath(
  [leaf, ...intermediates]: readonly Certificate[],
  trustAnchors: readonly Certificate[],
  at: Date,
): Promise<void> {
  if (leaf === undefined) throw notAttested('x5c')
  const verdict = await validatePath({ leaf, intermediates, trustAnchors, at, platform: nodePlatform })
  if (!verdict.valid) throw notAttested(verdict.problem)
}
