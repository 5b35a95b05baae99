/** natsuin augment, natsuin timestamp: signatures in XML. */
import { openFileSource } from '@natsuin/ades/node'
import type { ByteSource } from '@natsuin/ades/pdf'
import { type AugmentXadesOptions, augmentXades } from '@natsuin/ades/xades'
import { reading } from '../command.ts'
import { uriOf } from './signed-name.ts'

export interface AugmentXmlOptions extends Omit<AugmentXadesOptions, 'detached'> {
  /** Of the file that the signature is beside. */
  readonly contentPath?: string | undefined
}

export async function augmentXml(
  document: ByteSource,
  level: 'B-T' | 'B-LT' | 'B-LTA',
  { contentPath, ...options }: AugmentXmlOptions,
): Promise<Uint8Array> {
  const signed = (await document.read(0, document.size)).slice()
  if (contentPath === undefined) return augmentXades(signed, level, options)
  const file = await reading(contentPath, () => openFileSource(contentPath))
  try {
    const detached = (uri: string) => (uri === uriOf(contentPath) ? file : undefined)
    return await augmentXades(signed, level, { ...options, detached })
  } finally {
    await file.close()
  }
}
