/** An answer of `navigator.credentials` in its own JSON; @simplewebauthn/server checks every member of it. */
import { type Shape, ShapeError } from '@natsuin/protocol/shape'

export function browserAnswer<T extends { readonly id: string; readonly response: object }>(): Shape<T> {
  return (value, path = '') => {
    const { id, response } = (value ?? {}) as Partial<Record<string, unknown>>
    const whole = typeof id === 'string' && typeof response === 'object' && response !== null
    if (!whole) throw new ShapeError(path, 'an answer of navigator.credentials')
    return value as T
  }
}
