import type { EcParameters } from '../../x509/ec-parameters.ts'
import type { KeyRule } from '../rule.ts'

/**
 * A curve is named (RFC 5480, 2.1.1). Spelled out, it can be one of ours with another generator, under which
 * anybody knows the secret to a given point (CVE-2020-0601).
 */
export const parametersExplicit: KeyRule<EcParameters> = {
  reason: 'ec-parameters-explicit',
  isWeak: ({ parameters }) => parameters === 'explicit',
}
