import type { EcNumbers } from '../key-numbers.ts'
import type { KeyRule } from '../rule.ts'

/** SEC 1, 2.3.3: a single zero octet is the point at infinity, whose secret is 0. */
export const pointInfinite: KeyRule<EcNumbers> = {
  reason: 'ec-point-infinite',
  isWeak: ({ point }) => point.length === 1 && point[0] === 0,
}
