import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fromPem, toPem } from '@natsuin/pki/x509'
import type { SubjectAttributes } from '@natsuin/protocol/approval'
import { activityLeaf } from '@natsuin/protocol/log'
import { readStrictJson } from '@natsuin/protocol/shape'
import { createSoftwareAuthenticator } from '@natsuin/testing/authenticator'
import { classOf } from '@natsuin/testing/deployment'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { type Administered, administered, amend, decide, problemsOf } from '../fixture/administrators.ts'
import {
  ALICE,
  approve,
  certify,
  enrolRequest,
  enrolSigner,
  newGrant,
  signRequestFor,
  unseenItem,
  vouch,
} from '../fixture/people.ts'
import {
  ACTIVITY_LOG,
  foundPlace,
  newFounding,
  type OpenPlace,
  openPlace,
  type Place,
} from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'

const folder = temporaryFolder()
const KEY_TYPES = ['ec-p256', 'ec-p384', 'ec-p521', 'rsa-3072', 'ed25519'] as const
const YAMADA: SubjectAttributes = {
  commonName: '山田 花子',
  surname: '山田',
  organizationName: '例示株式会社',
  countryName: 'JP',
}

type World = OpenPlace & Place & Administered

const openssl = (...args: readonly string[]) =>
  execFileSync('openssl', [...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

const AUTHORITY = `[ca]
default_ca = outside
[outside]
database = index
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = anything
unique_subject = no
[anything]
countryName = optional
organizationName = optional
surname = optional
commonName = supplied
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[signer]
basicConstraints = critical,CA:FALSE
keyUsage = critical,nonRepudiation
authorityKeyIdentifier = keyid
`

/** An authority of somebody else: it certifies what a request says. */
function outsideAuthority() {
  const directory = mkdtempSync(join(folder, 'authority-'))
  const run = (...args: readonly string[]) =>
    execFileSync('openssl', [...args], { cwd: directory, stdio: 'pipe' })
  const der = (name: string) =>
    fromPem('CERTIFICATE', readFileSync(join(directory, name), 'utf8'))[0] ?? assert.fail()
  const validity = ['-startdate', '20260101000000Z', '-enddate', '20360101000000Z']
  const issuing = ['ca', '-batch', '-config', 'ca.cnf', '-keyfile', 'key.pem', ...validity]
  writeFileSync(join(directory, 'ca.cnf'), AUTHORITY)
  writeFileSync(join(directory, 'index'), '')
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'key.pem']
  run('req', '-new', ...key, '-subj', '/CN=Outside', '-out', 'root.csr')
  run(...issuing, '-selfsign', '-in', 'root.csr', '-extensions', 'root', '-out', 'root.pem')
  return {
    root: () => der('root.pem'),
    certify(request: Uint8Array): readonly Uint8Array[] {
      writeFileSync(join(directory, 'request.csr'), toPem('CERTIFICATE REQUEST', request))
      const given = ['-cert', 'root.pem', '-in', 'request.csr', '-extensions', 'signer']
      run(...issuing, ...given, '-out', 'certificate.pem')
      return [der('certificate.pem'), der('root.pem')]
    },
  }
}

describe('certification requests for authorities outside (sole-control 6; RFC 2986)', () => {
  let world: World
  before(async () => {
    const own = KEY_TYPES.map(keyType => classOf(1, { id: `outside-${keyType}`, keyType }))
    const classes = [
      ...newFounding().founding.classes,
      ...own,
      classOf(1, { id: 'session', keys: 'one-time' }),
    ]
    const place = await foundPlace({ founding: { classes } })
    const opened = await openPlace(place)
    world = { ...place, ...opened, ...administered(opened) }
  })
  after(() => world.store.close())

  /** Somebody with a key that nobody has certified. */
  async function enrol(credentialClass: string, keyType: (typeof KEY_TYPES)[number], subject = YAMADA) {
    const { grant, enrolmentKey } = newGrant(world, subject, 1, keyType)
    const approvals = [await vouch(world, world.officers[0] ?? assert.fail(), { ...grant, credentialClass })]
    const { grantId } = await world.sap['grants/submit']({ approvals })
    const device = createSoftwareAuthenticator()
    const enrolled = await world.sap.enrol(await enrolRequest(world, { grantId, enrolmentKey }, device))
    const { credentialId, signerId, keyAttestation: attestation } = enrolled
    return { device, credentialId, signerId, attestation }
  }

  const read = (credentialId: string) => world.channel['credentials/read']({ credentialId })

  async function actFor(credentialId: string) {
    const { subject, publicKeyDigest } = await read(credentialId)
    return {
      kind: 'request-certificates',
      credentials: [{ credentialId, subject, publicKeyDigest }],
    } as const
  }

  async function requested(credentialId: string): Promise<Uint8Array> {
    await decide(world, await actFor(credentialId))
    return (await read(credentialId)).certificationRequest ?? assert.fail()
  }

  const eventsNow = async () => {
    const rows = await world.store.rows(ACTIVITY_LOG, 0, 10_000)
    return rows.map(({ leaf }) => readStrictJson(leaf, activityLeaf))
  }

  for (const keyType of KEY_TYPES) {
    it(`say name and ${keyType} key as the SAM has them, and openssl verifies them`, async () => {
      const { credentialId } = await enrol(`outside-${keyType}`, keyType)
      const file = join(folder, `${keyType}.pem`)
      writeFileSync(file, toPem('CERTIFICATE REQUEST', await requested(credentialId)))
      openssl('req', '-in', file, '-verify', '-noout')
      const subject = openssl('req', '-in', file, '-noout', '-subject', '-nameopt', 'utf8,sep_comma_plus')
      assert.equal(subject.trim(), 'subject=C=JP,O=例示株式会社,SN=山田,CN=山田 花子')
      const { publicKey } = await world.sam.records.need('credential', credentialId)
      const pem = openssl('req', '-in', file, '-noout', '-pubkey')
      assert.deepEqual(fromPem('PUBLIC KEY', pem), [publicKey])
    })
  }

  it('are the one use of a key without a SAD, and are in the log before the key is used', async () => {
    const { credentialId } = await enrol('outside-ec-p256', 'ec-p256')
    await requested(credentialId)
    const uses = (await eventsNow()).filter(
      leaf => 'credentialId' in leaf && leaf.credentialId === credentialId,
    )
    assert.deepEqual(
      uses.map(leaf => [leaf.event, 'approvals' in leaf && leaf.approvals.length]),
      [['certificate-requested', 2]],
    )
  })

  it('lead to a certificate that is linked once its root is one of the roster, and signs', async () => {
    const authority = outsideAuthority()
    const signer = await enrol('outside-ec-p256', 'ec-p256')
    const { credentialId } = signer
    const certificates = authority.certify(await requested(credentialId))
    const link = () => world.channel['certificates/link']({ credentialId, certificates })
    await assertRefused('certificate-mismatch', link())
    await amend(world, { kind: 'trust-anchor-add', certificate: authority.root() })
    await link()
    const item = unseenItem()
    await world.sap.sign(signRequestFor(await approve(world, signer, [item]), [item.dtbsr]))
    assert.ok((await read(credentialId)).certificateDigest)
  })

  it('lead to no certificate for another key or another name (T-KEY-08)', async () => {
    const authority = outsideAuthority()
    await amend(world, { kind: 'trust-anchor-add', certificate: authority.root() })
    const [one, other] = [
      await enrol('outside-ec-p256', 'ec-p256'),
      await enrol('outside-ec-p256', 'ec-p256', ALICE),
    ]
    const foreign = authority.certify(await requested(other.credentialId))
    const link = (certificates: readonly Uint8Array[]) =>
      world.channel['certificates/link']({ credentialId: one.credentialId, certificates })
    await assertRefused('certificate-mismatch', link(foreign))
    const { publicKey } = await world.sam.records.need('credential', one.credentialId)
    await assertRefused('certificate-mismatch', link(await certify(publicKey, ALICE)))
    await link(authority.certify(await requested(one.credentialId)))
  })

  it('are proposed for the name and the key that the SAM has, and for nothing else', async () => {
    const { credentialId } = await enrol('outside-ec-p256', 'ec-p256')
    const act = await actFor(credentialId)
    const [asked = assert.fail()] = act.credentials
    for (const changed of [
      { subject: { ...asked.subject, commonName: 'Mallory' } },
      { publicKeyDigest: new Uint8Array(32) },
    ]) {
      assert.deepEqual(await problemsOf(world, { ...act, credentials: [{ ...asked, ...changed }] }), [
        `credential ${credentialId}: change-refused`,
      ])
    }
    assert.deepEqual(await problemsOf(world, act), [])
  })

  it('are not for a key that is certified, revoked, or lives for one session', async () => {
    const certified = await enrolSigner(world, { level: 1 })
    const revoked = await enrol('outside-ec-p256', 'ec-p256')
    const session = await enrol('session', 'ec-p256')
    const acts = [
      [await actFor(certified.credentialId), 'certificate-mismatch'],
      [await actFor(revoked.credentialId), 'credential-revoked'],
      [await actFor(session.credentialId), 'session-ended'],
    ] as const
    await world.channel['credentials/revoke']({ credentialId: revoked.credentialId, reason: 'lost' })
    for (const [act, code] of acts) {
      const [{ credentialId } = assert.fail()] = act.credentials
      assert.deepEqual(await problemsOf(world, act), [`credential ${credentialId}: ${code}`])
    }
  })
})
