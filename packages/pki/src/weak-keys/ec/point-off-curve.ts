import { type EcNumbers, integerOf } from '../key-numbers.ts'
import type { KeyRule } from '../rule.ts'
import { CURVES } from './curves.ts'

/** SEC 1, 3.2.2: coordinates in the field, and y² = x³ − 3x + b. The three curves have no smaller subgroup. */
export const pointOffCurve: KeyRule<EcNumbers> = {
  reason: 'ec-point-off-curve',
  isWeak({ curve, point }) {
    if (curve === undefined) return true
    const { p, b, size } = CURVES[curve]
    const [x, y] = [integerOf(point.subarray(1, 1 + size)), integerOf(point.subarray(1 + size))]
    return x >= p || y >= p || (x ** 3n - 3n * x + b - y ** 2n) % p !== 0n
  },
}
