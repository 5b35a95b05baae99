/**
 * What makes a request the same request: retries are told from new uses by it (threats G3).
 *
 * With a request id the activation's id follows from it and the SAD, so the record of the first attempt is found
 * again, also by another process after a crash.
 */
import { randomBytes } from 'node:crypto'
import { concat, toBase64url, utf8 } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { toWire } from '@natsuin/protocol/approval'
import type { SapRequest } from '@natsuin/protocol/sap'
import { writeJson } from '@natsuin/protocol/shape'

/** SHA-256 of everything that is asked for, the SAD apart. */
export function requestDigest({ sad: _, requestId: __, ...asked }: SapRequest<'sign'>): Uint8Array {
  return digestSync('sha256', writeJson(toWire(asked)))
}

/** @param sadDigest SHA-256 of the bearer value */
export function activationIdOf(sadDigest: Uint8Array, requestId: string): string {
  if (requestId === '') return toBase64url(randomBytes(16))
  return toBase64url(
    digestSync('sha256', concat(utf8('natsuin-activation-v1\n'), sadDigest, utf8(requestId))),
  )
}
