import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { exampleClass } from '../fixture/roster.ts'
import { type GrantForm, grantOf } from './grant-form.ts'

const now = new Date(2031, 4, 9, 15, 30)
const seconds = now.getTime() / 1000

const form: GrantForm = {
  commonName: ' 山田 花子 ',
  givenName: '花子',
  surname: '山田',
  serialNumber: '',
  organizationName: '',
  countryName: 'JP',
  classId: 'level-1',
  method: 'in-person',
  proofingLevel: '2',
  completedOn: '2031-05-09',
  evidenceDigest: new Uint8Array(32),
  replaces: '',
  hours: '24',
}
const making = {
  classes: [exampleClass],
  enrolmentKey: new Uint8Array(91),
  nonce: new Uint8Array(16),
  now,
}
const make = (changes: Partial<GrantForm>) => grantOf({ ...form, ...changes }, making)

describe('what a registration officer writes down', () => {
  it('becomes a grant, without what was left empty', () => {
    assert.deepEqual(grantOf(form, making), {
      subject: { commonName: '山田 花子', givenName: '花子', surname: '山田', countryName: 'JP' },
      credentialClass: 'level-1',
      keyType: 'ec-p256',
      proofing: { method: 'in-person', level: 2, completedAt: seconds, evidenceDigest: new Uint8Array(32) },
      enrolmentKey: new Uint8Array(91),
      nonce: new Uint8Array(16),
      notAfter: seconds + 24 * 3600,
    })
  })

  it('keeps the day of an earlier proofing, from its beginning', () => {
    const grant = make({ completedOn: '2031-05-01' })
    assert.ok('proofing' in grant)
    assert.equal(grant.proofing.completedAt, new Date(2031, 4, 1).getTime() / 1000)
  })

  it('names whom it replaces, when it does', () => {
    const grant = make({ replaces: 'signer-1' })
    assert.ok('replaces' in grant)
    assert.equal(grant.replaces, 'signer-1')
  })

  it('is told which field cannot be in a grant', () => {
    const wrong: readonly (readonly [Partial<GrantForm>, string])[] = [
      [{ commonName: '' }, 'commonName'],
      [{ commonName: 'a\u202eb' }, 'commonName'],
      [{ surname: 'a\u202eb' }, 'surname'],
      [{ countryName: 'jp' }, 'countryName'],
      [{ classId: 'nothing' }, 'classId'],
      [{ method: 'in person' }, 'method'],
      [{ proofingLevel: '4' }, 'proofingLevel'],
      [{ completedOn: '' }, 'completedOn'],
      [{ completedOn: '2031-05-10' }, 'completedOn'],
      [{ evidenceDigest: undefined }, 'evidenceDigest'],
      [{ replaces: 'a b' }, 'replaces'],
      [{ hours: 'x' }, 'hours'],
    ]
    for (const [changes, field] of wrong) assert.deepEqual(make(changes), { wrong: field }, field)
  })
})
