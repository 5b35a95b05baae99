/** The two editions that services speak: by their base URL, which names it (CSC API v2.0.0.2, 7.1), else by `info`. */

import type { Edition } from '@natsuin/protocol/csc'

/** `undefined`: the base URL does not say. Early services call the first edition v0. */
export function editionInUrl(baseUrl: string): Edition | undefined {
  const [, digit] = /\/v([012])\/*$/.exec(new URL(baseUrl).pathname) ?? []
  if (digit === undefined) return undefined
  return digit === '2' ? 'v2' : 'v1'
}

export function editionOfSpecs(specs: string): Edition {
  return /^[01]\./.test(specs) ? 'v1' : 'v2'
}
