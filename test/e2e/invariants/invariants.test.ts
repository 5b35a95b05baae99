/** The checker is shown every violation that it is there to find, one at a time, beside a history that is good. */
import assert from 'node:assert/strict'
import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import { toWire } from '@natsuin/protocol/approval'
import type { Leaf } from '@natsuin/protocol/log'
import { issue } from '@natsuin/testing/pki'
import { violations } from './invariants.ts'
import { leafHash, sha256, treeHash } from './merkle.ts'
import type { LogRow, Observation, Removal } from './observation.ts'

const samKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const spki = samKey.publicKey.export({ type: 'spki', format: 'der' })
const alice = await issue({ name: 'Alice', extensions: [] })
const certificate = alice.certificate.bytes
const certificateRow = {
  keyDigest: sha256(alice.certificate.spki).toString('hex'),
  serial: Buffer.from(alice.certificate.serialNumber).toString('hex'),
  state: 'issued',
}
const content = Buffer.from('signed attributes')
const other = Buffer.from('other signed attributes')
const value = Buffer.from(alice.sign(content))
const otherValue = Buffer.from(alice.sign(other))
const digest = (text: string) => sha256(Buffer.from(text))
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

const GENESIS: Leaf = { event: 'genesis', at: 1, rosterDigest: digest('roster') }
const ENROLLED: Leaf = {
  event: 'enrolled',
  at: 3,
  signerId: 'alice',
  grantId: 'grant',
  registrationDigest: digest('registration'),
  authenticatorKeyDigest: digest('passkey'),
}
const GENERATED: Leaf = {
  event: 'key-generated',
  at: 3,
  signerId: 'alice',
  credentialId: 'credential',
  rosterVersion: 1,
  attestationDigest: digest('attestation'),
}
const LINKED: Leaf = {
  event: 'certificate-linked',
  at: 4,
  credentialId: 'credential',
  rosterVersion: 1,
  certificateDigest: sha256(certificate),
}
/** How many leaves of the state log stand before the first approval. */
const STATE_SIZE = 5
const ACCEPTED = {
  event: 'sad-accepted',
  at: 5,
  stateSize: STATE_SIZE,
  sadId: 'sad',
  signerId: 'alice',
  credentialId: 'credential',
  clientId: 'application',
  statementDigest: digest('statement'),
  proofDigest: digest('proof'),
} as const
const NONCE = digest('nonce')
const commitmentTo = (signed: Uint8Array) =>
  sha256(Buffer.concat([Buffer.from('natsuin-dtbsr-v1\n'), NONCE, sha256(signed)]))
const GRANTED = {
  event: 'granted',
  at: 6,
  stateSize: STATE_SIZE,
  activationId: 'activation',
  sadId: 'sad',
  credentialId: 'credential',
  commitments: [commitmentTo(content)],
} as const
const COMPLETED = {
  event: 'completed',
  at: 7,
  activationId: 'activation',
  signatureDigests: [sha256(value)],
} as const
const STATE = 'state'
const ACTIVITY = 'activity/sam-1'
const boot = { instance: 'sam-1', bootId: 'boot' }
const OPENED: Leaf = {
  event: 'opened',
  at: 2,
  ...boot,
  activity: checkpointOf(ACTIVITY, []),
  configurationDigest: new Uint8Array(32),
}
/** Names the activity log as it is in the history that it ends. */
const CLOSED: Leaf = { event: 'closed', at: 8, ...boot, activity: '' }
const REVOKED: Leaf = { event: 'credential-revoked', at: 8, credentialId: 'credential', reason: 'lost' }
const ROTATION_BEGUN: Leaf = {
  event: 'master-key-rotation-begun',
  at: 9,
  master: 'natsuin-master-1',
  replaces: 'natsuin-master',
  approvals: [new Uint8Array(32)],
}
const STORY: readonly Leaf[] = [
  GENESIS,
  OPENED,
  ENROLLED,
  GENERATED,
  LINKED,
  ACCEPTED,
  GRANTED,
  COMPLETED,
  CLOSED,
]

