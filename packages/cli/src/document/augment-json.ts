/** natsuin augment, natsuin timestamp: a JSON signature. */
import { type AugmentJadesOptions, augmentJades } from '@natsuin/ades/jades'
import { openFileSource } from '@natsuin/ades/node'
import type { ByteSource } from '@natsuin/ades/pdf'
import { fromUtf8, utf8 } from '@natsuin/pki/encoding'
import { reading } from '../command.ts'
import { detachedContent } from './sign-json.ts'

export interface AugmentJsonOptions extends Omit<AugmentJadesOptions, 'content'> {
  /** Of the file that the signature is beside. */
  readonly contentPath?: string | undefined
}

export async function augmentJson(
  document: ByteSource,
  level: 'B-T' | 'B-LT' | 'B-LTA',
  { contentPath, ...options }: AugmentJsonOptions,
): Promise<Uint8Array> {
  const signature = fromUtf8(await document.read(0, document.size)) ?? ''
  if (contentPath === undefined) return utf8(await augmentJades(signature, level, options))
  const file = await reading(contentPath, () => openFileSource(contentPath))
  try {
    const content = detachedContent(file, contentPath)
    return utf8(await augmentJades(signature, level, { ...options, content }))
  } finally {
    await file.close()
  }
}
