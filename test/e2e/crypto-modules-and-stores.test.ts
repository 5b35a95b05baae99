/**
 * The whole service on each stack: enrol, approve, sign a PDF, judge it, verify its evidence, survive kills.
 *
 * `kill.test.ts` has the kills on the embedded default.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { guardedExchange } from '@natsuin/ades/node'
import { augmentPades } from '@natsuin/ades/pades'
import { bytesSource } from '@natsuin/ades/pdf'
import { crlBy, firstOf, ocspBy } from '@natsuin/ades/revocation'
import { timeStampBy, timeStampExchange } from '@natsuin/ades/time-stamping'
import { verifyPades } from '@natsuin/ades/validation'
import { verifyEvidence } from '@natsuin/evidence'
import { concat, fromBase64url, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { type Deployment, enrolSigner, type Signer, startThrowaway } from '@natsuin/testing/deployment'
import { certificateDatabase, pdfsig } from '@natsuin/testing/judges'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { describeKills } from './kill/cases.ts'
import { opensslOpinion } from './openssl-judges.ts'
import { type SignedPdf, signPdf } from './sign-pdf.ts'
import { EMBEDDED, PRODUCTION, type Stack } from './stacks.ts'

const PROCESSES = ['sam', 'authorities', 'server', 'sic'] as const
const folder = temporaryFolder()

interface Archive {
  readonly deployment: Deployment
  readonly root: Uint8Array
  /** What is asked about revocation, in this order. */
  readonly kinds: readonly (typeof ocspBy)[]
}

/** At B-LTA, by the deployment's own authorities over HTTP: the addresses are those that its certificates name. */
async function archive(signed: Uint8Array, { deployment, root, kinds }: Archive): Promise<Uint8Array> {
  const { timeStamp: url } = deployment.urls
  const exchange = guardedExchange({ ownHosts: [new URL(url).host] })
  const update = await augmentPades(bytesSource(signed), 'B-LTA', {
    platform: nodePlatform,
    at: new Date(),
    trustAnchors: [root],
    revocation: firstOf(...kinds.map(kind => kind(exchange))),
    timeStamp: timeStampBy({ platform: nodePlatform, exchange: timeStampExchange(url, exchange) }),
  })
  return concat(signed, update)
}

for (const stack of [EMBEDDED, PRODUCTION]) {
  describe(`the whole service on ${stack.name}`, () => {
    let ground: Awaited<ReturnType<Stack['open']>>
    let deployment: Deployment
    let signer: Signer
    let signed: SignedPdf
    let root: Uint8Array
    let path: string

    before(async () => {
      ground = await stack.open()
      deployment = await startThrowaway(ground.members)
      root = foundedRoot(deployment)
      path = join(folder, `${stack === EMBEDDED ? 'embedded' : 'production'}.pdf`)
    })
    after(async () => {
      await deployment?.stop()
      await ground?.close()
    })

    it('enrols a signer, who approves and signs a PDF that she saw', async () => {
      signer = await enrolSigner(
        deployment,
        { countryName: 'JP', commonName: '山田 花子' },
        { classId: 'level-3' },
      )
      signed = await signPdf(deployment, signer, document())
      writeFileSync(path, signed.file)
    })

    it('makes PAdES B-T that our verifier passes with the root alone', async () => {
      const trust = { platform: nodePlatform, trustAnchors: [root] }
      const verdict = await verifyPades(bytesSource(signed.file), trust)
      assert.deepEqual([verdict.indication, verdict.facts.level], ['TOTAL-PASSED', 'B-T'])
    })

    it('makes a signature that pdfsig trusts', () => {
      const [signature] = pdfsig(path, certificateDatabase(folder, root))
      const { valid, trusted, coversWholeDocument } = signature ?? {}
      assert.deepEqual([valid, trusted, coversWholeDocument], [true, true, true])
    })

    it('makes it last with what its authorities answer over HTTP: OCSP, CRLs and time-stamps (B-LTA)', async () => {
      for (const kinds of [[ocspBy, crlBy], [crlBy]]) {
        const archived = await archive(signed.file, { deployment, root, kinds })
        const trust = { platform: nodePlatform, trustAnchors: [root], at: new Date() }
        const verdict = await verifyPades(bytesSource(archived), trust)
        assert.deepEqual([verdict.indication, verdict.facts.level], ['TOTAL-PASSED', 'B-LTA'])
        const archivedPath = join(folder, 'archived.pdf')
        writeFileSync(archivedPath, archived)
        const [signature] = pdfsig(archivedPath, certificateDatabase(folder, root))
        assert.deepEqual([signature?.valid, signature?.trusted], [true, true])
      }
    })

    it('makes a CMS and a time-stamp that openssl verifies', () => {
      const { cms, timeStamp } = opensslOpinion(path, root, folder)
      assert.match(cms, /CAdES Verification successful/)
      assert.match(timeStamp, /Verification: OK/)
    })

    it('proves by its evidence, at level 3, that the signer saw and approved this document', async () => {
      const { signedAttributes, signature: signatureValue } = signed
      const verdict = await verifyEvidence({
        evidence: utf8(JSON.stringify(signed.evidence)),
        samKeyDigest: deployment.samKeyDigest,
        document: { signedAttributes, signatureValue },
        platform: nodePlatform,
      })
      assert.ok(verdict.valid, JSON.stringify(verdict))
      const { subject, level, approved, documentCompared } = verdict.facts
      assert.deepEqual(
        [subject.commonName, level, approved.basis, documentCompared],
        ['山田 花子', 3, 'seen', true],
      )
    })

    it('is there again after all processes were stopped and started: values, credential, keys', async () => {
      for (const name of PROCESSES.toReversed()) await deployment.process(name).stop()
      for (const name of PROCESSES) await deployment.restart(name)
      assert.deepEqual(await signed.retry(), signed.signature)
      const again = await signPdf(deployment, signer, document())
      const verdict = await verifyPades(bytesSource(again.file), {
        platform: nodePlatform,
        trustAnchors: [root],
      })
      assert.equal(verdict.indication, 'TOTAL-PASSED')
    })
  })
}

describeKills(PRODUCTION)

function document(): Uint8Array {
  const classic = PDF_SHAPES.find(({ name }) => name === 'classic')
  assert.ok(classic !== undefined)
  return classic.bytes()
}

/** The root of the founding, not what the service says today. */
function foundedRoot({ directory }: Deployment): Uint8Array {
  const { trustAnchors } = JSON.parse(readFileSync(join(directory, 'founding.json'), 'utf8'))
  const root = fromBase64url(String(trustAnchors[0]))
  assert.ok(root !== undefined)
  return root
}