const RECORDS = [
  { kind: 'signer', id: 'alice', version: 1 },
  { kind: 'credential', id: 'credential', version: 2 },
  { kind: 'approval', id: 'sad', version: 1 },
  { kind: 'activation', id: 'activation', version: 2 },
]
const APPROVAL = {
  statementDigest: hex(ACCEPTED.statementDigest),
  proofDigest: hex(ACCEPTED.proofDigest),
  nonce: hex(NONCE),
  dtbsrs: [hex(sha256(content))],
  acknowledged: true,
}
const DELIVERY = { idempotencyKey: 'key-1', credentialId: 'credential', signatures: [{ content, value }] }
const ENROLMENT = { signerId: 'alice', credentialId: 'credential', certificate }
const RECEIVED = {
  enrolments: [ENROLMENT],
  approvals: [APPROVAL],
  deliveries: [DELIVERY, DELIVERY],
  removals: [] as Removal[],
}

/** As a token gives it: r and s, of a digest. */
function tokenValue(signed: Uint8Array, key: KeyObject) {
  const value = sign('sha256', signed, { key, dsaEncoding: 'ieee-p1363' })
  return { input: hex(sha256(signed)), value: hex(value) }
}

const aliceKey = createPrivateKey(alice.privateKey)
const TOKEN_VALUES = [tokenValue(Buffer.from('ticket'), samKey.privateKey), tokenValue(content, aliceKey)]

function rowsOf(leaves: readonly Leaf[]): LogRow[] {
  return leaves.map((leaf, index) => {
    const bytes = Buffer.from(JSON.stringify(toWire(leaf)))
    return { index, leaf: bytes, hash: leafHash(bytes) }
  })
}

function checkpointOf(name: string, log: readonly LogRow[], key: KeyObject = samKey.privateKey): string {
  const root = treeHash(log.map(({ leaf }) => leaf)).toString('base64')
  const text = `natsuin.example/test/${name}\n${log.length}\n${root}\n`
  const hint = sha256(spki).subarray(0, 4)
  const signed = Buffer.concat([hint, sign('sha256', Buffer.from(text), key)]).toString('base64')
  return `${text}\n— natsuin.example/test/${name} ${signed}\n`
}

const isActivity = ({ event }: Leaf) => ['sad-accepted', 'granted', 'completed', 'settled'].includes(event)

/** The two logs with these leaves, each in its order. */
function logsOf(leaves: readonly Leaf[]) {
  const activity = rowsOf(leaves.filter(isActivity))
  const closed = { ...CLOSED, activity: checkpointOf(ACTIVITY, activity) } as Leaf
  const state = rowsOf(leaves.filter(one => !isActivity(one)).map(one => (one === CLOSED ? closed : one)))
  return { state, activity }
}

/** A history with these leaves, whose checkpoints are right. */
function history(leaves: readonly Leaf[], members: Partial<Observation> = {}): Observation {
  const { state, activity } = logsOf(leaves)
  return {
    samKey: spki,
    logs: byName(state, activity),
    records: RECORDS,
    certificates: [certificateRow],
    moduleKeys: ['natsuin-master', 'natsuin-sam'],
    foundedKeys: ['natsuin-master', 'natsuin-sam'],
    tokenValues: TOKEN_VALUES,
    checkpoints: [checkpointOf(STATE, state), checkpointOf(ACTIVITY, activity)],
    earlierCheckpoints: [
      checkpointOf(STATE, state.slice(0, 3)),
      checkpointOf(ACTIVITY, activity.slice(0, 2)),
    ],
    received: RECEIVED,
    ...members,
  }
}

const byName = (state: readonly LogRow[], activity: readonly LogRow[]) =>
  new Map([
    [STATE, state],
    [ACTIVITY, activity],
  ])

const without = (leaf: Leaf) => STORY.filter(one => one !== leaf)
const instead = (leaf: Leaf, ...changed: readonly Leaf[]) =>
  STORY.flatMap(one => (one === leaf ? changed : [one]))
const received = (members: Partial<Observation['received']>) => ({ received: { ...RECEIVED, ...members } })
const removal = (event: Removal['event'], acknowledgedAfter: number): Removal => ({
  event,
  credentialId: 'credential',
  acknowledgedAfter,
})
const { state, activity } = logsOf(STORY)

