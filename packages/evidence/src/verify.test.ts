/** Evidence of real signatures, whole and with one thing wrong at a time. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { fromBase64url, toBase64url, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { rounds, seed } from '@natsuin/testing/rounds'
import fc from 'fast-check'
import { type Signed, signDocuments } from './fixture/signed.ts'
import type { Json } from './fixture/signed-document.ts'
import type { DocumentSignature, EvidenceQuestion } from './question.ts'
import type { EvidenceReason, EvidenceVerdict } from './verdict.ts'
import { verifyEvidence } from './verify.ts'

const filesOf = ({ alice, mallory, vouched, added, sealed, documents, byProvider, byBoth }: Signed) => [
  ...alice,
  mallory,
  vouched,
  ...added,
  sealed,
  ...Object.values(documents),
  byProvider,
  byBoth,
]

let signed: Signed
before(async () => {
  signed = await signDocuments()
})

interface Asked {
  readonly document?: DocumentSignature
  readonly samKeyDigest?: string
  readonly witnesses?: NonNullable<EvidenceQuestion['witnesses']>
}

function verify(evidence: Json | Uint8Array, asked: Asked = {}): Promise<EvidenceVerdict> {
  const file = evidence instanceof Uint8Array ? evidence : utf8(JSON.stringify(evidence))
  return verifyEvidence({
    evidence: file,
    samKeyDigest: signed.samKeyDigest,
    platform: nodePlatform,
    ...asked,
  })
}

async function reasonOf(...given: Parameters<typeof verify>): Promise<EvidenceReason | 'valid'> {
  const verdict = await verify(...given)
  return verdict.valid ? 'valid' : verdict.reason
}

type Path = readonly (string | number)[]

function at(value: Json, path: Path): Json {
  return path.reduce<Json>((inner, step) => Object(inner)[step] as Json, value)
}

/** A copy with the value at this path replaced. */
function changed(value: Json, path: Path, replacement: Json): Json {
  const [step, ...rest] = path
  if (step === undefined) return replacement
  if (Array.isArray(value)) {
    return value.map((one, i) => (i === step ? changed(one, rest, replacement) : one))
  }
  const members = Object(value) as { [member: string]: Json }
  return { ...members, [step]: changed(members[step] ?? null, rest, replacement) }
}

/** Every leaf of the JSON, by its path. */
function leavesOf(value: Json, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([name, inner]) =>
    leavesOf(inner, [...path, Array.isArray(value) ? Number(name) : name]),
  )
}

/** One bit of what the leaf stands for: of its bytes, of its text, of its number. */
function flip(value: Json, where: number): Json {
  if (typeof value === 'number') return value + 1
  if (typeof value === 'boolean') return !value
  if (typeof value !== 'string') return 0
  const bytes = fromBase64url(value)
  if (bytes !== undefined && bytes.length > 0) {
    const target = where % bytes.length
    return toBase64url(bytes.map((byte, i) => (i === target ? byte ^ (1 << (where % 8)) : byte)))
  }
  const target = where % value.length
  const other = value[target] === 'A' ? 'B' : 'A'
  return value.slice(0, target) + other + value.slice(target + 1)
}

const ASSERTION: readonly EvidenceReason[] = ['assertion-invalid']
const STATEMENT: readonly EvidenceReason[] = [
  'statement-invalid',
  'ticket-not-genuine',
  'assertion-invalid',
  'seal-invalid',
]
const NOT_INCLUDED: readonly EvidenceReason[] = ['leaf-not-included']

