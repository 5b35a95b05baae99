/** The root certificate of the demonstration: the trust anchor that genesis put into the roster. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromBase64url } from '@natsuin/pki/encoding'
import type { KnownDeployment } from '@natsuin/testing/deployment'

/** DER. */
export function rootOf({ directory }: KnownDeployment): Uint8Array {
  const founding = JSON.parse(readFileSync(join(directory, 'founding.json'), 'utf8')) as {
    trustAnchors?: string[]
  }
  const root = fromBase64url(founding.trustAnchors?.[0] ?? '')
  if (root === undefined || root.length === 0) throw new Error('the founding file names no root')
  return root
}
