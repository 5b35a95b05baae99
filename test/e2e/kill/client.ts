/**
 * Clients of a service that is being killed: they do one step at a time, can repeat the last one, and remember
 * everything they said and were told, for the invariants.
 */
import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { fromBase64, toBase64, utf8 } from '@natsuin/pki/encoding'
import { approveTicket, peekJws, toWire } from '@natsuin/protocol/approval'
import { writeJson } from '@natsuin/protocol/shape'
import { createSoftwareAuthenticator, type SoftwareAuthenticator } from '@natsuin/testing/authenticator'
import {
  type Answer,
  type Answered,
  type Application,
  answer,
  approveStatementBytes,
  type BegunRequest,
  byPasskey,
  codeOf,
  type Deployment,
  ECDSA_SHA256_OID,
  enrolStatementBytes,
  type Invitation,
  invite,
  itemsFor,
  openApplication,
  openApproval,
  openBrowser,
  REDIRECT_URI,
  register,
  registerLogIn,
  SHA256_OID,
  type ShownApproval,
  type Signer,
  tokenOf,
} from '@natsuin/testing/deployment'
import { violations } from '../invariants/invariants.ts'
import {
  type Approval,
  type Delivery,
  type Enrolment,
  observe,
  type Removal,
  readCheckpoints,
  readModuleKeys,
  readSamStore,
} from '../invariants/observation.ts'

/** What everybody together saw of one deployment. */
export class Clients {
  readonly deployment: Deployment
  readonly application: Application
  readonly enrolments: Enrolment[] = []
  readonly approvals: Approval[] = []
  readonly deliveries: Delivery[] = []
  readonly removals: Removal[] = []
  readonly #checkpoints: string[] = []
  readonly #foundedKeys: readonly string[]

  constructor(deployment: Deployment) {
    this.deployment = deployment
    this.application = openApplication(deployment)
    this.#foundedKeys = readModuleKeys(deployment)
  }

  /** Takes a copy of the checkpoints outside, which all later logs have to extend. */
  keepCheckpoint(): void {
    this.#checkpoints.push(...readCheckpoints(this.deployment))
  }

  /** Keeps what a signer's passkey said to which contents, and whether the service said that it has it. */
  rememberApproval(answered: Answered, contents: readonly Content[], acknowledged: boolean): void {
    const { statement, proof } = byPasskey(answered)
    const approval = {
      statementDigest: digestOf(statement),
      proofDigest: digestOf(writeJson(toWire(proof))),
      nonce: nonceIn(statement),
      dtbsrs: contents.map(({ dtbsr }) => Buffer.from(dtbsr).toString('hex')),
      acknowledged,
    }
    const at = this.approvals.findIndex(({ statementDigest }) => statementDigest === approval.statementDigest)
    this.approvals.splice(at < 0 ? this.approvals.length : at, 1, approval)
  }

  /** What does not hold now. Nothing may be under way. */
  violations(): string[] {
    const { samKey } = this.deployment
    const known = { foundedKeys: this.#foundedKeys, earlierCheckpoints: this.#checkpoints, received: this }
    return violations(observe(this.deployment, { samKey, ...known }))
  }

  /** Asks that power be taken away, and remembers when it was said to be. */
  async remove(event: Removal['event'], credentialId: string, ask: () => Promise<unknown>): Promise<void> {
    await ask()
    this.removals.push({ event, credentialId, acknowledgedAfter: this.deliveries.length })
  }

  /** Whether a log, seen from outside at this moment, holds the value as completed. */
  isRecorded(value: Uint8Array): boolean {
    const digest = createHash('sha256').update(value).digest('base64url')
    return [...readSamStore(this.deployment).logs.values()].flat().some(({ leaf }) => {
      const text = Buffer.from(leaf).toString('utf8')
      return text.includes('"completed"') && text.includes(digest)
    })
  }
}

/** Something to sign, whose digest is the representation. */
export interface Content {
  readonly content: Uint8Array
  readonly dtbsr: Uint8Array
}

export function newContents(count = 2): readonly Content[] {
  return Array.from({ length: count }, () => {
    const content = utf8(`signed attributes of ${randomUUID()}`)
    return { content, dtbsr: new Uint8Array(createHash('sha256').update(content).digest()) }
  })
}

/** One signature on its way, from the application's request to the values. */
export class Signing {
  readonly idempotencyKey = randomUUID()
  readonly contents: readonly Content[]
  readonly #clients: Clients
  readonly #signer: Signer
  #request: BegunRequest | undefined
  #shown: ShownApproval | undefined
  #answered: Answered | undefined
  #token: string | undefined

  constructor(clients: Clients, signer: Signer, contents = newContents()) {
    this.#clients = clients
    this.#signer = signer
    this.contents = contents
  }

  /** Everything: asks, approves, redeems, signs. @returns the signature values */
  async run(): Promise<readonly Uint8Array[]> {
    await this.ask()
    return this.finish()
  }

  /** Everything after it was asked for. */
  async finish(): Promise<readonly Uint8Array[]> {
    await this.approve()
    return this.sign()
  }

