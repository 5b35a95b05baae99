/**
 * The mark that a restoration leaves beside the heads of the logs: the SAM that finds it acts only once people of the roster
 * have agreed, because what was taken away after the backup may have come back (sole-control 8 and 9).
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { digestSync } from '@natsuin/pki/node'
import { toWire } from '@natsuin/protocol/approval'
import type { Restoration } from '@natsuin/protocol/keys'
import { replaceFile } from '@natsuin/protocol/node'
import {
  base64url,
  integer,
  list,
  oneOf,
  optional,
  readStrictJson,
  record,
  type Shaped,
  writeJson,
} from '@natsuin/protocol/shape'

const restorationMark = record({
  v: oneOf(1),
  /** Seconds since 1970-01-01T00:00:00Z. */
  restoredAt: integer({ min: 0, max: 2 ** 40 }),
  /** SHA-256 of the backups. */
  backups: list(base64url({ min: 32, max: 32 }), { min: 1, max: 10 }),
  nonce: base64url({ min: 16, max: 16 }),
  /** What the first start after it found: how much of the state log, and of when its newest leaf is, in milliseconds. */
  found: optional(
    record({ stateSize: integer({ min: 1, max: 2 ** 50 }), newestAt: integer({ min: 0, max: 2 ** 50 }) }),
  ),
})

type RestorationMark = Shaped<typeof restorationMark>
type Found = NonNullable<RestorationMark['found']>

/** A restoration that nobody has agreed to yet. */
export interface PendingRestoration extends Found, Pick<RestorationMark, 'restoredAt'> {
  /** SHA-256 of the mark. */
  readonly digest: Uint8Array
}

const fileIn = (checkpointDirectory: string) => join(checkpointDirectory, 'restored.json')

export async function leaveMark(
  checkpointDirectory: string,
  { backups }: Restoration,
  restoredAt: number,
): Promise<void> {
  mkdirSync(checkpointDirectory, { recursive: true, mode: 0o700 })
  const mark = { v: 1, restoredAt, backups, nonce: new Uint8Array(randomBytes(16)) } as const
  await replaceFile(fileIn(checkpointDirectory), writeJson(toWire(mark)), 0o600)
}

/** @param now what a first start finds @throws ShapeError */
export async function findMark(
  checkpointDirectory: string,
  now: Found,
): Promise<PendingRestoration | undefined> {
  const file = fileIn(checkpointDirectory)
  if (!existsSync(file)) return undefined
  const mark = readStrictJson(new Uint8Array(readFileSync(file)), restorationMark)
  const { restoredAt, found = now } = mark
  const bytes = writeJson(toWire({ ...mark, found }))
  if (mark.found === undefined) await replaceFile(file, bytes, 0o600)
  return { restoredAt, ...found, digest: digestSync('sha256', bytes) }
}

export const removeMark = (checkpointDirectory: string): Promise<void> =>
  rm(fileIn(checkpointDirectory), { force: true })
