/** The commands of an auditor at a running deployment: the logs taken away, verified, changed behind his back. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  type Deployment,
  detailFor,
  ECDSA_SHA256_OID,
  enrolSigner,
  openApplication,
  type Signer,
  startThrowaway,
  testDocuments,
} from '@natsuin/testing/deployment'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'

const COMMAND = fileURLToPath(new URL('../../bin/natsuin.mjs', import.meta.url))
const folder = temporaryFolder()
let counter = 0

let deployment: Deployment
before(async () => {
  deployment = await startThrowaway()
  const signer = await enrolSigner(deployment, { commonName: 'Hanako Yamada', countryName: 'JP' })
  await sign(signer, 3)
  await deployment.process('sam').stop()
  await deployment.restart('sam')
  await sign(signer, 2)
})
after(() => deployment?.stop())

async function sign(signer: Signer, count: number): Promise<void> {
  const documents = testDocuments(count)
  const application = openApplication(deployment)
  const seen = documents.map(({ documentDigest }) => documentDigest)
  const detail = detailFor(signer.credentialId, documents)
  const token = await application.credentialToken(signer, detail, { documents: seen })
  const hashes = documents.map(({ digest }) => digest.hash)
  const request = { credentialID: signer.credentialId, hashes, signAlgo: ECDSA_SHA256_OID }
  const { status } = await application.call('signatures/signHash', request, token)
  assert.equal(status, 200)
}

function natsuin(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

const socket = () => ['--socket', join(deployment.directory, 'sam-administration.sock')]

function exportLogs(): string {
  const directory = join(folder, `export-${counter++}`)
  const { status, stderr } = natsuin('audit', 'export', '--to', directory, ...socket())
  assert.equal(status, 0, stderr)
  return directory
}

const verify = (directory: string, ...more: readonly string[]) =>
  natsuin('audit', 'verify', directory, '--sam-key', deployment.samKeyDigest, ...more)

/** A copy in which somebody changed one file. */
function changed(directory: string, file: string, change: (text: string) => string): string {
  const copy = join(folder, `changed-${counter++}`)
  cpSync(directory, copy, { recursive: true })
  writeFileSync(join(copy, file), change(readFileSync(join(copy, file), 'utf8')))
  return copy
}

describe('natsuin audit', () => {
  it('takes the logs away, and finds them in order with nothing but the digest of the SAM key (T-AUD-11)', () => {
    const { status, stdout } = verify(exportLogs())
    assert.equal(status, 0, stdout)
    assert.match(stdout, /✔ The logs are in order/)
    assert.match(stdout, /state: \d+ leaves/)
    assert.match(stdout, /activity\/sam-1: \d+ leaves/)
    assert.match(stdout, /2 granted, 2 completed/)
    assert.match(stdout, /not witnessed/)
  })

  it('says what was changed, and where (T-AUD-01, T-AUD-02)', () => {
    const directory = exportLogs()
    const activity = join('activity', 'sam-1', 'leaves.jsonl')
    const cases: Readonly<Record<string, [string, (text: string) => string, RegExp]>> = {
      'a leaf was changed': [
        activity,
        text => text.replace('"granted","at":1', '"granted","at":2'),
        /leaves-changed/,
      ],
      'a leaf is missing': [activity, text => text.slice(text.indexOf('\n') + 1), /leaves-missing/],
      'a leaf is none': [
        activity,
        text => text.replace('granted', 'g,ranted'),
        /leaf-unreadable[\s\S]*at leaf \d+/,
      ],
      'there is one too many': [join('state', 'leaves.jsonl'), text => `${text}{}\n`, /leaves-surplus/],
      'the head is another': [
        join('state', 'checkpoint'),
        text => text.replace(/\n\d+\n/, '\n1\n'),
        /checkpoint-not-genuine/,
      ],
    }
    for (const [what, [file, change, said]] of Object.entries(cases)) {
      const { status, stdout } = verify(changed(directory, file, change))
      assert.equal(status, 1, what)
      assert.match(stdout, said, what)
    }
    const without = changed(directory, activity, text => text)
    rmSync(join(without, 'activity'), { recursive: true })
    assert.match(verify(without).stdout, /log-missing/)
  })

  it('sees that the logs go on from where they were kept, and that they do not from elsewhere', () => {
    const kept = join(exportLogs(), 'activity', 'sam-1', 'checkpoint')
    const newest = join(folder, 'newest')
    const said = natsuin('audit', 'consistency', kept, '--to', newest, ...socket())
    assert.equal(said.status, 0, said.stdout + said.stderr)
    assert.match(said.stdout, /✔ activity\/sam-1 goes on from/)
    assert.equal(verify(exportLogs(), '--kept', kept, '--kept', newest).status, 0)
    const state = join(exportLogs(), 'state', 'checkpoint')
    assert.equal(natsuin('audit', 'consistency', state, '--to', newest, ...socket()).status, 0)
    writeFileSync(newest, readFileSync(kept, 'utf8').replace(/\n.{43}=\n/, `\n${'A'.repeat(43)}=\n`))
    assert.equal(natsuin('audit', 'consistency', newest, '--to', newest, ...socket()).status, 1)
    assert.equal(verify(exportLogs(), '--kept', newest).status, 1)
  })

  it('exports no name of a person, no secret and no document (T-AUD-08)', () => {
    const directory = exportLogs()
    const files = globSync('**/*', { cwd: directory, withFileTypes: true }).filter(file => file.isFile())
    const text = files.map(file => readFileSync(join(file.parentPath, file.name), 'utf8')).join('\n')
    for (const word of ['Hanako', 'Yamada', 'officer', '.pdf']) assert.ok(!text.includes(word), word)
    // A ticket, a token: three parts. Digests may begin as the header of one does.
    assert.doesNotMatch(text, /eyJ[\w-]+\.[\w-]*\.[\w-]+/)
  })

  it('says how it is used, and does not write over what is there', () => {
    const directory = exportLogs()
    assert.equal(natsuin('audit', 'export', '--to', directory, ...socket()).status, 2)
    assert.equal(verify(join(folder, 'nowhere')).status, 2)
    assert.equal(natsuin('audit', 'verify', directory).status, 2)
    assert.equal(natsuin('audit', 'consistency', join(folder, 'nowhere'), '--to', 'x', ...socket()).status, 2)
    assert.match(natsuin('audit', 'verify', '--help').stdout, /--kept/)
  })
})
