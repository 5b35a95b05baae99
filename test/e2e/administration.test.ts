/**
 * People of the roster with their browsers: one registers, is admitted by those who are there, and then approves in
 * turn; what they are shown is what takes effect (sole-control 8; threats T-ADM-02, T-ADM-05, T-ADM-06).
 */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import {
  type Change,
  carriedApproval,
  carriedRegistration,
  readCarried,
  writeCarried,
} from '@natsuin/protocol/administration'
import { grantStatement } from '@natsuin/protocol/approval'
import type { Role } from '@natsuin/protocol/genesis'
import { readStrictJson } from '@natsuin/protocol/shape'
import {
  type AdministrativeChannel,
  amend,
  approvalBy,
  type Deployment,
  openAdministration,
  startThrowaway,
  vouch,
} from '@natsuin/testing/deployment'
import type { Browser, Page } from 'playwright-core'
import { complaints } from './accessibility.ts'
import { addAuthenticator, launchChromium, openContext, type WatchedContext } from './chromium.ts'

/** What somebody would write who wants his words to do something in another person's browser. */
const PAYLOAD = `"'><img src=x onerror=globalThis.hit=1><script>globalThis.hit=1</script>\${globalThis.hit=1}{{hit=1}}`

/** A name in a certificate has 64 characters. */
const SHORT_PAYLOAD = `"'><img src=x onerror=globalThis.hit=1>`

let deployment: Deployment
let channel: AdministrativeChannel
let browser: Browser
let page: Page
let watched: WatchedContext

before(async () => {
  deployment = await startThrowaway()
  channel = openAdministration(deployment)
  browser = await launchChromium()
  watched = await openContext(browser)
  page = await watched.context.newPage()
  await addAuthenticator(page)
})

after(async () => {
  await browser?.close()
  channel?.close()
  await deployment?.stop()
})

const clear = () => watched.errors.splice(0)

const textOf = async () => (await page.textContent('body')) ?? ''

async function open(fragment: string): Promise<void> {
  // Another address first: one that differs in its fragment alone would not be opened anew.
  await page.goto('about:blank')
  await page.goto(`${deployment.urls.approval}/#${fragment}`)
}

async function isInert(): Promise<void> {
  assert.equal(await page.evaluate('globalThis.hit'), undefined, 'words of somebody ran as a script')
  assert.equal(await page.locator('main img, main script').count(), 0, 'words of somebody became elements')
}

const named = (changes: readonly Change[]) => ({ kind: 'amend', changes }) as const

