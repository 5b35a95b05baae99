/** pyHanko's CSC signer, which speaks v1: once with PIN and code, once with a SAD that the signer's approval gave. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromBase64, toBase64url } from '@natsuin/pki/encoding'
import {
  type Application,
  codeOf,
  firstCodeOf,
  openApplication,
  type Signer,
  tokenOf,
} from '@natsuin/testing/deployment'
import { certificateDatabase, pdfsig } from '@natsuin/testing/judges'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import { versionInRequirements } from '../../setup/python.ts'
import type { RealClient, Step } from '../client.ts'
import { converse } from '../conversation.ts'
import { APPLICATIONS, PIN, type Stage, signerAnswers } from '../stage.ts'

const REQUIREMENTS = join(import.meta.dirname, '..', '..', 'judges', 'pyhanko')

/** What is done each time, by how it is approved. */
const stepsOf = (how: string) => ({
  reads: `credentials/info (${how})`,
  signs: `signs a PDF (${how})`,
  validates: `validates what it signed (${how})`,
  pdfsig: `pdfsig says of it (${how})`,
})

const BY_CODE = stepsOf('PIN and TOTP')
const BY_PASSKEY = stepsOf('OAuth, passkey')

export const cscSigner: RealClient = {
  name: 'pyHanko CSCSigner',
  version: versionInRequirements(REQUIREMENTS, 'pyhanko'),
  speaks: 'v1',
  does: [...Object.values(BY_CODE), ...Object.values(BY_PASSKEY)],
  limits: [],
  async *run(stage) {
    yield* signAndJudge(stage, BY_CODE, stage.bob, { pin: PIN, otp: firstCodeOf(stage.bob) })
    yield* signAndJudge(stage, BY_PASSKEY, stage.alice, {})
  },
}

async function* signAndJudge(
  stage: Stage,
  steps: typeof BY_CODE,
  signer: Signer,
  factors: object,
): AsyncGenerator<Step> {
  const application = openV1(stage)
  const folder = stage.folderOf('pyhanko')
  const pdf = join(folder, `${signer.commonName}.pdf`)
  const signed = join(folder, `${signer.commonName}-signed.pdf`)
  writeFileSync(pdf, PDF_SHAPES.find(({ name }) => name === 'classic')?.bytes() ?? '')
  const token = await application.serviceToken(signer)
  const told = {
    service: stage.deployment.urls.server,
    trusted: stage.tls.certificateFile,
    token,
    credentialID: signer.credentialId,
    pdf,
    signed,
    ...steps,
    ...factors,
  }
  const command = [join(stage.home, 'python', 'bin', 'python'), join(import.meta.dirname, 'sign.py')]
  const approveHash = (hash: string) => sadFor(stage, application, signer, hash)
  yield* converse({ command, told, browse: { approveHash } })
  const root = await rootOf(application, signer, token)
  yield saidByPdfsig(steps.pdfsig, signed, certificateDatabase(folder, root))
}

function openV1({ deployment }: Stage): Application {
  const { id: clientId, secret } = APPLICATIONS.v1Client
  const authenticate = () => ({ client_secret: secret })
  return openApplication(deployment, { clientId, edition: 'v1', authenticate })
}

/** As clients of v1 ask: parameters in the address, no PKCE. */
async function sadFor(
  stage: Stage,
  application: Application,
  { credentialId }: Signer,
  hash: string,
): Promise<string> {
  const request = application.begin({
    scope: 'credential',
    credentialID: credentialId,
    numSignatures: '1',
    hash: toBase64url(fromBase64(hash) ?? new Uint8Array()),
    code_challenge: undefined,
    code_challenge_method: undefined,
  })
  const callback = await signerAnswers(stage).approve(application.authorizeUrl(request.parameters))
  return tokenOf(await application.redeem(request, codeOf(callback), { code_verifier: undefined }))
}

/** The end of the chain: of the authorities, from where certificates of signers come. */
async function rootOf(
  application: Application,
  { credentialId }: Signer,
  token: string,
): Promise<Uint8Array> {
  const asked = { credentialID: credentialId, certificates: 'chain' }
  const { body } = await application.call('credentials/info', asked, token)
  const { cert } = body as { cert: { certificates: readonly string[] } }
  return fromBase64(cert.certificates.at(-1) ?? '') ?? new Uint8Array()
}

function saidByPdfsig(what: string, path: string, database: string): Step {
  const found = pdfsig(path, database)
  const passed = found.length === 1 && found.every(({ valid, trusted }) => valid && trusted)
  return { what, passed, word: passed ? 'valid, trusted' : JSON.stringify(found) }
}
