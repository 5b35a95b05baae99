/** natsuin sam request-certificates, natsuin sam link-certificate — certificates of authorities outside (docs/keys.md). */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromPem, toPem } from '@natsuin/pki/x509'
import { UsageError } from '../command.ts'
import { PROPOSING_FLAGS, PROPOSING_HELP, PROPOSING_SWITCHES, proposeAct, proposingIn } from './proposing.ts'
import { type Channel, samCommand, WHERE } from './sam-command.ts'

export const samRequestCertificates = samCommand({
  name: 'sam request-certificates',
  usage: '--credential ID … --out DIR --reason TEXT [--minutes N] [--no-wait]',
  help: `Has credentials' keys sign requests for certificates (PKCS #10), for an authority outside. The SAM writes them from
its own records; enough security officers approve what they say. Those that were made before are written at once.

  --credential ID   whose key; may be given up to 50 times
  --out DIR         where the requests are put, each as ID.csr.pem
${PROPOSING_HELP}
${WHERE}

Exit status: 0 written (with --no-wait and --json: proposed), 1 not, 2 wrong usage.`,
  flags: ['credential*', 'out', ...PROPOSING_FLAGS],
  switches: PROPOSING_SWITCHES,
  async run({ flags }, channel, terminal) {
    const [ids, folder] = [flags.takeAll('credential'), flags.need('out')]
    if (ids === undefined) throw new UsageError('--credential is needed.')
    const proposing = proposingIn(flags)
    const write = async () => {
      for (const id of ids) terminal.out(await writeRequest(channel, id, folder))
      return 0
    }
    const credentials = await Promise.all(ids.map(id => askedOf(channel, id)))
    const missing = credentials.flatMap(({ asked, isThere }) => (isThere ? [] : [asked]))
    if (missing.length === 0) return write()
    const act = { kind: 'request-certificates', credentials: missing } as const
    return proposeAct(act, proposing, { channel, terminal }, write)
  },
})

async function askedOf(channel: Channel, credentialId: string) {
  const { subject, publicKeyDigest, certificationRequest } = await channel.call('credentials/read', {
    credentialId,
  })
  return { asked: { credentialId, subject, publicKeyDigest }, isThere: certificationRequest !== undefined }
}

async function writeRequest(channel: Channel, credentialId: string, folder: string): Promise<string> {
  const { subject, certificationRequest } = await channel.call('credentials/read', { credentialId })
  if (certificationRequest === undefined) throw new Error(`${credentialId} has no request`)
  const file = join(folder, `${credentialId}.csr.pem`)
  writeFileSync(file, toPem('CERTIFICATE REQUEST', certificationRequest))
  return `✔ ${file}  ${subject.commonName}`
}

export const samLinkCertificate = samCommand({
  name: 'sam link-certificate',
  usage: '<credential> --chain FILE',
  help: `Links the certificate that an authority has issued for a credential. The SAM checks that it is for this key, in
the signer's name as it was vouched for, and leads to a root of the roster.

  --chain FILE      PEM: the certificate, then those of the authorities above it
${WHERE}

Exit status: 0 linked: the credential signs from now on, 1 refused, 2 wrong usage.`,
  words: ['the credential'],
  flags: ['chain'],
  async run({ words: [credentialId = ''], flags }, channel, { out }) {
    await channel.call('certificates/link', { credentialId, certificates: chainIn(flags.need('chain')) })
    out('Linked: the credential signs from now on.')
    return 0
  },
})

/** @throws UsageError */
function chainIn(file: string): readonly Uint8Array[] {
  const certificates = fromPem('CERTIFICATE', readPem(file))
  if (certificates.length > 1) return certificates
  throw new UsageError(`${file}: a chain is the certificate and at least that of its issuer, in PEM.`)
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : 'unreadable'}`)
  }
}
