/** EU DSS, the reference implementation of the standards: verdict and level of every format. */
import { join } from 'node:path'
import { versionInPom } from '../../setup/java.ts'
import type { Finding, Judge } from '../judge.ts'

export const dss: Judge = {
  name: 'EU DSS',
  version: versionInPom('dss'),
  judges: 'everything',
  // It does not say which signature is the newest.
  isAsked: ({ signatures }) => signatures !== 'the newest',
  command: home => ['java', '-cp', `${join(home, 'dss', 'classes')}:${join(home, 'dss', 'lib')}/*`, 'Judge'],
  accepts: ({ indication, level }, cell) =>
    indication === 'TOTAL_PASSED' && level === `${cell.format}-BASELINE-${cell.level.replace('B-', '')}`,
  word: ({ indication, subIndication, level, intact }: Finding) =>
    [
      [indication, subIndication].filter(part => part !== null).join(' '),
      level,
      ...(indication !== 'TOTAL_PASSED' && intact === true ? ['intact'] : []),
    ].join(', '),
  limits: [
    {
      applies: ({ algorithm }) => algorithm === 'ed25519',
      says: /CRYPTO_CONSTRAINTS_FAILURE_NO_POE, \w+-BASELINE-\w+, intact/,
      why: 'The signature value is right; its default catalogue of algorithms lists no EdDSA.',
    },
  ],
}
