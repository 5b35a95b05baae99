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
const examples = [...README.matchAll(/```ts\n(.*?)```/gs)].map(match => match[1] ?? '')

const folder = temporaryFolder()
const contract = join(folder, 'contract.pdf')

/** What the README leaves to its reader: certificates, authorities, and a way to the key that gets only the hash. */
const GIVEN = `
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { chain, root as rootEntity, signer, statusSource, timeStampToken } from '@natsuin/testing/pki'
const signingCertificate = signer.certificate.bytes
const root = rootEntity.certificate.bytes
const keyFile = ${JSON.stringify(join(folder, 'key.pem'))}
writeFileSync(keyFile, signer.privateKey)
const fontFile = '/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf'
const revocation = statusSource()
const timeStamp = (imprint: Uint8Array, algorithm: 'sha512') =>
  timeStampToken(imprint, algorithm, undefined, new Date())
const signRemotely = async (hash: Uint8Array) =>
  new Uint8Array(spawnSync('openssl', ['pkeyutl', '-sign', '-inkey', keyFile], { input: hash }).stdout)
`

/** All examples in one program, each in a scope of its own; imports go to the top, once. */
function program(): string {
  const parts = examples.map(text => text.replaceAll("'contract.pdf", `'${contract}`))
  const lines = parts.map(part => part.split('\n'))
  const bodies = lines.map(part => `{\n${part.filter(line => !line.startsWith('import ')).join('\n')}\n}`)
  return [...importsIn(lines.flat()), GIVEN, ...bodies].join('\n')
}

function importsIn(lines: readonly string[]): readonly string[] {
  const names = new Map<string, Set<string>>()
  for (const line of lines) {
    const [, list = '', module = ''] = /^import \{ (.*) \} from (.*)$/.exec(line) ?? []
    for (const name of list.split(', ')) names.set(module, (names.get(module) ?? new Set()).add(name))
  }
  names.delete('')
  return [...names].map(([module, all]) => `import { ${[...all].join(', ')} } from ${module}`)
}

describe('the README of @natsuin/ades', () => {
  it('signs and validates a document with the code it shows', () => {
    writeFileSync(contract, PDF_SHAPES[0]?.bytes() ?? '')
    const flags = ['--conditions=natsuin-source', '--input-type=module-typescript', '-e', program()]
    const shown = execFileSync(process.execPath, flags, { encoding: 'utf8' })
    const verdicts = shown.trim().split('\n')
    assert.equal(verdicts.length, README.split('console.log(').length - 1)
    for (const verdict of verdicts) assert.match(verdict, /^TOTAL-PASSED B-[A-Z]+ CN=Hanako Yamada$/)
    assert.equal(qpdfCheck(contract).status, 0)
  })
})
