/**
 * What one request costs, in clear and over TLS: `credentials/info` (a read), `oauth2/token` (client credentials: a
 * secret checked, a grant and a token written), and `signHash` of one hash (authorised, logged, signed).
 *
 * The same deployment twice, connections kept. Server, SAM and load generator share the machine.
 */
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  certifyLocalhost,
  type Deployment,
  enrolSigner,
  openApplication,
  REDIRECT_URI,
  type Signer,
  trustCertificate,
} from '@natsuin/testing/deployment'
import { type Caller, openCaller } from './caller.ts'
import { measureCalls } from './calls.ts'
import { compared, type Figure, reference } from './figure.ts'
import { type Rate, rateOf } from './load.ts'
import { onEmbedded, type Stack, withDeployment } from './stacks.ts'

const LOAD = { seconds: 5, concurrency: 16 } as const
/** Approvals for five seconds of single hashes at ten times today's rate. */
const APPROVALS = 16

const APPLICATION = { id: 'application', name: 'Application', redirectUris: [REDIRECT_URI] }
const MACHINE = {
  id: 'machine',
  name: 'Machine',
  redirectUris: [],
  secret: 'a secret that only this machine knows, for five seconds',
  registration: { actsFor: ['nobody'] },
}

type Rates = Readonly<Record<'credentials/info' | 'oauth2/token' | 'signHash', Rate>>

export function requestFigures(tell: (what: string) => void): Promise<readonly Figure[]> {
  return onEmbedded(async stack => {
    tell('requests in clear: embedded database, software module')
    const clear = await ratesOf(stack, {})
    tell('requests over TLS')
    const folder = await mkdtemp(join(tmpdir(), 'natsuin-bench-'))
    const tls = certifyLocalhost(folder)
    trustCertificate(tls)
    const encrypted = await ratesOf(stack, { tls }).finally(() => rmSync(folder, { recursive: true }))
    return Object.keys(clear).flatMap(name =>
      figuresOf(name, clear[name as keyof Rates], encrypted[name as keyof Rates]),
    )
  })
}

function figuresOf(name: string, clear: Rate, encrypted: Rate): readonly Figure[] {
  const inClear = reference(`${name}, in clear`, clear.perSecond, 'requests/s')
  const p99 = reference('  p99 in clear', clear.p99, 'ms')
  return [
    inClear,
    p99,
    compared(`${name}, over TLS`, encrypted.perSecond, inClear),
    compared('  p99 over TLS', encrypted.p99, p99),
  ]
}

function ratesOf({ members }: Stack, more: object): Promise<Rates> {
  const plan = { ...members, ...more, clients: [APPLICATION, MACHINE] }
  return withDeployment(plan, async deployment => {
    const signer = await enrolSigner(deployment, { commonName: 'Bench', countryName: 'JP' })
    const caller = openCaller(LOAD.concurrency, { tls: deployment.plan.tls !== undefined })
    try {
      return {
        'credentials/info': await infoRate(deployment, signer, caller),
        'oauth2/token': await tokenRate(deployment, caller),
        signHash: await measureCalls(deployment, [signer], {
          ...LOAD,
          hashesPerCall: 1,
          approvals: APPROVALS,
        }),
      }
    } finally {
      caller.close()
    }
  })
}

async function infoRate(deployment: Deployment, signer: Signer, caller: Caller): Promise<Rate> {
  const token = await openApplication(deployment).serviceToken(signer)
  const url = new URL(`${deployment.urls.csc}credentials/info`)
  const body = JSON.stringify({ credentialID: signer.credentialId, certificates: 'chain', certInfo: true })
  return rateOf(() => caller.post(url, body, token).then(() => 1), LOAD)
}

function tokenRate({ urls }: Deployment, caller: Caller): Promise<Rate> {
  const url = new URL(`${urls.server}/oauth2/token`)
  const credentials = Buffer.from(`${MACHINE.id}:${encodeURIComponent(MACHINE.secret)}`).toString('base64')
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    authorization: `Basic ${credentials}`,
  }
  return rateOf(async () => {
    const { status, text } = await caller.send(url, 'grant_type=client_credentials', headers)
    if (status !== 200) throw new Error(`the token endpoint answered ${status} ${text}`)
    return 1
  }, LOAD)
}
