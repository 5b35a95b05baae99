/** natsuin augment, natsuin timestamp: CMS signatures, attached and detached, and containers. */
import { type AsicContainer, augmentAsic, openAsic, writeAsic } from '@natsuin/ades/asic'
import { type AugmentCadesOptions, attachContent, augmentCades, openCades } from '@natsuin/ades/cades'
import { openFileSource } from '@natsuin/ades/node'
import type { ByteSource } from '@natsuin/ades/pdf'
import { reading } from '../command.ts'
import { writeSource } from './write-document.ts'

type Level = 'B-T' | 'B-LT' | 'B-LTA'

export interface AugmentCmsOptions extends Omit<AugmentCadesOptions, 'content'> {
  /** Of the file that the signature is beside. */
  readonly contentPath?: string | undefined
}

/** Writes the augmented signature; what is inside it is copied in pieces. */
export async function augmentCms(
  document: ByteSource,
  level: Level,
  { contentPath, ...options }: AugmentCmsOptions,
  output: string,
): Promise<void> {
  const { signature, content } = await openCades(document)
  if (content !== undefined) {
    const augmented = await augmentCades(signature, level, { ...options, content })
    return writeSource(output, attachContent(augmented, content))
  }
  if (contentPath === undefined) return writeSource(output, await augmentCades(signature, level, options))
  const file = await reading(contentPath, () => openFileSource(contentPath))
  try {
    await writeSource(output, await augmentCades(signature, level, { ...options, content: file }))
  } finally {
    await file.close()
  }
}

export async function augmentContainer(
  document: ByteSource,
  level: Level,
  { contentPath: _, ...options }: AugmentCmsOptions,
  output: string,
): Promise<void> {
  const container = await openAsic(document)
  await writeSource(output, await writeAsic(await augmentAsic(container, level, options)))
}

/** A container that was just signed, at the level that was asked for. */
export async function raised(
  container: AsicContainer,
  level: 'B-B' | Level,
  authorities: Omit<AugmentCmsOptions, 'at' | 'contentPath'>,
): Promise<AsicContainer> {
  if (level === 'B-B' || level === 'B-T') return container
  return augmentAsic(container, level, { ...authorities, at: new Date() })
}
