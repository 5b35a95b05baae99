/**
 * Puts a document and what is appended to it where it belongs: whole or not at all.
 *
 * Written beside its place, synced and renamed, so that a full disk or a power cut leaves either the old file or the new
 * one, never a document with half a signature.
 */
import { copyFile, open, rename, rm } from 'node:fs/promises'

/** @param path  of the original, which `output` may be too */
export async function writeAppended(path: string, output: string, update: Uint8Array): Promise<void> {
  const beside = `${output}.${process.pid}.part`
  try {
    await copyFile(path, beside)
    const file = await open(beside, 'a')
    try {
      await file.appendFile(update)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, output)
  } finally {
    await rm(beside, { force: true })
  }
}
