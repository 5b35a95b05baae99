/**
 * Approvals from anywhere but the approval page, or of anything but an approval (T-WA-01 to 09, T-SAD-24).
 *
 * The attacker serves `server`'s own origin and any page he likes in a frame; Alice's authenticator answers him.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { SapRefusal } from '@natsuin/protocol/sap'
import {
  authenticationJson,
  createSoftwareAuthenticator,
  type Deviations,
} from '@natsuin/testing/authenticator'
import {
  APPROVAL_HOST,
  answer,
  approveStatementBytes,
  byPasskey,
  challengeOf,
  enrolSigner,
  openApplication,
  openBrowser,
} from '@natsuin/testing/deployment'
import {
  answerTo,
  approval,
  assertRefused,
  openStage,
  type Stage,
  seenItems,
  signs,
  ticketFor,
} from './stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

async function submit(how: Parameters<typeof approval>[3]) {
  const answered = await approval(stage, stage.alice, await seenItems('contract.pdf'), how)
  return stage.sam.call('approve', byPasskey(answered))
}

describe('an approval', () => {
  it('from the approval page, with user verification, is accepted', () => signs(stage, stage.alice))

  it('from any other origin is refused (T-WA-01)', async () => {
    const { server, approval: honest } = stage.deployment.urls
    const { port } = new URL(honest)
    const origins = [
      server,
      `https://${APPROVAL_HOST}:${port}`,
      `http://${APPROVAL_HOST}`,
      `http://${APPROVAL_HOST}:${Number(port) + 1}`,
      `http://${APPROVAL_HOST}.:${port}`,
      `http://x.${APPROVAL_HOST}:${port}`,
      `http://${APPROVAL_HOST}.evil.example:${port}`,
      `http://APPROVE.localhost:${port}`,
      `${honest}/`,
      'null',
    ]
    for (const origin of origins) {
      await assertRefused(stage, 'origin-mismatch', () => submit({ origin }), origin)
    }
    await submit({ origin: honest })
  })

  const DEVIATIONS: readonly (readonly [string, Deviations, SapRefusal])[] = [
    ['for the RP ID of the server (T-WA-02)', { hashedRpId: 'localhost' }, 'rp-mismatch'],
    ['for an RP ID below the page’s (T-WA-02)', { hashedRpId: `x.${APPROVAL_HOST}` }, 'rp-mismatch'],
    ['in a frame of another origin (T-WA-08)', { crossOrigin: true }, 'cross-origin'],
    [
      'in a page that names another top origin (T-WA-08)',
      { topOrigin: 'http://evil.example' },
      'cross-origin',
    ],
    ['given as a registration (T-WA-08)', { type: 'webauthn.create' }, 'ceremony-type'],
    ['given as a payment (T-WA-08)', { type: 'payment.get' }, 'ceremony-type'],
    ['without user verification (T-WA-03)', { flags: { userVerified: false } }, 'user-not-verified'],
    ['without the user (T-WA-03)', { flags: { userPresent: false } }, 'user-not-verified'],
    [
      'by a key that can leave the device by now (T-WA-07)',
      { flags: { backupEligible: true } },
      'authenticator-policy',
    ],
    [
      'by a key that says it was copied and cannot be (T-WA-07)',
      { flags: { backupState: true } },
      'authenticator-policy',
    ],
  ]
  for (const [what, deviations, code] of DEVIATIONS) {
    it(`${what} is refused`, async () => {
      await assertRefused(stage, code, () => submit({ deviations }))
      await submit({})
    })
  }

  for (const counter of [1000, 999, 1, 0]) {
    it(`whose signature counter is ${counter} after 1000 is refused, and its passkey suspended (T-WA-06)`, async () => {
      const erin = await enrolSigner(stage.deployment, { commonName: 'Erin', countryName: 'JP' })
      const claims = async (value: number) => {
        const items = await seenItems('contract.pdf')
        const answered = await approval(stage, erin, items, { deviations: { counter: value } })
        return stage.sam.call('approve', byPasskey(answered))
      }
      await claims(1000)
      // A ticket of a later second: nothing but a copy explains an older counter under it.
      await setTimeout(1100)
      await assertRefused(stage, 'counter-regression', () => claims(counter))
      await assertRefused(stage, 'authenticator-suspended', () => claims(1001))
      await submit({})
    })
  }
})

describe('somebody else’s answer', () => {
  it('to Alice’s ticket is refused: Mallory’s passkey is not hers (T-WA-09)', async () => {
    await assertRefused(stage, 'authenticator-unknown', () => submit({ device: stage.mallory.device }))
    await submit({})
  })

  it('under the name of Alice’s passkey is refused (T-WA-09)', async () => {
    const { ticket, allow } = await ticketFor(stage, stage.alice)
    const statement = approveStatementBytes(ticket, await seenItems('contract.pdf'))
    const { assertion } = answerTo(stage, stage.mallory, statement)
    const credentialId = allow[0] ?? new Uint8Array()
    await assertRefused(stage, 'assertion-invalid', () =>
      stage.sam.call('approve', byPasskey({ statement, assertion: { ...assertion, credentialId } })),
    )
    await stage.sam.call('approve', byPasskey(answerTo(stage, stage.alice, statement)))
  })

  it('by an authenticator that nobody enrolled is refused (T-WA-09)', async () => {
    const device = createSoftwareAuthenticator()
    device.register({ rpId: APPROVAL_HOST, origin: 'http://evil.example', challenge: new Uint8Array(32) })
    await assertRefused(stage, 'authenticator-unknown', () => submit({ device }))
    await submit({})
  })
})

describe('an answer that was changed on its way', () => {
  it('is refused, whatever part of it was (T-WA-05)', async () => {
    const items = await seenItems('contract.pdf')
    const { statement, assertion } = await approval(stage, stage.alice, items)
    const other = await approval(stage, stage.alice, await seenItems('other.pdf'))
    const { authenticatorData, signature, clientDataJSON } = assertion
    const attempts = [
      ['challenge-mismatch', { statement: other.statement, assertion }],
      [
        'challenge-mismatch',
        { statement, assertion: { ...assertion, clientDataJSON: other.assertion.clientDataJSON } },
      ],
      ['assertion-invalid', { statement, assertion: { ...assertion, signature: other.assertion.signature } }],
      ['assertion-invalid', { statement, assertion: { ...assertion, signature: signature.slice(0, -1) } }],
      [
        'assertion-invalid',
        { statement, assertion: { ...assertion, authenticatorData: authenticatorData.with(36, 200) } },
      ],
      [
        'assertion-invalid',
        { statement, assertion: { ...assertion, clientDataJSON: withSpace(clientDataJSON) } },
      ],
    ] as const
    for (const [code, attempt] of attempts) {
      await assertRefused(stage, code, () => stage.sam.call('approve', byPasskey(attempt)))
    }
    await stage.sam.call('approve', byPasskey({ statement, assertion }))
  })
})

/** The same JSON value in other bytes. */
function withSpace(clientDataJSON: Uint8Array): Uint8Array {
  return new Uint8Array([...clientDataJSON.subarray(0, -1), 0x20, 0x7d])
}

