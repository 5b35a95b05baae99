import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseDer } from '@natsuin/pki/asn1'
import { readName } from '@natsuin/pki/x509'
import { subjectName } from './subject-name.ts'

describe('the subject name of attested attributes', () => {
  it('runs from the country to the person, whatever the order they were given in', () => {
    const subject = { commonName: '山田 花子', countryName: 'JP', surname: '山田', serialNumber: 'PNOJP-1' }
    const name = readName(parseDer(subjectName(subject)))
    assert.deepEqual(
      name.attributes.map(({ value }) => value),
      ['JP', '山田', 'PNOJP-1', '山田 花子'],
    )
  })
})