  /** The SAM's ticket, once it was asked for. */
  get ticket(): string {
    return known(this.#shown).ticketText
  }

  async ask(): Promise<void> {
    const { application, deployment } = this.#clients
    const documentDigests = this.contents.map(({ dtbsr }, i) => ({
      hash: toBase64(dtbsr),
      label: `Deed ${i + 1}`,
    }))
    const { credentialId: credentialID } = this.#signer
    const detail = { type: 'credential', credentialID, documentDigests, hashAlgorithmOID: SHA256_OID }
    this.#request = application.begin({ authorization_details: JSON.stringify([detail]) })
    this.#shown = await openApproval(deployment, this.#signer, await application.push(this.#request))
  }

  /** Answers with the passkey and redeems the code; called again, it repeats the same answer. */
  async approve(): Promise<void> {
    const { deployment, application } = this.#clients
    const shown = known(this.#shown)
    this.#answered ??= this.#answer(shown)
    const url = `${deployment.urls.server}/approvals/${shown.handle}`
    const next = await openBrowser(deployment.urls.approval).post(url, toWire(byPasskey(this.#answered)))
    this.#clients.rememberApproval(this.#answered, this.contents, true)
    const cameBackTo = await this.#signer.browser.visit(String(next['continue']), [REDIRECT_URI])
    this.#token = tokenOf(await application.redeem(known(this.#request), codeOf(cameBackTo)))
  }

  /** Called again, it repeats the request with the same Idempotency-Key. */
  async sign(): Promise<readonly Uint8Array[]> {
    const { status, body } = await this.trySign()
    if (status !== 200) throw new Error(`signHash answered ${status} ${JSON.stringify(body)}`)
    const values = (body as { signatures: string[] }).signatures.map(decoded)
    for (const value of values) assert.ok(this.#clients.isRecorded(value), 'recorded before it was delivered')
    const signatures = this.contents.map(({ content }, i) => ({
      content,
      value: values[i] ?? new Uint8Array(),
    }))
    const { idempotencyKey } = this
    this.#clients.deliveries.push({ idempotencyKey, credentialId: this.#signer.credentialId, signatures })
    return values
  }

  trySign(): Promise<Answer> {
    const request = {
      credentialID: this.#signer.credentialId,
      hashes: this.contents.map(({ dtbsr }) => toBase64(dtbsr)),
      hashAlgorithmOID: SHA256_OID,
      signAlgo: ECDSA_SHA256_OID,
    }
    const headers = { 'idempotency-key': this.idempotencyKey }
    return this.#clients.application.call('signatures/signHash', request, known(this.#token), headers)
  }

  #answer(shown: ShownApproval): Answered {
    const items = itemsFor(shown, [])
    const { device } = this.#signer
    const statement = approveStatementBytes(shown.ticketText, items)
    const { approval: origin } = this.#clients.deployment.urls
    const answered = answer(statement, { device, origin, allow: shown.allow })
    this.#clients.rememberApproval(answered, this.contents, false)
    return answered
  }
}

/** One person on the way from an invitation to a certificate. */
export class Enrolling {
  readonly #clients: Clients
  readonly #commonName: string
  readonly #device: SoftwareAuthenticator = createSoftwareAuthenticator()
  readonly #browser = openBrowser()
  #invitation: Invitation | undefined
  #submission: object | undefined

  constructor(clients: Clients, commonName: string) {
    this.#clients = clients
    this.#commonName = commonName
  }

  async beInvited(): Promise<void> {
    const subject = { countryName: 'JP', commonName: this.#commonName }
    this.#invitation = await invite(this.#clients.deployment, subject)
  }

  /** Opens the page: a ticket, and a passkey registered under it. Called again, a new ticket and passkey. */
  async openPage(): Promise<void> {
    const { urls } = this.#clients.deployment
    const { grantId, enrolmentKey } = known(this.#invitation)
    const { ticket } = await this.#browser.get(`${urls.server}/enrolments/${grantId}`)
    const options = { device: this.#device, origin: urls.approval }
    this.#submission = toWire(
      await register(enrolStatementBytes(String(ticket)), enrolmentKey, options),
    ) as object
  }

  /** Submits, and registers the log-in passkey. Called again, it submits the same. */
  async submit(): Promise<Signer> {
    const { deployment, enrolments } = this.#clients
    const url = `${deployment.urls.server}/enrolments/${known(this.#invitation).grantId}`
    const enrolled = await this.#browser.post(url, this.#submission)
    await registerLogIn(deployment, this.#browser, this.#device, String(enrolled['continue']))
    const signer = {
      signerId: String(enrolled['signerId']),
      credentialId: String(enrolled['credentialId']),
      commonName: this.#commonName,
      device: this.#device,
      browser: this.#browser,
    }
    enrolments.push({ ...signer, certificate: await this.#certificateOf(signer) })
    return signer
  }

  async #certificateOf(signer: Signer): Promise<Uint8Array> {
    const { application } = this.#clients
    const token = await application.serviceToken(signer)
    const { body } = await application.call('credentials/info', { credentialID: signer.credentialId }, token)
    const [certificate = ''] = (body as { cert?: { certificates?: string[] } }).cert?.certificates ?? []
    return decoded(certificate)
  }
}

/** A person who is enrolled without anything being killed. */
export async function enrolPerson(clients: Clients, commonName: string): Promise<Signer> {
  const person = new Enrolling(clients, commonName)
  await person.beInvited()
  await person.openPage()
  return person.submit()
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function decoded(text: string): Uint8Array {
  const bytes = fromBase64(text)
  assert.ok(bytes !== undefined && bytes.length > 0, 'base64')
  return bytes
}

function known<T>(value: T | undefined): T {
  assert.ok(value !== undefined, 'an earlier step has not been done')
  return value
}

/** Of the ticket in the statement, hexadecimal. */
function nonceIn(statement: Uint8Array): string {
  const { ticket } = JSON.parse(Buffer.from(statement).toString()) as { ticket: string }
  return Buffer.from(peekJws(ticket, 'natsuin-ticket', approveTicket).nonce).toString('hex')
}
