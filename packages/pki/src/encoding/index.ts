export { fromBase64, fromBase64url, toBase64, toBase64url } from './base64.ts'
export { concat, equal, fromUtf8, join, toHex, utf8 } from './bytes.ts'