/** Which link breaks when one bit of a part is changed. The first pattern that fits counts. */
const REASONS: readonly (readonly [RegExp, readonly EvidenceReason[]])[] = [
  [/^(v|type)$/, ['not-evidence']],
  [/^samKey$/, ['sam-key-not-pinned']],
  // A number that no roster may hold is no evidence at all.
  [/^roster\./, ['roster-not-founded', 'not-evidence']],
  [/^amendments\.\d\.approvals\.\d\.statement$/, [...STATEMENT, 'amendment-invalid']],
  [/^amendments\.\d\.leaf/, NOT_INCLUDED],
  [/^(grant\.\d|approval)\.statement$/, STATEMENT],
  [/\.clientDataJSON$/, [...ASSERTION, 'wrong-origin', 'enrolment-not-by-grant-holder']],
  [/\.authenticatorData$/, [...ASSERTION, 'user-not-verified']],
  [/^(amendments\.\d\.approvals\.\d|grant\.\d|approval\.proof)\.assertion\./, ASSERTION],
  [/^approval\.proof\.kind$/, ['not-evidence']],
  [/\.idToken$/, ['log-in-invalid', 'not-evidence', 'registration-invalid']],
  [/^enrolment\.means\.provider\./, ['enrolment-not-by-grant-holder', 'not-evidence']],
  [/^approval\.proof\.seal$/, ['seal-invalid', 'not-evidence']],
  [
    /^enrolment\.statement$/,
    ['statement-invalid', 'ticket-not-genuine', 'grants-differ', 'enrolment-not-by-grant-holder'],
  ],
  // What is no seal, or no key, is no evidence at all.
  [/^enrolment\.means\.sealKey\./, ['enrolment-not-by-grant-holder', 'not-evidence']],
  [/^enrolment\./, ['enrolment-not-by-grant-holder']],
  [/^additions\.\d\.statement$/, [...STATEMENT, 'registration-invalid']],
  [/^additions\.\d\.assertion\./, ASSERTION],
  [/^additions\.\d\.added\.index$/, [...NOT_INCLUDED, 'leaves-out-of-order']],
  [/^additions\.\d\.added\./, NOT_INCLUDED],
  [/^keyAttestation$/, ['attestation-not-genuine', 'not-evidence']],
  [/^certificates\.0$/, ['certificate-not-for-key']],
  [/^certificates\.\d$/, ['certificate-not-for-key', 'certificate-not-trusted']],
  [/^activation\.(activationId|index|dtbsr)$/, ['activation-for-another']],
  [/^activation\.signatureValue$/, ['signature-not-recorded']],
  [/^activation\.made\.(madeBy|hashType)$/, ['not-evidence']],
  [/^activation\.made\.documentDigest$/, ['activation-for-another']],
  [/^activation\.made\.signedAttributes$/, ['representation-differs']],
  [/^activation\.made\.dtbs$/, ['document-differs']],
  [/^(state|activity)Log\.checkpoint$/, ['checkpoint-not-genuine']],
  [/^(state|activity)Log\./, NOT_INCLUDED],
]

function expectedFor(path: Path): readonly EvidenceReason[] {
  const name = path.join('.')
  const [, reasons] = REASONS.find(([pattern]) => pattern.test(name)) ?? []
  assert.ok(reasons, `no expectation for ${name}`)
  return reasons
}

async function assertDetected(evidence: Json, path: Path, where: number): Promise<void> {
  const wrong = changed(evidence, path, flip(at(evidence, path), where))
  const reason = await reasonOf(wrong)
  const expected: readonly string[] = expectedFor(path)
  assert.ok(expected.includes(reason), `${path.join('.')} at ${where}: ${reason}`)
}

describe('the evidence of a signature', () => {
  it('holds, alone and with the document', async () => {
    for (const { evidence, document } of filesOf(signed)) {
      assert.equal(await reasonOf(evidence), 'valid')
      assert.equal(await reasonOf(evidence, { document }), 'valid')
    }
  })

  it('says what it proves', async () => {
    const { evidence, document } = signed.alice[0]
    const verdict = await verify(evidence, { document })
    assert.ok(verdict.valid)
    const { facts } = verdict
    assert.equal(facts.level, 3)
    assert.equal(facts.environment, 'test')
    assert.equal(facts.softwareModule, true)
    assert.deepEqual(facts.subject, { commonName: 'Alice', countryName: 'JP' })
    assert.deepEqual(facts.officers, ['First officer', 'Second officer'])
    assert.equal(facts.client, 'Portal')
    assert.equal(facts.clientKey, undefined)
    assert.equal(facts.approved.basis, 'seen')
    assert.equal(facts.approved.label, 'first.pdf')
    assert.equal(facts.documentCompared, true)
    assert.ok(facts.approvedAt <= facts.signedAt)
  })

  it('says that the application vouched for a name, and with which key', async () => {
    const verdict = await verify(signed.vouched.evidence)
    assert.ok(verdict.valid)
    const { approved, client, clientKey } = verdict.facts
    assert.deepEqual([approved.basis, approved.label], ['vouched', 'vouched.pdf'])
    assert.deepEqual([client, clientKey], ['Portal', 'portal-1'])
  })

  it('says whether there was a document to compare with', async () => {
    const verdict = await verify(signed.alice[0].evidence)
    assert.ok(verdict.valid)
    assert.equal(verdict.facts.documentCompared, false)
  })

  it('proves nothing to whoever pinned another key', async () => {
    const { evidence } = signed.alice[0]
    assert.equal(await reasonOf(evidence, { samKeyDigest: '0'.repeat(64) }), 'sam-key-not-pinned')
    assert.equal(await reasonOf(evidence, { samKeyDigest: '' }), 'sam-key-not-pinned')
    assert.equal(await reasonOf(evidence, { samKeyDigest: signed.samKeyDigest.toUpperCase() }), 'valid')
  })
})

