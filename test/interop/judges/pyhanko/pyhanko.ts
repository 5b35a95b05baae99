/** pyHanko: EN 319 102-1 by other people, and what later revisions of a PDF changed. */
import { join } from 'node:path'
import type { Cell } from '../../cells/cell.ts'
import { versionInRequirements } from '../../setup/python.ts'
import type { Finding, Judge } from '../judge.ts'

export const pyhanko: Judge = {
  name: 'pyHanko',
  version: versionInRequirements(import.meta.dirname, 'pyhanko'),
  judges: 'PAdES',
  isAsked: ({ format }) => format === 'PAdES',
  command: home => [join(home, 'python', 'bin', 'python'), join(import.meta.dirname, 'judge.py')],
  accepts: (finding, cell) => finding.indication === 'PASSED' && coversAndLasts(finding, cell),
  word: ({ indication, subIndication, coverage, strict, changesAllowed, archived }) =>
    [
      indication === 'PASSED' ? indication : `${indication} ${subIndication}`,
      ...(coverage === undefined ? [] : [coverage]),
      ...(strict === false ? ['not read strictly'] : []),
      ...(changesAllowed === false ? ['later changes are not allowed'] : []),
      ...(archived === true ? ['archived'] : []),
    ].join(', '),
  limits: [
    {
      applies: ({ algorithm }) => algorithm.startsWith('rsa-sha3-'),
      says: /SIG_CRYPTO_FAILURE/,
      why: 'What it reads ASN.1 with has no name for RSASSA-PKCS1-v1_5 with SHA-3. DSS and OpenSSL know it.',
    },
    {
      applies: ({ what }) => what === 'coverage-anomalies/base.pdf',
      says: /Error parsing asn1crypto.cms.ContentInfo/,
      why: 'It reads no other signature where an earlier one is no CMS.',
    },
    {
      applies: ({ stampedByDocument }) => stampedByDocument === true,
      says: /SIG_CONSTRAINTS_FAILURE/,
      why: 'It wants a time-stamp in the signature itself, and takes no document time-stamp in its place.',
    },
  ],
}

/** The file itself, or the revision that was signed with nothing behind it that the signature forbids. */
function coversAndLasts({ coverage, changesAllowed, archived }: Finding, { level }: Cell): boolean {
  const covers = coverage === 'ENTIRE_FILE' || coverage === 'ENTIRE_REVISION'
  return covers && changesAllowed === true && (level !== 'B-LTA' || archived === true)
}
