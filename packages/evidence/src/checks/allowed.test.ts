import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ApprovalItem, DocumentItem, RepresentationItem } from '@natsuin/protocol/approval'
import { checkAllowed } from './allowed.ts'

const unseen: RepresentationItem = { basis: 'unseen', label: 'x', dtbsr: new Uint8Array(32) }
const seen: RepresentationItem = {
  ...unseen,
  basis: 'seen',
  dtbs: new Uint8Array(1),
  documentDigest: new Uint8Array(32),
}

const passkey = { kind: 'passkey' } as const
const seal = { kind: 'seal-key' } as const
const person = { commonName: 'Alice' }
const organisation = {
  commonName: 'Example',
  organizationName: 'Example',
  organizationIdentifier: 'NTRJP-1',
  countryName: 'JP',
}

type Class = Parameters<typeof checkAllowed>[2]['class']
const of = (approvals: Class['approvals'], bases: Class['bases'], subject = person) => ({
  subject,
  level: 3 as const,
  class: { approvals, bases },
})

describe('what a class allows, in evidence', () => {
  it('is the passkey where the class accepts it', () => {
    checkAllowed({ items: [seen] }, passkey, of(['passkey', 'provider'], ['seen']))
    const check = () => checkAllowed({ items: [seen] }, passkey, of(['provider'], ['seen']))
    assert.throws(check, { reason: 'proof-refused' })
  })

  it('is a basis that the class accepts, for each item', () => {
    const items = [seen, unseen]
    checkAllowed({ items }, passkey, of(['passkey'], ['seen', 'unseen']))
    const check = () => checkAllowed({ items }, passkey, of(['passkey'], ['seen']))
    assert.throws(check, { reason: 'basis-refused' })
  })

  it('is at level 3 no digest of a whole file, and below it one', () => {
    const document: DocumentItem = {
      basis: 'seen',
      label: 'x',
      hashType: 'sdr',
      documentDigest: new Uint8Array(32),
    }
    const items: readonly ApprovalItem[] = [{ ...document, hashType: 'sodr' }]
    const level3 = of(['passkey'], ['seen'])
    checkAllowed({ items: [document] }, passkey, level3)
    checkAllowed({ items }, passkey, { ...level3, level: 2 })
    assert.throws(() => checkAllowed({ items }, passkey, level3), { reason: 'hash-type-refused' })
  })

  it('is no seal of software in the name of a person', () => {
    checkAllowed({ items: [seen] }, seal, of(['seal-key'], ['seen'], organisation))
    const check = () => checkAllowed({ items: [seen] }, seal, of(['seal-key'], ['seen']))
    assert.throws(check, { reason: 'proof-refused' })
  })
})