describe('evidence under heads that were cosigned', () => {
  const OTHER = 'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2'
  const asking = (vkeys: readonly string[], quorum?: number) => ({
    witnesses: { vkeys, ...(quorum !== undefined && { quorum }) },
  })

  it('shows the witness that the verifier knows, and when', async () => {
    const { evidence } = signed.witnessed
    const verdict = await verify(evidence, asking([signed.vkey]))
    assert.ok(verdict.valid)
    const [witness, ...others] = verdict.facts.witnesses
    assert.deepEqual(others, [])
    assert.equal(witness?.name, 'witness.example/w1')
    assert.ok(Math.abs(Number(witness?.at) - Date.now()) < 600_000)
    const unasked = await verify(evidence)
    assert.deepEqual(unasked.valid && unasked.facts.witnesses, [])
  })

  it('is demanded of as many witnesses as the verifier says', async () => {
    const { evidence } = signed.witnessed
    assert.equal(await reasonOf(evidence, asking([signed.vkey, OTHER], 1)), 'valid')
    assert.equal(await reasonOf(evidence, asking([signed.vkey, OTHER])), 'not-witnessed')
    assert.equal(await reasonOf(evidence, asking([OTHER])), 'not-witnessed')
    assert.equal(await reasonOf(evidence, asking(['no key'])), 'not-witnessed')
  })

  it('does not pass with one cosignature missing or wrong, nor from before there was a witness', async () => {
    const { evidence } = signed.witnessed
    for (const log of ['stateLog', 'activityLog']) {
      const checkpoint = String(at(evidence, [log, 'checkpoint']))
      const [, line = ''] = /\n(— witness[^\n]+)\n$/.exec(checkpoint) ?? []
      for (const wrong of [checkpoint.replace(`${line}\n`, ''), checkpoint.replace(line, flipLast(line))]) {
        const other = changed(evidence, [log, 'checkpoint'], wrong)
        assert.equal(await reasonOf(other), 'valid')
        assert.equal(await reasonOf(other, asking([signed.vkey])), 'not-witnessed')
      }
    }
    assert.equal(await reasonOf(signed.alice[0].evidence, asking([signed.vkey])), 'not-witnessed')
  })

  const flipLast = (line: string) =>
    line.replace(/(.)==$|(.)=$|(.)$/, one => (one[0] === 'A' ? 'Q' : 'A') + one.slice(1))
})

describe('a passkey that was added', () => {
  it('is shown to be the signer’s, from the one that was enrolled on', async () => {
    const [enrolled, added] = await Promise.all(
      [signed.alice[0], signed.added[0]].map(({ evidence }) => verify(evidence)),
    )
    assert.ok(enrolled?.valid && added?.valid)
    const [first, second] = [enrolled.facts.approvedWith, added.facts.approvedWith]
    assert.ok(first.kind === 'passkey' && second.kind === 'passkey')
    assert.equal(first.origin, 'enrolled')
    assert.equal(second.origin, 'added')
    assert.ok(second.since > first.since)
    assert.notDeepEqual(second.credentialId, first.credentialId)
  })

  it('is nobody’s without the addition, nor by another addition', async () => {
    const [one, two] = signed.added
    assert.equal(await reasonOf(changed(one.evidence, ['additions'], [])), 'assertion-invalid')
    const foreign = changed(one.evidence, ['additions'], at(two.evidence, ['additions']))
    assert.ok(
      ['assertion-invalid', 'leaf-not-included', 'leaves-out-of-order'].includes(await reasonOf(foreign)),
    )
  })

  it('adds nothing to a signature that another one approved, for whoever it was added', async () => {
    const additions = at(signed.added[0].evidence, ['additions'])
    // The records of an older log are not under an older checkpoint.
    assert.equal(
      await reasonOf(changed(signed.alice[0].evidence, ['additions'], additions)),
      'leaves-out-of-order',
    )
    assert.notEqual(await reasonOf(changed(signed.mallory.evidence, ['additions'], additions)), 'valid')
  })
})

