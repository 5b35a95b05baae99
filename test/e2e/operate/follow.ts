/**
 * Follows docs/operate.md inside a machine of its own (machine.sh): runs each block as it stands, plays the people
 * where the page has people do something, and prints what came out as one line of JSON.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { verifyEvidence } from '@natsuin/evidence'
import { fromBase64url, toHex, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { personStatement, toWire } from '@natsuin/protocol/approval'
import { createSoftwareAuthenticator } from '@natsuin/testing/authenticator'
import {
  APPROVAL_HOST,
  challengeOf,
  classOf,
  enrolSigner,
  type KnownDeployment,
  type PersonPlan,
  type Plan,
  SECURITY_OFFICERS,
  type Signer,
  saveDevice,
  urlsOf,
} from '@natsuin/testing/deployment'
import { signPdf } from '../sign-pdf.ts'
import { blocksOfPage } from './page.ts'

const NAME = 'Example Signing'
const POCKETS = '/run/pockets'
const APPLICATION = { clientId: 'desk', redirectUri: 'http://localhost:8090/callback' }
const DOCUMENT = fileURLToPath(new URL('../../../demo/agreement.pdf', import.meta.url))

const PEOPLE: readonly PersonPlan[] = [
  ...SECURITY_OFFICERS,
  { id: 'officer-1', name: 'Registration officer', roles: ['registration-officer'] },
]

const PLAN: Plan = {
  name: NAME,
  environment: 'production',
  maxLevel: 1,
  classes: [classOf(1)],
  people: PEOPLE,
  quorum: 2,
  clients: [{ id: APPLICATION.clientId, name: 'Signing desk', redirectUris: [APPLICATION.redirectUri] }],
  proofing: { method: 'in-person', level: 2 },
  ports: { server: 8080, approval: 8081, authorities: 8082 },
  store: 'sqlite',
  module: 'software',
}

/** What people do, before the block that needs it; by what the block begins with. */
const BEFORE: Readonly<Record<string, () => void>> = { 'natsuin founding': registerPeople }

/** Each person's passkey, registered at the approval origin. */
function registerPeople(): void {
  mkdirSync(POCKETS, { recursive: true, mode: 0o700 })
  const origin = urlsOf(PLAN).approval
  const registered = PEOPLE.map(person => {
    const device = createSoftwareAuthenticator()
    const challenge = challengeOf(personStatement(NAME, person.id))
    const { registration } = device.register({ rpId: APPROVAL_HOST, origin, challenge })
    saveDevice(POCKETS, person.id, device)
    return { ...person, registrations: [toWire(registration)] }
  })
  writeFileSync('/etc/natsuin/people.json', JSON.stringify(registered))
}

function follow({ heading, commands }: ReturnType<typeof blocksOfPage>[number]): void {
  for (const [beginning, act] of Object.entries(BEFORE)) if (commands.startsWith(beginning)) act()
  process.stderr.write(`## ${heading}\n`)
  // No pipes: what a block leaves running would hold them.
  const { status } = spawnSync('sh', ['-eu', '-c', commands], { stdio: ['ignore', 2, 2], cwd: '/' })
  if (status !== 0) process.stderr.write(logsOfUnits())
  if (status !== 0) throw new Error(`"${heading}" ended with ${status}:\n${commands}`)
}

/** What the stand-in for systemctl kept. */
function logsOfUnits(): string {
  return execFileSync(
    'sh',
    ['-c', 'tail -n 20 /run/systemctl-stand-in/*.log /run/systemctl-stand-in/*.out 2>&1 || true'],
    {
      encoding: 'utf8',
    },
  )
}

/** The deployment as an outsider knows it: its addresses, and the digest that genesis printed. */
function known(): KnownDeployment {
  const { samKey, samKeyDigest } = JSON.parse(readFileSync('/etc/natsuin/genesis.json', 'utf8'))
  const spki = fromBase64url(String(samKey)) ?? new Uint8Array()
  return { directory: POCKETS, plan: PLAN, urls: urlsOf(PLAN), samKey: spki, samKeyDigest }
}

/** Signs a document; whether its evidence holds with the digest of genesis alone. */
async function signAndVerify(deployment: KnownDeployment, signer: Signer): Promise<boolean> {
  const signed = await signPdf(deployment, signer, new Uint8Array(readFileSync(DOCUMENT)), APPLICATION)
  const { signedAttributes, signature: signatureValue } = signed
  const verdict = await verifyEvidence({
    evidence: utf8(JSON.stringify(signed.evidence)),
    samKeyDigest: deployment.samKeyDigest,
    document: { signedAttributes, signatureValue },
    platform: nodePlatform,
  })
  return verdict.valid && verdict.facts.documentCompared
}

/** What `server`'s user can read of the SAM's and the authorities' secrets, tried by him. */
function readByServer(): string[] {
  const find = 'find /etc/natsuin /var/lib/natsuin -type f -readable 2>/dev/null || true'
  const found = execFileSync('runuser', ['-u', 'natsuin-server', '--', 'sh', '-c', find], {
    encoding: 'utf8',
  })
  return found.trim().split('\n').toSorted()
}

/** Of each process that runs: its user, and its environment and command line as /proc shows them. */
function processes() {
  const names = ['sam', 'authorities', 'server', 'sic']
  return names.map(name => {
    const pid = execFileSync('pgrep', ['--full', '--oldest', `packages/${name}/src/main.ts start`], {
      encoding: 'utf8',
    })
    const at = (file: string) => readFileSync(`/proc/${pid.trim()}/${file}`, 'utf8')
    const uid = /^Uid:\t(\d+)/m.exec(at('status'))?.[1] ?? ''
    const user = execFileSync('id', ['-un', uid], { encoding: 'utf8' }).trim()
    return { name, user, environment: at('environ'), commandLine: at('cmdline') }
  })
}

async function followPage() {
  const blocks = blocksOfPage()
  const untilBackup = blocks.findIndex(({ heading }) => heading === 'Backup')
  for (const block of blocks.slice(0, untilBackup)) follow(block)
  const deployment = known()
  const signer = await enrolSigner(deployment, { countryName: 'JP', commonName: '山田 花子' })
  const first = await signAndVerify(deployment, signer)
  for (const block of blocks.slice(untilBackup)) follow(block)
  // Connections from before the restart are noticed to be closed.
  await pause(200)
  const digest = createHash('sha256').update(deployment.samKey).digest()
  return {
    followed: blocks.map(({ heading }) => heading),
    first,
    afterRestore: await signAndVerify(deployment, signer),
    digestIsOfKey: toHex(new Uint8Array(digest)) === deployment.samKeyDigest,
    readByServer: readByServer(),
    processes: processes(),
  }
}

try {
  process.stdout.write(`${JSON.stringify(await followPage())}\n`)
} finally {
  // Whatever runs keeps this machine alive.
  spawnSync('sh', ['-c', 'kill $(cat /run/systemctl-stand-in/*.pid)'])
}
