/** The examples in the README of `@natsuin/ades` run as they are printed there. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { qpdfCheck } from '@natsuin/testing/judges'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'

const README = readFileSync(new URL('../../../packages/ades/README.md', import.meta.url), 'utf8')
const [signing = '', validating = ''] = [...README.matchAll(/```ts\n(.*?)```/gs)].map(match => match[1])

const folder = temporaryFolder()
const contract = join(folder, 'contract.pdf')

/** What the README leaves to its reader: the certificates, and a way to the key that gets nothing but the hash. */
const GIVEN = `
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { chain, root as rootEntity, signer } from '@natsuin/testing/pki'
const signingCertificate = signer.certificate.bytes
const root = rootEntity.certificate.bytes
const keyFile = ${JSON.stringify(join(folder, 'key.pem'))}
writeFileSync(keyFile, signer.privateKey)
const signRemotely = async (hash: Uint8Array) =>
  new Uint8Array(spawnSync('openssl', ['pkeyutl', '-sign', '-inkey', keyFile], { input: hash }).stdout)
`

/** Both examples in one program, each in a scope of its own; imports go to the top, once. */
function program(): string {
  const parts = [signing, validating].map(text => text.replaceAll("'contract.pdf'", JSON.stringify(contract)))
  const lines = parts.map(part => part.split('\n'))
  const imports = new Set(lines.flat().filter(line => line.startsWith('import ')))
  const bodies = lines.map(part => `{\n${part.filter(line => !line.startsWith('import ')).join('\n')}\n}`)
  return [...imports, GIVEN, ...bodies].join('\n')
}

describe('the README of @natsuin/ades', () => {
  it('signs and validates a document with the code it shows', () => {
    writeFileSync(contract, PDF_SHAPES[0]?.bytes() ?? '')
    const flags = ['--conditions=natsuin-source', '--input-type=module-typescript', '-e', program()]
    const shown = execFileSync(process.execPath, flags, { encoding: 'utf8' })
    assert.equal(shown.trim(), 'TOTAL-PASSED CN=Hanako Yamada')
    assert.equal(qpdfCheck(contract).status, 0)
  })
})
