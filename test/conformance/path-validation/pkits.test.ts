/**
 * NIST's Public Key Interoperability Test Suite (PKITS) against our path validation and CRLs, from the folder that
 * NATSUIN_CORPORA names: every case ends as NIST expects, or stands in a table here with the reason.
 *
 * The tables are exact: a case that starts to agree must leave them, and a case that stops to agree fails.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { DerError } from '@natsuin/pki/asn1'
import { type Crl, parseCrl, revocationStatus, verifyCrl } from '@natsuin/pki/crl'
import { nodePlatform } from '@natsuin/pki/node'
import { validatePath } from '@natsuin/pki/path'
import { type Certificate, parseCertificate } from '@natsuin/pki/x509'

const corpora = process.env['NATSUIN_CORPORA']
const skip = corpora === undefined && 'NATSUIN_CORPORA does not name a folder with the PKITS certificates'
const AT = new Date('2020-01-01T00:00:00Z')

interface Case {
  readonly id: string
  readonly name: string
  readonly cert: string
  readonly other_certs?: readonly string[]
  readonly crls?: readonly string[]
  /** False where a case is about the path alone. */
  readonly revocation?: boolean
  /** Present when the path must be refused. */
  readonly error?: unknown
}

/** Cases that must be refused and that we accept, each because of something we are not asked to do. */
const ACCEPTED: Readonly<Record<string, string>> = {
  '40801': 'demands a policy of the caller; whoever demands one reads the policies of the path',
  '40802': 'demands a policy of the caller',
  '40803': 'demands a policy of the caller',
  '41504': 'revoked on a delta CRL only; we read complete CRLs and no deltas',
}

/** Good paths that we refuse: the safe side, by group of cases and with our answer. */
const REFUSED: readonly { readonly cases: RegExp; readonly answer: string; readonly reason: string }[] = [
  { cases: /^4010[45]$/, answer: 'key-unacceptable', reason: 'DSA keys' },
  { cases: /^403(03|04|05|10|11)$/, answer: 'no-path', reason: 'names that match only after folding' },
  { cases: /^40419$/, answer: 'no-crl', reason: 'CRL signed by another key than the certificates' },
  { cases: /^4050[1346]$/, answer: 'no-crl', reason: 'CRL signed by another key than the certificates' },
  { cases: /^4061[57]$/, answer: 'no-crl', reason: 'CRL signed by another key than the certificates' },
  { cases: /^40(806|810|811|813|814)$/, answer: 'constraint-unsupported', reason: 'policy constraints' },
  { cases: /^409\d\d$/, answer: 'constraint-unsupported', reason: 'policy constraints' },
  { cases: /^41[0-2]\d\d$/, answer: 'constraint-unsupported', reason: 'policy mappings and constraints' },
  { cases: /^413\d\d$/, answer: 'constraint-unsupported', reason: 'name constraints' },
  { cases: /^414\d\d$/, answer: 'no-crl', reason: 'partial and indirect CRLs' },
  { cases: /^41505$/, answer: 'revoked', reason: 'hold lifted on a delta CRL only' },
]

describe('PKITS (RFC 5280, 6)', { skip }, () => {
  const folder = join(corpora ?? '', 'pkits')
  const read = (kind: string, name: string) => new Uint8Array(readFileSync(join(folder, kind, name)))
  const certificate = (name: string) => parseCertificate(read('certs', name))
  const root = skip === false ? certificate('TrustAnchorRootCertificate.crt') : undefined
  const cases: readonly Case[] =
    skip === false ? JSON.parse(readFileSync(join(folder, 'pkits.json'), 'utf8')) : []

  it('has its 246 cases', () => assert.equal(cases.length, 246))

  for (const { id, name, error, ...rest } of cases) {
    it(`${id} ${name}`, async () => {
      const answer = await answerTo(rest)
      if (answer === 'good') {
        assert.ok(error === undefined || ACCEPTED[id] !== undefined, 'accepted a path that must be refused')
        return
      }
      if (error !== undefined) return
      const known = REFUSED.find(deviation => deviation.cases.test(id))
      assert.equal(answer, known?.answer, known?.reason)
    })
  }

  it('needs every line of the two tables', async () => {
    const answers = await Promise.all(cases.map(async entry => ({ ...entry, answer: await answerTo(entry) })))
    const accepted = answers.filter(({ answer, error }) => answer === 'good' && error !== undefined)
    assert.deepEqual([...new Set(accepted.map(({ id }) => id))], Object.keys(ACCEPTED))
    for (const { cases: group, answer } of REFUSED) {
      assert.ok(
        answers.some(entry => group.test(entry.id) && entry.answer === answer && entry.error === undefined),
        String(group),
      )
    }
  })

  async function answerTo({
    cert,
    other_certs = [],
    crls = [],
    revocation,
  }: Omit<Case, 'id' | 'name'>): Promise<string> {
    const [leaf, ...intermediates] = [cert, ...other_certs].map(readableCertificate)
    assert.ok(root !== undefined)
    // The suite spoils signatures so that they are no whole octets any more.
    if (leaf === undefined || intermediates.includes(undefined)) return 'malformed'
    const verdict = await validatePath({
      leaf,
      intermediates: intermediates.flatMap(intermediate => intermediate ?? []),
      trustAnchors: [root],
      at: AT,
      platform: nodePlatform,
    })
    if (!verdict.valid) return verdict.problem
    if (revocation === false) return 'good'
    const lists = [...crls, 'TrustAnchorRootCRL.crl'].flatMap(readableCrl)
    return revocationAnswer(verdict.path, lists)
  }

  function readableCertificate(name: string): Certificate | undefined {
    try {
      return certificate(name)
    } catch (error) {
      assert.ok(error instanceof DerError)
      return undefined
    }
  }

  /** Some CRLs of the suite are malformed on purpose; nobody can rely on those. */
  function readableCrl(name: string): readonly Crl[] {
    try {
      return [parseCrl(read('crls', name))]
    } catch (error) {
      assert.ok(error instanceof DerError)
      return []
    }
  }
})

/** Hard fail: each certificate below the anchor needs a current CRL of its issuer that does not list it. */
async function revocationAnswer(path: readonly Certificate[], crls: readonly Crl[]): Promise<string> {
  for (const [i, certificate] of path.slice(0, -1).entries()) {
    const issuer = path[i + 1]
    assert.ok(issuer !== undefined)
    const answers = await Promise.all(crls.map(crl => answerOf(crl, certificate, issuer)))
    const found = ['revoked', 'undecidable', 'not-revoked'].find(kind => answers.includes(kind)) ?? 'no-crl'
    if (found !== 'not-revoked') return found
  }
  return 'good'
}

async function answerOf(
  crl: Crl,
  certificate: Certificate,
  issuer: Certificate,
): Promise<string | undefined> {
  const verdict = await verifyCrl({ crl, issuer, at: AT }, nodePlatform)
  return verdict.valid ? revocationStatus(crl, certificate).kind : undefined
}
