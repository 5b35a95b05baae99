/**
 * Puts a document and what is appended to it where it belongs: whole or not at all.
 *
 * Written beside its place, synced and renamed, so that a full disk or a power cut leaves either the old file or the new
 * one, never a document with half a signature.
 */
import { copyFile, open, rename, rm } from 'node:fs/promises'
import { type ByteSource, piecesOf } from '@natsuin/ades/cades'

/** @param path  of the original, which `output` may be too */
export function writeAppended(path: string, output: string, update: Uint8Array): Promise<void> {
  return writeBeside(output, async beside => {
    await copyFile(path, beside)
    await append(beside, update)
  })
}

export function writeWhole(output: string, content: Uint8Array): Promise<void> {
  return writeBeside(output, beside => append(beside, content))
}

/** Bytes, or a source that is copied in pieces; it may be read from the very file that is replaced. */
export function writeSource(output: string, content: Uint8Array | ByteSource): Promise<void> {
  if (content instanceof Uint8Array) return writeWhole(output, content)
  return writeBeside(output, async beside => {
    const file = await open(beside, 'w')
    try {
      for await (const piece of piecesOf(content)) await file.appendFile(piece)
      await file.sync()
    } finally {
      await file.close()
    }
  })
}

async function writeBeside(output: string, write: (beside: string) => Promise<void>): Promise<void> {
  const beside = `${output}.${process.pid}.part`
  try {
    await write(beside)
    await rename(beside, output)
  } finally {
    await rm(beside, { force: true })
  }
}

async function append(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'a')
  try {
    await file.appendFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}