const PLANTED: Readonly<Record<string, { observed: Observation; found: RegExp }>> = {
  'a leaf that is gone': {
    observed: history(STORY, { logs: byName(state.toSpliced(4, 1), activity) }),
    found: /state: leaf 4 is missing/,
  },
  'a leaf that was edited': {
    observed: history(STORY, {
      logs: byName(state, activity.with(1, { ...activity[1], index: 1, leaf: Buffer.from('{}') } as LogRow)),
    }),
    found: /sam-1: leaf 1 does not have the hash/,
  },
  'a checkpoint by another key': {
    observed: history(STORY, {
      checkpoints: [
        checkpointOf(STATE, state, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
      ],
    }),
    found: /not signed by the SAM key/,
  },
  'a log cut off behind a checkpoint': {
    observed: history(STORY.slice(0, -1), { checkpoints: [checkpointOf(STATE, state)] }),
    found: /state has lost leaves: 5 of 6/,
  },
  'an activity log that is gone': {
    observed: history(STORY, { logs: new Map([[STATE, state]]) }),
    found: /sam-1 has lost leaves: 0 of 3/,
  },
  'an activity log that nobody opened': {
    observed: history(STORY, { logs: new Map([...byName(state, activity), ['activity/sam-2', []]]) }),
    found: /nobody opened activity\/sam-2/,
  },
  'another history than an earlier checkpoint’s': {
    observed: history(STORY, { earlierCheckpoints: [checkpointOf(STATE, rowsOf([GENESIS, CLOSED]))] }),
    found: /state does not extend its checkpoint of 2 leaves/,
  },
  'another activity log than the state log names': {
    observed: history(
      instead(CLOSED, { ...CLOSED, activity: checkpointOf(ACTIVITY, rowsOf([GRANTED])) } as Leaf),
    ),
    found: /sam-1 does not extend its checkpoint of 1 leaves/,
  },
  'a grant after the revocation': {
    observed: history([
      ...without(GRANTED).toSpliced(5, 0, REVOKED, { ...GRANTED, stateSize: STATE_SIZE + 1 }),
    ]),
    found: /was granted after the revocation/,
  },
  'a grant before the certificate': {
    observed: history(instead(GRANTED, { ...GRANTED, stateSize: STATE_SIZE - 1 })),
    found: /was granted before its certificate/,
  },
  'a grant in a state that never was': {
    observed: history(instead(GRANTED, { ...GRANTED, stateSize: 100 })),
    found: /state that is not in the state log/,
  },
  'a second genesis': { observed: history(instead(CLOSED, GENESIS, CLOSED)), found: /one genesis/ },
  'a boot that opened twice': {
    observed: history(instead(OPENED, OPENED, OPENED)),
    found: /opened its log twice/,
  },
  'a checkpoint outside that was not taken at the end': {
    observed: history(STORY, {
      checkpoints: [checkpointOf(STATE, state), checkpointOf(ACTIVITY, activity.slice(0, -1))],
    }),
    found: /sam-1 was closed, and its checkpoint outside is older/,
  },
  'a grant without an approval': { observed: history(without(ACCEPTED)), found: /without an approval/ },
  'a grant for another credential': {
    observed: history(instead(ACCEPTED, { ...ACCEPTED, credentialId: 'other' })),
    found: /for another credential/,
  },
  'a signature that nobody was granted': {
    observed: history(STORY, { tokenValues: [...TOKEN_VALUES, tokenValue(other, aliceKey)] }),
    found: /the token signed \w+, which was not granted/,
  },
  'a signature that the token never made': {
    observed: history(STORY, { tokenValues: TOKEN_VALUES.slice(0, 1) }),
    found: /was completed, and the token never signed it/,
  },
  'a second signature under one grant': {
    observed: history(STORY, { tokenValues: [...TOKEN_VALUES, tokenValue(content, aliceKey)] }),
    found: /the token signed \w+, which was not granted, or not as often/,
  },
  'a grant for what nobody approved': {
    observed: history(instead(GRANTED, { ...GRANTED, commitments: [commitmentTo(other)] })),
    found: /what nobody approved/,
  },
  'one approval used twice': {
    observed: history(
      instead(
        COMPLETED,
        COMPLETED,
        { ...GRANTED, activationId: 'again' },
        { ...COMPLETED, activationId: 'again' },
      ),
    ),
    found: /again was granted for what nobody approved/,
  },
  'a reservation without an outcome': { observed: history(without(COMPLETED)), found: /has 0 outcomes/ },
  'a reservation with two outcomes': {
    observed: history(
      instead(COMPLETED, COMPLETED, {
        event: 'settled',
        at: 8,
        activationId: 'activation',
        outcome: 'unknown',
      }),
    ),
    found: /has 2 outcomes/,
  },
  'an outcome before its reservation': {
    observed: history(without(COMPLETED).toSpliced(2, 0, COMPLETED)),
    found: /has 0 outcomes/,
  },
  'an outcome of nothing': {
    observed: history(instead(COMPLETED, COMPLETED, { ...COMPLETED, activationId: 'nothing' })),
    found: /nothing was never granted/,
  },
  'an activation granted twice': {
    observed: history(instead(GRANTED, GRANTED, GRANTED)),
    found: /was granted twice/,
  },
  'a representation signed twice': {
    observed: history(
      instead(
        COMPLETED,
        COMPLETED,
        { ...ACCEPTED, sadId: 'second', statementDigest: digest('second') },
        { ...GRANTED, activationId: 'again', sadId: 'second' },
        { ...COMPLETED, activationId: 'again', signatureDigests: [sha256(otherValue)] },
      ),
      received({ approvals: [APPROVAL, { ...APPROVAL, statementDigest: hex(digest('second')) }] }),
    ),
    found: /was signed twice/,
  },
  'more values than representations': {
    observed: history(
      instead(COMPLETED, { ...COMPLETED, signatureDigests: [sha256(value), sha256(otherValue)] }),
    ),
    found: /another number of values/,
  },
  'a leaf whose record is gone': {
    observed: history(STORY, { records: RECORDS.filter(({ kind }) => kind !== 'approval') }),
    found: /record of approval sad/,
  },
  'a record put back to an older version': {
    observed: history(STORY, {
      records: RECORDS.map(one => (one.kind === 'activation' ? { ...one, version: 1 } : one)),
    }),
    found: /record of activation activation/,
  },
  'a record without its leaf': {
    observed: history(STORY, { records: [...RECORDS, { kind: 'activation', id: 'more', version: 2 }] }),
    found: /activations without a leaf/,
  },
  'an acknowledged approval that is lost': {
    observed: history(
      STORY,
      received({ approvals: [APPROVAL, { ...APPROVAL, statementDigest: hex(digest('lost')) }] }),
    ),
    found: /was acknowledged and is lost/,
  },
  'an approval accepted twice': {
    observed: history(instead(ACCEPTED, ACCEPTED, { ...ACCEPTED, sadId: 'second' })),
    found: /was accepted twice/,
  },
  'an approval that nobody gave': {
    observed: history(
      instead(ACCEPTED, ACCEPTED, { ...ACCEPTED, sadId: 'second', statementDigest: digest('x') }),
    ),
    found: /was never given/,
  },
  'a delivered value that is not in the log': {
    observed: history(instead(COMPLETED, { ...COMPLETED, signatureDigests: [sha256(otherValue)] })),
    found: /is not recorded as what it is/,
  },
  'a delivered value in the log twice': {
    observed: history(instead(COMPLETED, COMPLETED, { ...COMPLETED, activationId: 'again' })),
    found: /is not recorded as what it is/,
  },
  'a value delivered for another document': {
    observed: history(
      STORY,
      received({ deliveries: [{ ...DELIVERY, signatures: [{ content: other, value }] }] }),
    ),
    found: /is not recorded as what it is/,
  },
  'a value that does not verify': {
    observed: history(
      instead(COMPLETED, { ...COMPLETED, signatureDigests: [sha256(otherValue)] }),
      received({ deliveries: [{ ...DELIVERY, signatures: [{ content, value: otherValue }] }] }),
    ),
    found: /does not verify/,
  },
  'two answers to one request': {
    observed: history(
      STORY,
      received({ deliveries: [DELIVERY, { ...DELIVERY, signatures: [{ content, value: otherValue }] }] }),
    ),
    found: /key-1 was answered in two ways/,
  },
  'a key without a record': {
    observed: history(STORY, { records: RECORDS.filter(({ kind }) => kind !== 'credential') }),
    found: /the key of credential is in no record/,
  },
  'a key that nobody made': {
    observed: history(STORY, { records: [...RECORDS, { kind: 'credential', id: 'more', version: 1 }] }),
    found: /nobody made the key of more/,
  },
  'a key left behind in the module': {
    observed: history(STORY, { moduleKeys: ['natsuin-master', 'natsuin-sam', 'stray'] }),
    found: /the module holds natsuin-master, natsuin-sam, stray/,
  },
  'a master key that no rotation put there': {
    observed: history(STORY, { moduleKeys: ['natsuin-master-1', 'natsuin-sam'] }),
    found: /the module holds natsuin-master-1, natsuin-sam/,
  },
  'an acknowledged revocation that is lost': {
    observed: history(STORY, received({ removals: [removal('credential-revoked', 2)] })),
    found: /credential-revoked credential was acknowledged and is lost/,
  },
  'an acknowledged destruction that is lost': {
    observed: history([...STORY, REVOKED], received({ removals: [removal('key-destroyed', 2)] })),
    found: /key-destroyed credential was acknowledged and is lost/,
  },
  'a credential that was revoked twice': {
    observed: history([...STORY, REVOKED, REVOKED]),
    found: /credential-revoked credential twice/,
  },
  'a value delivered after the revocation': {
    observed: history([...STORY, REVOKED], received({ removals: [removal('credential-revoked', 1)] })),
    found: /key-1 was delivered after credential-revoked/,
  },
  'an acknowledged enrolment that is lost': {
    observed: history(without(ENROLLED)),
    found: /there are 0 of the signer alice/,
  },
  'a key that is lost': { observed: history(without(GENERATED)), found: /0 of the key of credential/ },
  'another certificate than the linked one': {
    observed: history(instead(LINKED, { ...LINKED, certificateDigest: digest('other') } as Leaf)),
    found: /0 of the certificate of credential/,
  },
  'a grant that enrolled two': {
    observed: history(instead(ENROLLED, ENROLLED, { ...ENROLLED, signerId: 'mallory' } as Leaf)),
    found: /grant grant was spent twice/,
  },
  'a credential with two certificates': {
    observed: history(instead(LINKED, LINKED, { ...LINKED, certificateDigest: digest('other') } as Leaf)),
    found: /credential has two certificates/,
  },
  'a certificate that the authorities do not know': {
    observed: history(STORY, { certificates: [] }),
    found: /0 of the issued record of credential/,
  },
  'a serial number given twice': {
    observed: history(STORY, { certificates: [certificateRow, { ...certificateRow, keyDigest: '00' }] }),
    found: /was given twice/,
  },
  'a certificate left half-made': {
    observed: history(STORY, {
      certificates: [certificateRow, { keyDigest: '00', serial: '7f', state: 'prepared' }],
    }),
    found: /prepared and never issued/,
  },
}

describe('the checker of the invariants (threats 23)', () => {
  it('finds nothing wrong with a history in which everything is right', () => {
    assert.deepEqual(violations(history(STORY)), [])
  })

  it('takes a master key for ours that was put in the place of another, which is there until it is destroyed', () => {
    const leaves = [...STORY, ROTATION_BEGUN]
    for (const moduleKeys of [
      ['natsuin-master-1', 'natsuin-sam'],
      ['natsuin-master', 'natsuin-master-1', 'natsuin-sam'],
    ]) {
      assert.deepEqual(violations(history(leaves, { moduleKeys })), [])
    }
  })

  it('takes a reservation that was settled as unknown for settled', () => {
    const settled: Leaf = { event: 'settled', at: 7, activationId: 'activation', outcome: 'unknown' }
    assert.deepEqual(violations(history(instead(COMPLETED, settled), received({ deliveries: [] }))), [])
  })

  for (const [name, { observed, found }] of Object.entries(PLANTED)) {
    it(`finds ${name}`, () => assert.match(violations(observed).join('\n'), found))
  }
})

describe('the tree hash (RFC 9162, 2.1.1)', () => {
  it('of nothing is the hash of nothing, and of one leaf its leaf hash', () => {
    assert.equal(
      treeHash([]).toString('hex'),
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    )
    assert.equal(
      treeHash([new Uint8Array()]).toString('hex'),
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    )
  })

  it('of seven leaves splits them four and three', () => {
    const leaves = Array.from({ length: 7 }, (_, i) => Uint8Array.of(i))
    const node = (left: Uint8Array, right: Uint8Array) => sha256(Uint8Array.of(1), left, right)
    const expected = node(treeHash(leaves.slice(0, 4)), treeHash(leaves.slice(4)))
    assert.deepEqual(treeHash(leaves), expected)
    assert.deepEqual(
      treeHash(leaves.slice(4)),
      node(treeHash(leaves.slice(4, 6)), leafHash(Uint8Array.of(6))),
    )
  })
})