describe('a page of another origin', () => {
  it('may read nothing that the approval page is told (T-UI-05)', async () => {
    const { server, approval: own } = stage.deployment.urls
    const allowed = async (origin: string) => {
      const answer = await fetch(`${server}/approvals/unknown`, { headers: { origin } })
      return answer.headers.get('access-control-allow-origin')
    }
    for (const origin of [
      'https://evil.example',
      server,
      `${own}.evil.example`,
      'null',
      own.replace('http:', 'https:'),
    ]) {
      assert.notEqual(await allowed(origin), origin)
      assert.notEqual(await allowed(origin), '*')
    }
    assert.equal(await allowed(own), own)
  })
})

describe('a log-in', () => {
  it('is no approval, even when its challenge is the statement’s (T-SAD-24)', async () => {
    const { alice, sam, deployment } = stage
    const { ticket, allow } = await ticketFor(stage, alice)
    const statement = approveStatementBytes(ticket, await seenItems('contract.pdf'))
    // The attacker chooses the challenge of a log-in at his own origin; Alice logs in.
    const logIn = { rpId: 'localhost', origin: deployment.urls.server, challenge: challengeOf(statement) }
    const assertion = alice.device.assert(logIn)
    const credentialId = allow[0] ?? new Uint8Array()
    await assertRefused(stage, 'authenticator-unknown', () =>
      sam.call('approve', byPasskey({ statement, assertion })),
    )
    await assertRefused(stage, 'origin-mismatch', () =>
      sam.call('approve', byPasskey({ statement, assertion: { ...assertion, credentialId } })),
    )
    await sam.call('approve', byPasskey(answerTo(stage, alice, statement)))
  })

  it('is not given by an approval (T-SAD-24)', async () => {
    const { alice, deployment } = stage
    const application = openApplication(deployment)
    const { parameters } = application.begin({ scope: 'service' })
    const { server, approval: origin } = deployment.urls
    const browser = openBrowser()
    const at = await browser.visit(application.authorizeUrl(parameters), [`${server}/login/`])
    const { options } = (await browser.post(`${at}/options`, {})) as { options: { challenge: string } }
    const challenge = new Uint8Array(Buffer.from(options.challenge, 'base64url'))
    const assertion = alice.device.assert({ rpId: APPROVAL_HOST, origin, challenge })
    const body = { assertion: authenticationJson(assertion, alice.device.userHandle(assertion.credentialId)) }
    await assert.rejects(browser.post(at, body), { status: 401, code: 'passkey-invalid' })
    await application.serviceToken(alice)
  })

  it('cannot be asked of the page by a statement of another kind (T-SAD-24)', async () => {
    const { alice, sam, deployment } = stage
    const { ticket } = await ticketFor(stage, alice)
    const items = await seenItems('contract.pdf')
    const good = JSON.parse(new TextDecoder().decode(approveStatementBytes(ticket, items))) as object
    for (const wrong of [
      { ...good, purpose: 'grant' },
      { ...good, v: 2 },
      { ...good, more: 1 },
      [good],
      null,
    ]) {
      const statement = new TextEncoder().encode(JSON.stringify(wrong))
      const answered = answer(statement, { device: alice.device, origin: deployment.urls.approval })
      await assertRefused(stage, 'malformed', () => sam.call('approve', byPasskey(answered)))
    }
    await sam.call('approve', byPasskey(answerTo(stage, alice, approveStatementBytes(ticket, items))))
  })
})