describe('people of the roster in their browsers', () => {
  afterEach(() => assert.deepEqual(clear(), [], 'no error in any console, no violated policy'))

  it('registers a passkey for whoever is to be in the roster, under a fingerprint', async () => {
    await register('fourth', ['security-officer'])
    const { roster } = await channel.call('roster/read', {})
    assert.ok(roster.people.some(({ id }) => id === 'fourth'))
  })

  it('T-ADM-05 T-ADM-06: shows what changes, from what to what, whatever it is called, and takes the passkey for that', async () => {
    const client = { id: 'new-client', name: PAYLOAD }
    const changes: readonly Change[] = [
      { kind: 'client-set', client },
      { kind: 'limits-set', limits: { grantHours: 7, requestHours: 9 } },
    ]
    const { requestId } = await proposeFor(PAYLOAD, changes)
    await open(`administer=${requestId}&as=fourth`)
    await page.waitForSelector('#approve')
    assert.equal(page.url(), `${deployment.urls.approval}/`, 'the request is in no address')
    await isInert()
    assert.equal(await page.textContent('#reason'), PAYLOAD)
    const limits = (await page.textContent('[data-change=limits-set]')) ?? ''
    assert.match(limits, /変更前.*変更後 7/)
    assert.ok(((await page.textContent('[data-change=client-set]')) ?? '').includes(PAYLOAD))
    assert.deepEqual(await complaints(page), [])
    await page.click('button[lang=en]')
    assert.match(await textOf(), /Do you approve this change/)
    await page.click('#approve')
    await page.waitForSelector('#approved')
    assert.match(await textOf(), /1 of 2 people/)
    await approveAs('security-officer-1', requestId)
    const { roster } = await channel.call('roster/read', {})
    assert.deepEqual(roster.limits, { grantHours: 7, requestHours: 9 })
    assert.ok(roster.clients.some(({ name }) => name === PAYLOAD))
  })

  it('T-ADM-02: says that he has approved already, and that nobody approves what is about himself', async () => {
    const { requestId } = await proposeFor('twice', [{ kind: 'quorum-set', quorum: 3 }])
    await open(`administer=${requestId}&as=fourth`)
    await page.click('#approve')
    await page.waitForSelector('#approved')
    await open(`administer=${requestId}&as=fourth`)
    await page.waitForSelector('[data-problem=administration-approved-already]')
    const about = await proposeFor('oneself', [{ kind: 'person-remove', personId: 'fourth' }])
    await open(`administer=${about.requestId}&as=fourth`)
    await page.waitForSelector('[data-problem=administration-about-oneself]')
    // The browser itself reports that the page was answered with a refusal.
    clear()
  })

  it('approves what was carried by hand, with no server to ask', async () => {
    const { requestId } = await proposeFor('by hand', [
      { kind: 'limits-set', limits: { grantHours: 8, requestHours: 8 } },
    ])
    const carried = await channel.call('tickets/administer', { requestId, personId: 'fourth' })
    await open(`carried=${writeCarried(carried)}`)
    await page.click('#approve')
    await page.waitForSelector('#code')
    const approval = readCarried(await page.inputValue('#code'), carriedApproval)
    const { approvals } = await channel.call('administer', approval)
    assert.equal(approvals, 1)
  })

  it('T-ADM-05: does not ask for the passkey when the request is another than the ticket names', async () => {
    const { requestId } = await proposeFor('honest', [
      { kind: 'limits-set', limits: { grantHours: 8, requestHours: 8 } },
    ])
    const carried = await channel.call('tickets/administer', { requestId, personId: 'fourth' })
    const request = { ...carried.request, reason: 'changed on the way' }
    await open(`carried=${writeCarried({ ...carried, request })}`)
    await page.waitForSelector('[data-problem=request-inconsistent]')
    assert.equal(await page.locator('#approve').count(), 0)
  })

  it('T-ADM-06: a registration officer invites somebody, whatever is written into the fields', async () => {
    await register('desk-officer', ['registration-officer'])
    const url = await vouchFor('level-1')
    const [, fragment = ''] = url.split('#')
    await open(fragment)
    await page.waitForSelector('#enrol')
    assert.ok((await textOf()).includes(SHORT_PAYLOAD))
    await isInert()
  })

  it('has two registration officers vouch where the class demands it, each for what he reads', async () => {
    await vouchFor('level-3', async () => {
      const first = await page.inputValue('#link')
      const { context } = watched
      const other = await context.newPage()
      await addAuthenticator(other)
      await other.goto('about:blank')
      await other.goto(first)
      await other.waitForSelector('#vouch')
      assert.match((await other.textContent('body')) ?? '', /desk-officer/)
      await other.fill('#officer', 'desk-officer')
      assert.ok(await other.locator('#vouch').isDisabled(), 'nobody counts twice')
      await other.close()
      const { grant } = readStrictJson(readCarried(codeIn(first), carriedApproval).statement, grantStatement)
      await page.fill('#second', 'AAAA')
      await page.click('#finish')
      await page.waitForSelector('[aria-invalid=true]')
      await page.fill('#second', writeCarried(await vouch(deployment, 'officer-1', grant)))
      await page.click('#finish')
    })
  })

  it('stops when the link is none of its own', async () => {
    await open('register=AAAA')
    await page.waitForSelector('[data-problem=errand-malformed]')
    const invited = { deployment: 'another one', personId: 'fourth', name: 'Fourth' }
    await open(`register=${writeCarried(invited)}`)
    await page.waitForSelector('[data-problem=ticket-other-deployment]')
  })
})

/** Makes a passkey in this browser, and has those who are there admit whose it is. */
async function register(id: string, roles: readonly Role[]): Promise<void> {
  const name = `${PAYLOAD} ${id}`
  await open(`register=${writeCarried({ deployment: deployment.plan.name, personId: id, name })}`)
  await page.waitForSelector('#register')
  assert.ok((await textOf()).includes(name), 'T-ADM-06: shown as it was written')
  await isInert()
  assert.deepEqual(await complaints(page), [])
  await page.click('#register')
  await page.waitForSelector('#fingerprint')
  const { personId, registration } = readCarried(await page.inputValue('#code'), carriedRegistration)
  assert.equal(personId, id)
  await amend(deployment, [
    { kind: 'person-add', person: { id, name, roles, registrations: [registration] } },
  ])
}

/** What the officer who registered here does at his desk; the invitation's address. */
async function vouchFor(classId: string, second?: () => Promise<void>): Promise<string> {
  await open('officer=desk-officer')
  await page.waitForSelector('#commonName')
  await isInert()
  assert.deepEqual(await complaints(page), [])
  await page.click('#review')
  await page.waitForSelector('[role=alert]')
  await page.fill('#commonName', SHORT_PAYLOAD)
  await page.fill('#countryName', 'JP')
  await page.selectOption('#classId', classId)
  const buffer = Buffer.from('papers')
  await page.setInputFiles('#evidenceDigest', { name: 'papers.pdf', mimeType: 'application/pdf', buffer })
  await page.click('#review')
  await page.waitForSelector('#vouch')
  assert.ok((await textOf()).includes(SHORT_PAYLOAD))
  await isInert()
  assert.deepEqual(await complaints(page), [])
  await page.click('#vouch')
  if (second !== undefined) {
    await page.waitForSelector('#finish')
    await second()
  }
  await page.waitForSelector('text=招待ができました')
  const link = await page.inputValue('#link')
  assert.match(link, /#enrol=[\w-]+&key=[\w-]+$/)
  return link
}

const codeIn = (link: string): string => link.split('=').at(-1) ?? ''

async function proposeFor(reason: string, changes: readonly Change[]) {
  const { proposal, problems } = await channel.call('propose', { act: named(changes), reason, minutes: 60 })
  assert.ok(proposal !== undefined, problems.join('\n'))
  return proposal
}

async function approveAs(personId: string, requestId: string): Promise<void> {
  await channel.call('administer', await approvalBy(deployment, channel, requestId, personId))
}
