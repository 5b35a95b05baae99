import type { EcNumbers } from '../key-numbers.ts'
import type { KeyRule } from '../rule.ts'
import { CURVES } from './curves.ts'

/** SEC 1, 2.3.3, uncompressed: one key has one spelling, or it could be brought twice. */
export const pointForm: KeyRule<EcNumbers> = {
  reason: 'ec-point-form',
  isWeak: ({ curve, point }) =>
    curve !== undefined && (point[0] !== 0x04 || point.length !== 1 + 2 * CURVES[curve].size),
}
