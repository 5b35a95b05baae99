/**
 * Base64 and base64url, strict: RFC 4648, 4 and 5.
 *
 * Decoders accept exactly one spelling of each byte string (no white space, no missing or surplus padding,
 * no stray bits), so that two texts are equal exactly when the bytes are. `atob` alone is too forgiving.
 */

/** Bytes to padded base64 (RFC 4648, 4). */
export function toBase64(bytes: Uint8Array): string {
  let text = ''
  // Spreading would walk the bytes with an iterator, which takes fifteen times as long.
  for (let i = 0; i < bytes.length; i += CHUNK)
    text += Reflect.apply(String.fromCharCode, undefined, bytes.subarray(i, i + CHUNK))
  return btoa(text)
}

/** Bytes to unpadded base64url (RFC 4648, 5). */
export function toBase64url(bytes: Uint8Array): string {
  return toBase64(bytes)
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/={1,2}$/, '')
}

/** Padded base64 to bytes; `undefined` when the text is not the canonical spelling of any bytes. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!BASE64.test(text) || text.length % 4 !== 0) return undefined
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  // Servers decode a handful of these in every call; Uint8Array.from with a function takes ten times as long.
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return endsCanonically(bytes, text) ? bytes : undefined
}

/** Unpadded base64url to bytes; `undefined` when the text is not the canonical spelling of any bytes. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!BASE64URL.test(text)) return undefined
  const padding = '='.repeat((4 - (text.length % 4)) % 4)
  return fromBase64(text.replaceAll('-', '+').replaceAll('_', '/') + padding)
}

// String.fromCharCode takes its arguments on the stack; larger chunks overflow it in some engines.
const CHUNK = 0x8000
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
const BASE64URL = /^[A-Za-z0-9_-]*$/

/** The last group may carry bits that decode to nothing; RFC 4648, 3.5 lets a decoder refuse them. */
function endsCanonically(bytes: Uint8Array, text: string): boolean {
  const rest = bytes.length % 3
  return (
    toBase64(bytes.subarray(bytes.length - (rest === 0 ? Math.min(3, bytes.length) : rest))) ===
    text.slice(-4)
  )
}
