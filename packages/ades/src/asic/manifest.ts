/**
 * ASiCManifest files: EN 319 162-1 V1.1.1, A.4; which files a signature or time-stamp in an extended container is over, each
 * with its digest.
 */
import { type DigestAlgorithm, uriOfDigest } from '@natsuin/pki/algorithms'
import { toBase64, utf8 } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import { digestsOf } from '../signing/content.ts'
import { type AsicFile, uriOf } from './container.ts'
import { attributes } from './markup.ts'
import { ASIC_NAMESPACE, MEDIA_TYPE_OF } from './vocabulary.ts'

export interface ManifestParts {
  /** The signature or time-stamp that is made over the manifest. */
  readonly signature: { readonly name: string; readonly mimeType: string }
  readonly files: readonly (AsicFile & {
    readonly mimeType?: string | undefined
    readonly isRoot?: boolean
  })[]
  readonly digestAlgorithm: DigestAlgorithm
}

export async function buildManifest(
  { signature, files, digestAlgorithm }: ManifestParts,
  platform: Digest,
): Promise<Uint8Array> {
  const references: string[] = []
  for (const { name, content, mimeType = MEDIA_TYPE_OF.unknown, isRoot = false } of files) {
    const digest = (await digestsOf(content, [digestAlgorithm], platform)).get(digestAlgorithm)
    references.push(
      `<asic:DataObjectReference ${attributes({ URI: uriOf(name), MimeType: mimeType, ...(isRoot ? { Rootfile: 'true' } : {}) })}>` +
        `<ds:DigestMethod ${attributes({ Algorithm: uriOfDigest(digestAlgorithm) })}/>` +
        `<ds:DigestValue>${toBase64(digest ?? new Uint8Array())}</ds:DigestValue></asic:DataObjectReference>`,
    )
  }
  const reference = attributes({ URI: uriOf(signature.name), MimeType: signature.mimeType })
  return utf8(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      `<asic:ASiCManifest xmlns:asic="${ASIC_NAMESPACE}" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">` +
      `<asic:SigReference ${reference}/>${references.join('')}</asic:ASiCManifest>`,
  )
}
