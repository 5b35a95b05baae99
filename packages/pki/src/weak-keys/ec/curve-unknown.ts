import type { EcParameters } from '../../x509/ec-parameters.ts'
import type { KeyRule } from '../rule.ts'

/** Not one of the curves that we sign with. */
export const curveUnknown: KeyRule<EcParameters> = {
  reason: 'ec-curve-unknown',
  isWeak: ({ curve }) => curve === undefined,
}