describe('an identity provider', () => {
  it('is said to have vouched: with whose word, for whom and when', async () => {
    const verdict = await verify(signed.byProvider.evidence)
    assert.ok(verdict.valid)
    const { approvedWith, approvedAt, level } = verdict.facts
    assert.ok(approvedWith.kind === 'provider')
    const { provider, subject, acr, at: loggedInAt, since } = approvedWith.logIn
    assert.deepEqual([provider, subject, acr, level], ['Example ID', 'bob', 'urn:example:two-factor', 2])
    assert.ok(since < loggedInAt && loggedInAt <= approvedAt)
  })

  it('is said to have vouched together with a passkey', async () => {
    const verdict = await verify(signed.byBoth.evidence)
    assert.ok(verdict.valid)
    const { approvedWith, level } = verdict.facts
    assert.ok(approvedWith.kind === 'provider-and-passkey')
    assert.deepEqual([approvedWith.passkey.origin, approvedWith.logIn.subject, level], ['enrolled', 'bob', 3])
  })

  it('proves nothing with a log-in for another statement, nor alone where a passkey is wanted (T-IDP-06)', async () => {
    const [alone, both] = [signed.byProvider.evidence, signed.byBoth.evidence]
    const enrolled = at(alone, ['enrolment', 'idToken'])
    assert.equal(await reasonOf(changed(alone, ['approval', 'proof', 'idToken'], enrolled)), 'log-in-invalid')
    const foreign = at(both, ['approval', 'proof', 'idToken'])
    assert.equal(await reasonOf(changed(alone, ['approval', 'proof', 'idToken'], foreign)), 'log-in-invalid')
    const word = { kind: 'provider', idToken: foreign }
    assert.equal(await reasonOf(changed(both, ['approval', 'proof'], word)), 'proof-refused')
    assert.equal(
      await reasonOf(changed(signed.alice[0].evidence, ['approval', 'proof'], word)),
      'proof-refused',
    )
  })

  it('is linked by what was logged, and by nothing else (T-IDP-05)', async () => {
    const { evidence } = signed.byProvider
    const other = at(signed.byBoth.evidence, ['enrolment', 'idToken'])
    assert.equal(await reasonOf(changed(evidence, ['enrolment', 'idToken'], other)), 'registration-invalid')
    const { idToken: _, ...without } = Object(at(evidence, ['enrolment'])) as { [member: string]: Json }
    assert.equal(await reasonOf(changed(evidence, ['enrolment'], without)), 'registration-invalid')
  })
})

describe('a seal key', () => {
  it('is said to be what approved, and since when', async () => {
    const verdict = await verify(signed.sealed.evidence)
    assert.ok(verdict.valid)
    const { approvedWith, subject, level, client } = verdict.facts
    assert.equal(approvedWith.kind, 'seal-key')
    assert.ok(approvedWith.since < verdict.facts.approvedAt)
    assert.deepEqual([subject.organizationIdentifier, level, client], ['NTRJP-1010001000001', 2, 'Machine'])
  })

  it('proves nothing with the seal of another statement, and nothing as another kind of proof', async () => {
    const { evidence } = signed.sealed
    const enrolled = at(evidence, ['enrolment', 'means', 'sealKey', 'seal'])
    assert.equal(await reasonOf(changed(evidence, ['approval', 'proof', 'seal'], enrolled)), 'seal-invalid')
    const assertion = at(signed.alice[0].evidence, ['approval', 'proof'])
    assert.equal(await reasonOf(changed(evidence, ['approval', 'proof'], assertion)), 'proof-refused')
    const sealed = at(evidence, ['approval', 'proof'])
    const { evidence: hers } = signed.alice[0]
    assert.equal(await reasonOf(changed(hers, ['approval', 'proof'], sealed)), 'proof-refused')
  })

  it('is enrolled by the holder of the grant: no other takes its place', async () => {
    const { evidence } = signed.sealed
    const means = { passkey: at(signed.alice[0].evidence, ['enrolment', 'means', 'passkey']) }
    assert.equal(
      await reasonOf(changed(evidence, ['enrolment', 'means'], means)),
      'enrolment-not-by-grant-holder',
    )
  })
})

