/** `Retry-After`: seconds, or a date (RFC 9110, 10.2.3). */

/** `undefined` when the header is absent or says neither. */
export function retryAfterSecondsOf(headers: Headers, now = Date.now()): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text)
  const at = text === '' ? Number.NaN : Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000))
}
