/** Whether a signer signed the content that is at hand, as far as digests by the same algorithm tell. */
import type { SignerInfo } from '@natsuin/pki/cms'
import { equal } from '@natsuin/pki/encoding'
import { AdesRefusal } from '../refusal.ts'
import type { Digests } from '../signing/content.ts'

/**
 * @param digests  of the content, those that can be had
 * @throws AdesRefusal `content-differs`
 */
export function checkSameContent(signerInfos: readonly SignerInfo[], digests: Digests): void {
  if (signerInfos.some(signerInfo => isOverAnother(signerInfo, digests)))
    throw new AdesRefusal('content-differs')
}

function isOverAnother({ digestAlgorithm, signedAttributes }: SignerInfo, digests: Digests): boolean {
  const digest = digestAlgorithm && digests.get(digestAlgorithm)
  if (digest === undefined || signedAttributes === undefined) return false
  return !equal(digest, signedAttributes.messageDigest)
}