describe('a document that was approved by its digest', () => {
  it('is said to be what was approved, and how what was signed comes of it', async () => {
    const { cades, pades, prepared, bare, whole } = signed.documents
    for (const [one, hashType, connection, level] of [
      [cades, 'sdr', 'derived', 3],
      [pades, 'sdr', 'derived', 3],
      [whole, 'sodr', 'derived', 2],
      [prepared, 'sodr', 'prepared', 2],
      [bare, 'sdr', 'prepared', 2],
    ] as const) {
      const verdict = await verify(one.evidence)
      assert.ok(verdict.valid)
      const { approved, ...facts } = verdict.facts
      assert.ok('hashType' in approved)
      assert.deepEqual([approved.hashType, facts.connection, facts.level], [hashType, connection, level])
    }
    const verdict = await verify(signed.alice[0].evidence)
    assert.equal(verdict.valid && verdict.facts.connection, 'approved')
  })

  it('is not what another one was signed for, nor anything else than it was approved as', async () => {
    const { cades, pades, prepared } = signed.documents
    const path = ['activation', 'made']
    const exchanged = changed(cades.evidence, path, at(pades.evidence, path))
    assert.equal(await reasonOf(exchanged), 'activation-for-another')
    const renamed = changed(prepared.evidence, [...path, 'hashType'], 'sdr')
    assert.equal(await reasonOf(renamed), 'activation-for-another')
    const { made: _, ...activation } = Object(at(cades.evidence, ['activation'])) as {
      [member: string]: Json
    }
    assert.equal(
      await reasonOf(changed(cades.evidence, ['activation'], activation)),
      'activation-for-another',
    )
  })

  it('is at level 3 what the SAM made of it, and below it may be what the server made, which is said', async () => {
    const { cades, whole } = signed.documents
    for (const [{ evidence }, reason] of [
      [cades, 'representation-refused'],
      [whole, 'valid'],
    ] as const) {
      const { signedAttributes: _, ...made } = Object(at(evidence, ['activation', 'made']))
      const byServer = changed(evidence, ['activation', 'made'], { ...made, madeBy: 'server' })
      assert.equal(await reasonOf(byServer), reason)
    }
  })

  it('is not derived where the server made what was signed, whatever it calls that', async () => {
    const { prepared, whole } = signed.documents
    const { dtbs, ...made } = Object(at(prepared.evidence, ['activation', 'made']))
    for (const signedAttributes of [dtbs, at(whole.evidence, ['activation', 'made', 'signedAttributes'])]) {
      const bySam = { ...made, madeBy: 'sam', signedAttributes }
      assert.equal(
        await reasonOf(changed(prepared.evidence, ['activation', 'made'], bySam)),
        'representation-differs',
      )
    }
  })

  it('may come without the preimage that the server gave, and not with another one', async () => {
    const { prepared, bare } = signed.documents
    const { dtbs: _, ...made } = Object(at(prepared.evidence, ['activation', 'made']))
    assert.equal(await reasonOf(changed(prepared.evidence, ['activation', 'made'], made)), 'valid')
    const other = { ...Object(at(bare.evidence, ['activation', 'made'])), dtbs: 'AAAA' }
    assert.equal(await reasonOf(changed(bare.evidence, ['activation', 'made'], other)), 'document-differs')
  })
})

describe('a document', () => {
  it('is not proved by the evidence of another, of the same approval or not', async () => {
    const [first, second, third] = signed.alice
    for (const [evidence, other] of [
      [first, second],
      [second, third],
      [third, second],
      [first, signed.mallory],
    ] as const) {
      assert.equal(await reasonOf(evidence.evidence, { document: other.document }), 'document-differs')
    }
  })

  it('is not proved when its signature value or its signed attributes were exchanged', async () => {
    const { evidence, document } = signed.alice[0]
    const { document: other } = signed.alice[1]
    const { signatureValue, signedAttributes } = other
    assert.equal(await reasonOf(evidence, { document: { ...document, signatureValue } }), 'document-differs')
    assert.equal(
      await reasonOf(evidence, { document: { ...document, signedAttributes } }),
      'document-differs',
    )
  })
})

