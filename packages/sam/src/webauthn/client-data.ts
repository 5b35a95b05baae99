/**
 * Client data: what the browser says about the ceremony. WebAuthn Level 3, 5.8.1.
 *
 * The authenticator signs its hash, and only a browser writes it, so any JSON object with the four members we
 * judge is read; members that future browsers add are passed over, as 5.8.1 asks.
 */
import { fromBase64url, fromUtf8 } from '@natsuin/pki/encoding'
import { ShapeError } from '@natsuin/protocol/shape'

export interface ClientData {
  readonly type: string
  readonly challenge: Uint8Array
  readonly origin: string
  /** In a frame of another origin. A page that is framed at all says so, or names the top origin. */
  readonly crossOrigin: boolean
}

/** @throws ShapeError */
export function parseClientData(clientDataJSON: Uint8Array): ClientData {
  const members = parseObject(clientDataJSON)
  const { type, challenge, origin, crossOrigin = false, topOrigin } = members
  const decoded = typeof challenge === 'string' ? fromBase64url(challenge) : undefined
  if (typeof type !== 'string' || typeof origin !== 'string' || decoded === undefined) {
    throw new ShapeError('clientDataJSON', 'type, challenge and origin')
  }
  if (typeof crossOrigin !== 'boolean') throw new ShapeError('clientDataJSON.crossOrigin', 'true or false')
  return { type, challenge: decoded, origin, crossOrigin: crossOrigin || topOrigin !== undefined }
}

interface Members {
  readonly type?: unknown
  readonly challenge?: unknown
  readonly origin?: unknown
  readonly crossOrigin?: unknown
  readonly topOrigin?: unknown
}

function parseObject(clientDataJSON: Uint8Array): Members {
  const written = fromUtf8(clientDataJSON)
  try {
    const value: unknown = JSON.parse(written ?? '')
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new ShapeError('clientDataJSON', 'a JSON object in UTF-8')
}
