/** A call with many documents, from the threads to the signatures; what the SAM does with one key is done here. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { bytesSource } from '@natsuin/ades/cades'
import { nodePlatform as platform } from '@natsuin/ades/node'
import { verifyJades } from '@natsuin/ades/validation'
import { fromUtf8, toBase64, utf8 } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { MAX_HASHES } from '@natsuin/protocol/csc'
import { chain, NOW, root, signer } from '@natsuin/testing/pki'
import type { SigningRequest } from '../signing/activations.ts'
import type { ActivationRecord } from '../storage/activations.ts'
import { type DocumentThreads, startDocumentThreads } from './document-threads.ts'
import { createDocumentSigner, type DocumentSigning } from './sign-documents.ts'
import { openSpool, type Spool, type SpoolFolder } from './spool.ts'

let spool: Spool
let folder: SpoolFolder
let threads: DocumentThreads
before(async () => {
  spool = await openSpool('')
  folder = await spool.folder()
  threads = startDocumentThreads()
})
after(async () => {
  await threads.close()
  await spool.close()
})

const AUTHORITIES = {
  root: root.certificate.bytes,
  timeStamping: root.certificate.bytes,
  timeStampUrl: 'http://127.0.0.1:9/',
  ownHosts: [],
}
const CREDENTIAL = {
  credential_id: 'credential',
  certificates: JSON.stringify([signer.certificate.bytes, ...chain].map(toBase64)),
}

/** JSON signatures beside these documents, of which their digests are known. */
function signingOf(contents: readonly Uint8Array[]): DocumentSigning {
  return {
    documents: contents.map(content => ({
      format: 'J',
      envelope: 'Detached',
      level: 'B-B',
      source: { digest: digestSync('sha256', content) },
      properties: [],
      referenceUri: 'document',
    })),
    credential: CREDENTIAL,
    activation: {} as ActivationRecord, // only the SAM's part looks at it
    clientId: 'client',
    digestAlgorithm: 'sha256',
    signatureAlgorithm: 'ecdsa-sha256',
    signingTime: NOW,
    requestId: '',
    withValidationInfo: false,
    outputPath: index => folder.path(`signed-${index}`),
  }
}

async function signDocuments(_: ActivationRecord, { dtbsrs }: SigningRequest) {
  const preimages = dtbsrs.map(one => ('dtbs' in one ? one.dtbs : undefined) ?? assert.fail('no preimage'))
  return { signatures: preimages.map(signer.sign), made: new Map<number, Uint8Array>() }
}

async function assertVerifies(path: string, content: Uint8Array) {
  const [verdict] = await verifyJades(fromUtf8(new Uint8Array(readFileSync(path))) ?? '', {
    platform,
    trustAnchors: [root.certificate.bytes],
    at: NOW,
    content: { objects: new Map([['document', bytesSource(content)]]) },
  })
  assert.equal(verdict?.indication, 'TOTAL-PASSED')
}

describe('the documents of a call', () => {
  it('are signed, as many as one call may have, each with its own signature', async () => {
    const contents = Array.from({ length: MAX_HASHES }, (_, i) => utf8(`contract ${i}`))
    const documentSigner = createDocumentSigner({
      threads,
      activations: { signDocuments },
      authorities: { addresses: async () => AUTHORITIES },
    })
    const { paths } = await documentSigner.sign(signingOf(contents))
    assert.equal(paths.length, contents.length)
    for (const [i, content] of contents.entries()) await assertVerifies(paths[i] ?? '', content)
  })
})