describe('one changed bit', () => {
  it('is detected in every leaf of the file, for the reason that belongs there', async () => {
    for (const { evidence } of [signed.alice[1], signed.added[0], signed.sealed, signed.byBoth]) {
      for (const path of leavesOf(evidence)) {
        for (const where of [0, 1009, 2 ** 20 + 7]) await assertDetected(evidence, path, where)
      }
    }
  })

  it('is detected in what was made of an approved document', async () => {
    for (const { evidence } of Object.values(signed.documents)) {
      for (const path of leavesOf(at(evidence, ['activation']), ['activation'])) {
        for (const where of [0, 1009, 2 ** 20 + 7]) await assertDetected(evidence, path, where)
      }
    }
  })

  it('is detected wherever it is (property)', async () => {
    const files = filesOf(signed).map(({ evidence }) => evidence)
    const property = fc.asyncProperty(
      fc
        .constantFrom(...files)
        .chain(evidence => fc.tuple(fc.constant(evidence), fc.constantFrom(...leavesOf(evidence)), fc.nat())),
      ([evidence, path, where]) => assertDetected(evidence, path, where),
    )
    await fc.assert(property, { numRuns: rounds('property'), seed: seed() })
  })

  it('is detected in every byte of a leaf of the log and of a path', async () => {
    const { evidence } = signed.alice[0]
    for (const path of [
      ['activityLog', 'granted', 'leaf'],
      ['stateLog', 'enrolled', 'path', 0],
    ]) {
      const bytes = fromBase64url(String(at(evidence, path)))?.length ?? 0
      for (let where = 0; where < bytes; where++) await assertDetected(evidence, path, where)
    }
  })
})

describe('a file that is not evidence', () => {
  it('is refused as such', async () => {
    const { evidence } = signed.alice[0]
    const members = Object(evidence) as { [member: string]: Json }
    const { stateLog: _, ...without } = members
    const wrong: (Json | Uint8Array)[] = [
      without,
      { ...members, more: 1 },
      [evidence],
      null,
      'evidence',
      new Uint8Array(),
      utf8('{'),
      Uint8Array.of(0xff, 0xfe),
      changed(evidence, ['grant'], []),
      changed(evidence, ['certificates'], []),
      changed(evidence, ['activation', 'index'], -1),
      changed(evidence, ['activation', 'dtbsr'], ''),
    ]
    for (const one of wrong) assert.equal(await reasonOf(one), 'not-evidence')
  })
})

/** Parts of which two evidences of one deployment may differ. */
const PARTS = [
  'grant',
  'enrolment',
  'keyAttestation',
  'certificates',
  'approval',
  'activation',
  'stateLog',
  'activityLog',
] as const

