/** What all clients meet: one deployment that speaks TLS, applications registered there, and signers with a browser. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { toBase64url } from '@natsuin/pki/encoding'
import {
  approve,
  type ClientPlan,
  type CodeSigner,
  certifyLocalhost,
  classOf,
  createRequestKey,
  type Deployment,
  enrolSigner,
  enrolWithCodes,
  itemsFor,
  logIn,
  openApproval,
  REDIRECT_URI,
  type Signer,
  startThrowaway,
  type TlsPlan,
  trustCertificate,
} from '@natsuin/testing/deployment'

const CODES = classOf(1, { id: 'codes', approvals: ['pin-totp'] })
export const PIN = '830512'

const SECRET = 'of an application that exists for minutes'

/** With which the client of FAPI 2.0 proves who it is. */
export const FAPI_KEY = createRequestKey('fapi-1')

/** A client of each kind, by what registers it. */
export const APPLICATIONS = {
  publicClient: { id: 'interop-public', name: 'Public application', redirectUris: [REDIRECT_URI] },
  confidentialClient: {
    id: 'interop-confidential',
    name: 'Application with a secret',
    redirectUris: [REDIRECT_URI],
    secret: SECRET,
    registration: { specs: '2.2.0.0' },
  },
  v1Client: {
    id: 'interop-v1',
    name: 'Application of v1',
    redirectUris: [REDIRECT_URI],
    secret: SECRET,
    registration: { profile: 'csc-v1' },
  },
  fapiClient: {
    id: 'interop-fapi',
    name: 'Application of FAPI 2.0',
    redirectUris: [REDIRECT_URI],
    keys: [{ kid: FAPI_KEY.kid, publicKey: toBase64url(FAPI_KEY.publicKey) }],
    registration: { profile: 'fapi2', public: false },
  },
} as const satisfies Record<string, ClientPlan>

export interface Stage {
  readonly deployment: Deployment
  /** Whoever speaks to the server trusts this certificate and no other. */
  readonly tls: TlsPlan
  /** Holds a passkey. */
  readonly alice: Signer
  /** Holds a PIN and an authenticator app. */
  readonly bob: CodeSigner
  /** What is set up, and what is left behind to look at. */
  readonly home: string
  /** Enrols somebody else who holds a PIN and an app: a code works once. */
  withCodes(commonName: string): Promise<CodeSigner>
  /** A new folder in which a client leaves its files. */
  folderOf(name: string): string
}

/** @param home  below which the clients are set up */
export async function onStage<T>(home: string, work: (stage: Stage) => Promise<T>): Promise<T> {
  const tls = certifyLocalhost(join(home, 'tls'))
  trustCertificate(tls)
  const deployment = await startThrowaway({
    tls,
    classes: [CODES, classOf(2)],
    clients: Object.values(APPLICATIONS),
    server: { logInClient: APPLICATIONS.confidentialClient.id },
  })
  try {
    const alice = await enrolSigner(deployment, { commonName: 'Alice' }, { classId: 'level-2' })
    const withCodes = (commonName: string) =>
      enrolWithCodes(deployment, { commonName }, { pin: PIN, classId: CODES.id })
    const folderOf = (name: string) => newFolder(home, name)
    const bob = await withCodes('Bob')
    return await work({ deployment, tls, alice, bob, home, withCodes, folderOf })
  } finally {
    await deployment.stop()
  }
}

function newFolder(home: string, name: string): string {
  const folder = join(home, 'files', 'clients', name)
  mkdirSync(folder, { recursive: true })
  return folder
}

/** What the signer does in his browser at an authorization URL, up to the redirect. */
export function signerAnswers(
  { deployment, alice }: Stage,
  signer: Signer = alice,
): {
  readonly logIn: (url: string) => Promise<string>
  readonly approve: (url: string) => Promise<string>
} {
  return {
    logIn: url => logIn(deployment, signer, url, REDIRECT_URI),
    async approve(url) {
      const shown = await openApproval(deployment, signer, url)
      return approve(deployment, signer, shown, { items: itemsFor(shown, []), redirectUri: REDIRECT_URI })
    },
  }
}

/** Options of a Java machine that trusts the server. */
export function javaTrust({ tls, home }: Pick<Stage, 'tls' | 'home'>): readonly string[] {
  const store = join(home, 'tls', 'trust.p12')
  const password = 'no secret is in it'
  rmSync(store, { force: true })
  execFileSync(
    'keytool',
    [
      ...['-importcert', '-noprompt', '-alias', 'server', '-file', tls.certificateFile],
      ...['-keystore', store, '-storetype', 'PKCS12', '-storepass', password],
    ],
    { stdio: 'ignore' },
  )
  return [`-Djavax.net.ssl.trustStore=${store}`, `-Djavax.net.ssl.trustStorePassword=${password}`]
}
