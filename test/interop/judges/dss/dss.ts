/** EU DSS, the reference implementation of the standards: verdict and level of every format. */
import type { Cell } from '../../cells/cell.ts'
import { commandOf, versionInPom } from '../../setup/java.ts'
import type { Finding, Judge } from '../judge.ts'

const program = { folder: import.meta.dirname, source: 'Judge.java' } as const

export const dss: Judge = {
  name: 'EU DSS',
  version: versionInPom(program.folder),
  judges: 'everything',
  // It does not say which signature is the newest.
  isAsked: ({ signatures }) => signatures !== 'the newest',
  command: home => commandOf(home, program),
  accepts: ({ indication, level }, cell) =>
    indication === 'TOTAL_PASSED' &&
    level === `${signatureOf(cell)}-BASELINE-${cell.level.replace('B-', '')}`,
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
    {
      applies: ({ format, level, what }) =>
        format === 'CAdES' && level === 'B-LTA' && what === 'counter-signed',
      says: /^TOTAL_PASSED, CAdES-BASELINE-LTA; TOTAL_PASSED, CAdES-BASELINE-LT$/,
      why: 'A counter-signature is protected by the archive time-stamp of the signature it is over, and has none of its own (EN 319 122-1 V1.3.1, 5.5.3); DSS names the level by its own.',
    },
  ],
}

/** In a container what counts is what the signatures in it are. */
function signatureOf({ format }: Cell): string {
  return format.replace('ASiC with ', '')
}