describe('parts of two evidences', () => {
  it('do not mix: Alice’s and Mallory’s, whichever parts of them', async () => {
    await assertUnmixable(signed.alice[0].evidence, signed.mallory.evidence)
  })

  it('do not mix: two activations of Alice’s, whichever parts of them', async () => {
    await assertUnmixable(signed.alice[0].evidence, signed.alice[1].evidence)
  })

  /** Takes every subset of the differing parts from the other one. */
  async function assertUnmixable(one: Json, other: Json): Promise<void> {
    const differing = PARTS.filter(
      part => JSON.stringify(at(one, [part])) !== JSON.stringify(at(other, [part])),
    )
    const all = 2 ** differing.length - 1
    assert.ok(differing.length >= 3)
    for (let choice = 0; choice <= all; choice++) {
      const taken = differing.filter((_, i) => (choice >> i) % 2 === 1)
      const mixed = taken.reduce((file, part) => changed(file, [part], at(other, [part])), one)
      const proper = choice !== 0 && choice !== all
      assert.equal((await reasonOf(mixed)) === 'valid', !proper, taken.join())
    }
  }

  const EXCHANGED: readonly (readonly [Path, EvidenceReason])[] = [
    [['grant'], 'grants-differ'],
    [['grant', 0], 'grants-differ'],
    [['enrolment'], 'grants-differ'],
    [['enrolment', 'enrolmentSignature'], 'enrolment-not-by-grant-holder'],
    [['enrolment', 'means'], 'enrolment-not-by-grant-holder'],
    [['keyAttestation'], 'attestation-for-another'],
    [['certificates'], 'certificate-not-for-key'],
    [['certificates', 0], 'certificate-not-for-key'],
    [['approval'], 'approval-for-another'],
    [['approval', 'proof'], 'assertion-invalid'],
    [['approval', 'statement'], 'approval-for-another'],
    [['activation'], 'activation-for-another'],
    [['activation', 'activationId'], 'activation-for-another'],
    [['activation', 'dtbsr'], 'activation-for-another'],
    [['activation', 'signatureValue'], 'signature-not-recorded'],
    [['stateLog'], 'grants-differ'],
    [['activityLog'], 'approval-for-another'],
    [['stateLog', 'enrolled'], 'leaves-out-of-order'],
    [['stateLog', 'certificateLinked'], 'certificate-not-for-key'],
    [['activityLog', 'checkpoint'], 'leaf-not-included'],
    [['activityLog', 'completed'], 'leaf-not-included'],
  ]
  for (const [path, reason] of EXCHANGED) {
    it(`${path.join('.')} of Mallory’s in Alice’s is ${reason}`, async () => {
      const mixed = changed(signed.alice[0].evidence, path, at(signed.mallory.evidence, path))
      assert.equal(await reasonOf(mixed), reason)
    })
  }

  it('an approval of another signature by the same person is for another', async () => {
    const [first, second] = signed.alice
    for (const [part, reason] of [
      ['approval', 'approval-for-another'],
      ['activation', 'activation-for-another'],
    ] as const) {
      const mixed = changed(first.evidence, [part], at(second.evidence, [part]))
      assert.equal(await reasonOf(mixed), reason)
    }
  })

  it('an officer who vouched twice is one officer', async () => {
    const { evidence } = signed.alice[0]
    const [one = null, two = null] = at(evidence, ['grant']) as Json[]
    assert.equal(await reasonOf(changed(evidence, ['grant'], [one])), 'officers-too-few')
    assert.equal(await reasonOf(changed(evidence, ['grant'], [one, one])), 'grants-differ')
    assert.equal(await reasonOf(changed(evidence, ['grant'], [two, one])), 'grants-differ')
    assert.equal(await reasonOf(changed(evidence, ['grant'], [one, two, two])), 'grants-differ')
  })

  it('an amendment that is left out, taken twice or put elsewhere is missed', async () => {
    const { evidence } = signed.alice[0]
    const [one = null, two = null] = at(evidence, ['amendments']) as Json[]
    const amended = (...amendments: Json[]) => reasonOf(changed(evidence, ['amendments'], amendments))
    assert.equal(await amended(one, two), 'valid')
    assert.equal(await amended(one), 'roster-missing')
    assert.equal(await amended(), 'roster-missing')
    assert.equal(await amended(two), 'amendment-invalid')
    assert.equal(await amended(two, one), 'amendment-invalid')
    assert.equal(await amended(one, one, two), 'leaves-out-of-order')
  })

  it('an amendment that one person approved twice, or nobody else, is no amendment', async () => {
    const { evidence } = signed.alice[0]
    const path = ['amendments', 0, 'approvals']
    const [one = null, two = null] = at(evidence, path) as Json[]
    const approved = (...approvals: Json[]) => reasonOf(changed(evidence, path, approvals))
    assert.equal(await approved(one, two), 'valid')
    for (const approvals of [[one], [one, one], [two, one], [one, two, two]]) {
      assert.equal(await approved(...approvals), 'amendment-invalid')
    }
  })

  it('records in each other’s places are of another kind', async () => {
    const { evidence } = signed.alice[0]
    for (const log of ['stateLog', 'activityLog']) {
      const names = Object.keys(Object(at(evidence, [log]))).filter(name => name !== 'checkpoint')
      for (const [i, name] of names.entries()) {
        const other = names[(i + 1) % names.length] ?? ''
        const wrong = changed(evidence, [log, name], at(evidence, [log, other]))
        assert.equal(await reasonOf(wrong), 'leaf-of-other-kind', name)
      }
    }
  })

  it('certificates beside or out of the chain are not trusted', async () => {
    const { evidence } = signed.alice[0]
    const [leaf = null, issuing = null, root = null] = at(evidence, ['certificates']) as Json[]
    for (const chain of [
      [leaf, root],
      [leaf, root, issuing],
      [leaf, issuing, root, root],
      [leaf, issuing, issuing],
    ]) {
      assert.equal(await reasonOf(changed(evidence, ['certificates'], chain)), 'certificate-not-trusted')
    }
  })
})
