import type { EcPrivateKey } from '../../pkcs8/private-key.ts'
import type { KeyRule } from '../rule.ts'
import { CURVES } from './curves.ts'

/** SEC 1, 3.2.1: from 1 to the order of the base point, exclusive. */
export const secretRange: KeyRule<EcPrivateKey> = {
  reason: 'ec-secret-range',
  isWeak: ({ curve, secret }) => curve === undefined || secret < 1n || secret >= CURVES[curve].n,
}
