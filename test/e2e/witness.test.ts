/** A deployment with a witness: a signature, and what `natsuin evidence verify` says of it to who knows the witness. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Deployment, enrolSigner, startThrowaway } from '@natsuin/testing/deployment'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { giveWitness, type RunningWitness } from '@natsuin/testing/witness'
import { signPdf } from './sign-pdf.ts'

const CLI = fileURLToPath(new URL('../../packages/cli/bin/natsuin.mjs', import.meta.url))
const STRANGER = 'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2'

describe('a signature of a deployment with a witness', () => {
  const folder = temporaryFolder()
  const [evidence, pdf] = ['evidence.json', 'signed.pdf'].map(name => join(folder, name)) as [string, string]
  let deployment: Deployment
  let witness: RunningWitness
  before(async () => {
    deployment = await startThrowaway()
    witness = await giveWitness(deployment)
    await deployment.process('sam').stop()
    await deployment.restart('sam')
    const signer = await enrolSigner(deployment, { commonName: 'Hanako' })
    const document = PDF_SHAPES.find(({ name }) => name === 'classic')?.bytes() ?? assert.fail()
    const signed = await signPdf(deployment, signer, document)
    writeFileSync(pdf, signed.file)
    writeFileSync(evidence, JSON.stringify(signed.evidence))
  })
  after(async () => {
    await deployment?.stop()
    await witness?.stop()
  })

  const verify = (...witnesses: readonly string[]) => {
    const named = witnesses.flatMap(vkey => ['--witness', vkey])
    const args = [CLI, 'evidence', 'verify', evidence, pdf, '--sam-key', deployment.samKeyDigest, ...named]
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    return { status, stdout }
  }

  it('is shown to be witnessed to who names the witness', () => {
    const { status, stdout } = verify(witness.vkey)
    assert.equal(status, 0, stdout)
    assert.match(stdout, /witnessed by witness\.example\/w1 \(20/)
  })

  it('is not to who names none', () => {
    const { status, stdout } = verify()
    assert.equal(status, 0, stdout)
    assert.match(stdout, /not witnessed: a second history cannot be excluded/)
  })

  it('proves nothing to who demands another one', () => {
    for (const vkeys of [[STRANGER], [witness.vkey, STRANGER]]) {
      const { status, stdout } = verify(...vkeys)
      assert.equal(status, 1)
      assert.match(stdout, /not-witnessed/)
    }
  })
})
