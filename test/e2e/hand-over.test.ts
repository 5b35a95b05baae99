/**
 * Documents on their way to the approval page: from the application's window, from where its signed request says, and
 * from the signer's disk; a few, a thousand, and none of those that were asked for (sole-control 4, step 3).
 */
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { CscError } from '@natsuin/client'
import { nodePlatform } from '@natsuin/pki/node'
import { classOf, type Deployment, startThrowaway } from '@natsuin/testing/deployment'
import { documentOfSize, documentWith } from '@natsuin/testing/pdf'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import type { Browser, Page } from 'playwright-core'
import { complaints } from './accessibility.ts'
import { launchChromium, see } from './chromium.ts'
import { openPerson, type Person } from './person.ts'
import { type Account, Portal, type PreparedDocument, portalPlan, requestFor, SHA256 } from './portal.ts'
import { openSite, type Site } from './site.ts'

const FOLDER = temporaryFolder()

let site: Site
/** A web site of somebody else. */
let foreign: Site
let deployment: Deployment
let browser: Browser
let portal: Portal
let person: Person
let account: Account
let page: Page

before(async () => {
  site = await openSite()
  foreign = await openSite()
  const { plan, key } = portalPlan(site)
  // Level 2 accepts everything; level 3 nothing that the page has not seen.
  const classes = [
    classOf(2, { maxSignatures: 1000, bases: ['seen', 'vouched', 'unseen'] }),
    classOf(3, { bases: ['seen'] }),
  ]
  deployment = await startThrowaway({ clients: [plan], classes })
  browser = await launchChromium()
  portal = await Portal.open(deployment, site, key)
  person = await openPerson(browser, site)
  page = person.page
  account = await portal.welcome(person, '山田 花子', 'level-2')
})

after(async () => {
  await browser?.close()
  await deployment?.stop()
  await site?.close()
  await foreign?.close()
})

afterEach(() => {
  site.files.clear()
  site.requests.length = 0
  assert.deepEqual(person.errors.splice(0), [], 'no error in any console, no violated policy')
})

const named = (count: number, bytes = 2000) =>
  Array.from({ length: count }, (_, i) => ({
    label: `契約書_${String(i + 1).padStart(4, '0')}.pdf`,
    bytes: documentOfSize(`Contract ${i + 1}`, bytes),
  }))

/** Puts the prepared documents where their addresses say. */
function keep(documents: readonly PreparedDocument[]): string[] {
  return documents.map(({ bytes }, i) => {
    site.files.set(`/files/${i}`, { bytes })
    return `/files/${i}`
  })
}

const addressesOf = (paths: readonly string[]) => paths.map(path => `${site.origin}${path}`)

async function ask(
  documents: readonly PreparedDocument[],
  { locations = [], who = account }: { locations?: readonly string[]; who?: Account } = {},
) {
  const begun = await portal.vouching.beginCredentialAuthorisation(requestFor(who, documents, locations))
  await person.go(begun.url)
  await see(page, '#approve')
  return begun
}

const checked = (count: number) => see(page, `[data-checked="${count}"][data-waiting="0"]`)

async function decline(): Promise<void> {
  await page.click('#decline')
  await person.cameBackTo()
}

async function approve(begun: Awaited<ReturnType<typeof ask>>) {
  await page.click('#approve')
  return await portal.vouching.finishAuthorisation(begun.pending, await person.cameBackTo())
}

describe('a thousand documents of one approval', () => {
  it('are on one page, checked as they are handed over, and approved with one passkey', async () => {
    const documents = await portal.prepare(account, named(1000, 20_000))
    await person.handOverFiles(keep(documents.slice(0, 700)))
    const begun = await ask(documents)
    await checked(700)
    assert.equal(await page.locator('[data-row]').count(), 1000)
    assert.match(await textOf(page), /1,000 件のうち 700 件の内容を確認しました\s*・300 件はアプリが保証/)
    const approved = await approve(begun)
    const signatures = await portal.sign(approved, account, documents)
    assert.equal(new Set(signatures.map(String)).size, 1000)
    for (const [index, basis] of [
      [0, 'seen'],
      [999, 'vouched'],
    ] as const) {
      const facts = await portal.evidenceFacts(account, signatures[index] ?? new Uint8Array())
      assert.deepEqual([facts.approved.basis, facts.approved.label], [basis, documents[index]?.label])
      assert.equal(facts.clientKey, 'portal-1')
    }
    const told = (await person.messages()).filter(({ natsuin }) => natsuin === 'checked')
    assert.equal(told.length, 7)
    assert.ok(told.every(({ matched, refused }) => matched === 100 && refused === 0))
  })

  it('are found by name, filtered by what they rest on, and reached by keyboard', async () => {
    const documents = await portal.prepare(account, named(40))
    await person.handOverFiles(keep(documents.slice(0, 30)))
    await ask(documents)
    await checked(30)
    assert.deepEqual(await complaints(page), [])
    await page.fill('#search', '契約書_00１')
    assert.equal(await page.locator('[data-row]').count(), 10)
    await page.fill('#search', 'nothing of that name')
    await page.waitForSelector('.none')
    await page.fill('#search', '')
    await page.click('.filter >> text=アプリが保証')
    assert.equal(await page.locator('[data-row]').count(), 10)
    await page.click('.filter >> text=すべて')

    assert.equal(await page.locator('[data-row][tabindex="0"]').count(), 1, 'one stop for the tab key')
    await page.focus('[data-row="30"]')
    for (const [key, row] of [
      ['ArrowDown', 31],
      ['ArrowUp', 30],
      ['End', 29],
      ['PageUp', 19],
      ['Home', 30],
    ] as const) {
      await page.keyboard.press(key)
      assert.equal(await focusedRow(), String(row), key)
    }
    await decline()
  })

  it('are opened one by one, shown, and left by keyboard to where the reader was', async () => {
    const documents = await portal.prepare(account, named(5))
    await person.handOverFiles(keep(documents.slice(0, 4)))
    await ask(documents)
    await checked(4)
    await page.focus('[data-row="1"]')
    await page.keyboard.press('Enter')
    const frame = page.frameLocator('.reader iframe')
    await frame.locator('.textLayer span', { hasText: 'Contract 2' }).waitFor()
    assert.deepEqual(await complaints(page), [])
    await page.click('.reader >> text=次の文書')
    await frame.locator('.textLayer span', { hasText: 'Contract 3' }).waitFor()
    await page.keyboard.press('Escape')
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-row') === '2')
    await page.click('[data-row="4"]')
    await page.waitForSelector('.reader .blank')
    assert.match((await page.textContent('.reader')) ?? '', /このページは中身を見ていません/)
    assert.deepEqual(await complaints(page), [])
    await page.keyboard.press('Escape')
    await decline()
  })

  const focusedRow = () => page.evaluate(() => document.activeElement?.getAttribute('data-row'))
})

describe('a folder of the signer', () => {
  it('is looked through, however deep, and what belongs to nothing is said to', async () => {
    const documents = await portal.prepare(account, named(6))
    const folder = join(FOLDER, 'folder')
    mkdirSync(join(folder, 'deep', 'deeper'), { recursive: true })
    for (const [i, { bytes }] of documents.entries()) {
      const place = i % 2 === 0 ? folder : join(folder, 'deep', 'deeper')
      writeFileSync(join(place, `${i}.pdf`), bytes)
    }
    for (const i of [1, 2]) writeFileSync(join(folder, `notes-${i}.txt`), 'not asked for')
    await person.handOver()
    await ask(documents)
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.click('.folder')])
    await chooser.setFiles(folder)
    await checked(6)
    await page.waitForSelector('[data-problem=document-unknown]')
    assert.match(await textOf(page), /署名を求められていないファイルが 2 件ありました/)
    await decline()
  })
})

describe('documents at addresses that the application signed (documentLocations)', () => {
  it('are fetched by the browser, without anything of the signer’s, and seen', async () => {
    const documents = await portal.prepare(account, named(12, 300_000))
    const locations = addressesOf(keep(documents).toReversed())
    await person.handOver()
    const begun = await ask(documents, { locations })
    await checked(12)
    assert.equal(site.requests.length, 12)
    for (const { headers } of site.requests) {
      assert.equal(headers.origin, 'null')
      for (const name of ['cookie', 'referer', 'authorization']) assert.equal(headers[name], undefined, name)
    }
    const approved = await approve(begun)
    const [signature] = await portal.sign(approved, account, documents.slice(0, 1))
    const facts = await portal.evidenceFacts(account, signature ?? new Uint8Array())
    assert.equal(facts.approved.basis, 'seen')
  })

  it('are not seen when another file is there, and a key that needs that signs nothing', async () => {
    const strict = await openPerson(browser, site)
    const careful = await portal.welcome(strict, '佐藤 明', 'level-3')
    const [document, other] = await portal.prepare(careful, named(2))
    assert.ok(document && other)
    const [location = ''] = addressesOf(keep([other]))
    await strict.handOver()
    const begun = await portal.vouching.beginCredentialAuthorisation(
      requestFor(careful, [document], [location]),
    )
    await strict.go(begun.url)
    await strict.page.waitForSelector('[data-problem=document-unknown]')
    assert.equal(await strict.page.locator('[data-basis=seen]').count(), 0)
    assert.ok(await strict.page.isDisabled('#approve'))
    site.files.set('/files/0', { bytes: document.bytes })
    await strict.go('about:blank')
    await strict.go(
      (await portal.vouching.beginCredentialAuthorisation(requestFor(careful, [document], [location]))).url,
    )
    await strict.page.waitForSelector('[data-basis=seen]')
    assert.ok(await strict.page.isEnabled('#approve'))
    assert.deepEqual(strict.errors, [])
    await strict.leave()
  })

  it('are given up where nobody may read them, a redirect leads on, or nothing is; and asked for again', async () => {
    const documents = await portal.prepare(account, named(4))
    const paths = keep(documents)
    const [first, second, third, fourth] = documents
    assert.ok(first && second && third && fourth)
    site.files.set('/files/0', { bytes: first.bytes, headers: {} })
    site.files.set('/files/1', {
      bytes: new Uint8Array(),
      status: 302,
      headers: { location: '/files/3', 'access-control-allow-origin': '*' },
    })
    site.files.delete('/files/2')
    await person.handOver()
    await ask(documents, { locations: addressesOf(paths) })
    await see(page, '[data-fetched="1"][data-failed="3"]')
    await checked(1)
    // The browser says what it did not load; that is not an error of the page.
    assert.equal(person.errors.splice(0).length >= 3, true)
    keep(documents)
    await page.click('.fetching button')
    await checked(4)
    await decline()
  })

  it('are refused in a request that nobody signed', async () => {
    const documents = await portal.prepare(account, named(1))
    const request = requestFor(account, documents, addressesOf(keep(documents)))
    await assert.rejects(
      portal.client.beginCredentialAuthorisation(request),
      (error: unknown) => error instanceof CscError && error.code === 'invalid_authorization_details',
    )
  })

  it('are refused where an address is not one of TLS, nor of this machine', async () => {
    const documents = await portal.prepare(account, named(1))
    for (const uri of [
      'http://files.example/1',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'https://u:p@files.example/',
    ]) {
      await assert.rejects(
        portal.vouching.beginCredentialAuthorisation(requestFor(account, documents, [uri])),
        (error: unknown) => error instanceof CscError && error.code === 'invalid_request_object',
        uri,
      )
    }
  })
})

describe('a hostile application', () => {
  it('gets no other file taken for the one whose name it uses (T-SAD-23)', async () => {
    const [document, other] = await portal.prepare(account, named(2))
    assert.ok(document && other)
    await person.handOver(other.bytes)
    await ask([document])
    await page.waitForSelector('[data-problem=document-unknown]')
    assert.equal(await page.locator('[data-basis=seen]').count(), 0)
    await decline()
    await person.handOver(document.bytes)
    await ask([document])
    await page.waitForSelector('[data-basis=seen]')
    await decline()
  })

  it('hands nothing over from an origin that the roster does not name for the client (T-UI-03)', async () => {
    const [document] = await portal.prepare(account, named(1))
    assert.ok(document)
    const stranger = await openPerson(browser, foreign)
    await stranger.handOver(document.bytes)
    const begun = await portal.vouching.beginCredentialAuthorisation(requestFor(account, [document]))
    await stranger.go(begun.url)
    await stranger.page.waitForSelector('[data-basis=vouched]')
    // It was greeted like anybody, has sent the right document, and gets no answer.
    await stranger.page.waitForTimeout(500)
    assert.deepEqual(
      (await stranger.messages()).map(({ natsuin }) => natsuin),
      ['ready'],
    )
    assert.equal(await stranger.page.locator('[data-basis=seen]').count(), 0)
    assert.deepEqual(stranger.errors, [])
    await stranger.leave()
  })

  it('runs nothing by what it calls a document, or by what is in it (T-UI-01)', async () => {
    const labels = [
      '<script>window.hacked=1</script>.pdf',
      '<img src=x onerror="window.hacked=1">',
      '"><svg onload=window.hacked=1>',
      'javascript:window.hacked=1//',
      '{{constructor.constructor("window.hacked=1")()}}',
    ]
    const script = '/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>'
    const documents = await portal.prepare(
      account,
      labels.map((label, i) => ({ label, bytes: documentWith({ catalog: `${script} /Lang (x${i})` }) })),
    )
    await person.handOverFiles(keep(documents))
    await ask(documents)
    await checked(5)
    for (const label of labels) assert.ok((await textOf(page)).includes(label), label)
    await page.click('[data-row="1"]')
    await page.frameLocator('.reader iframe').locator('.textLayer span').first().waitFor()
    assert.equal(await page.evaluate(() => Reflect.get(window, 'hacked')), undefined)
    assert.match((await page.textContent('.reader')) ?? '', /プログラム（JavaScript）が含まれます/)
    await page.keyboard.press('Escape')
    await decline()
  })

  it('exchanges no file between what was checked and what is shown (T-UI-02)', async () => {
    const documents = await portal.prepare(account, named(4))
    const files = documents.map(({ bytes }, i) => {
      const file = join(FOLDER, `swapped-${i}.pdf`)
      writeFileSync(file, bytes)
      return file
    })
    await person.handOver()
    await ask(documents)
    await page.setInputFiles('input[type=file] >> nth=0', files)
    await checked(4)
    writeFileSync(files[2] ?? '', documentOfSize('Something else', 2000))
    await page.click('[data-row="2"]')
    await page.waitForSelector('.reader .blank')
    await page.keyboard.press('Escape')
    await checked(3)
    await page.waitForSelector('[data-problem=document-unreadable], [data-problem=document-changed]')
    await decline()
  })
})

describe('a document that is asked for by its digest', () => {
  const original = documentOfSize('An agreement', 2000)

  /** Asks for this digest, and hands this file over. */
  async function askFor(
    hashType: 'sdr' | 'sodr',
    digest: Uint8Array,
    file: Uint8Array,
    who = account,
    by = person,
  ) {
    await by.handOver(file)
    const begun = await portal.client.beginCredentialAuthorisation({
      credentialID: who.credentialID,
      documentDigests: [{ hash: digest, label: 'agreement.pdf', hashType }],
      hashAlgorithmOID: SHA256,
    })
    await by.go(begun.url)
    await see(by.page, '#approve')
  }

  const digestOf = (bytes: Uint8Array) => nodePlatform.digest('sha256', bytes)

  async function said(hashType: string): Promise<readonly (string | null)[]> {
    await page.waitForSelector(`[data-basis=seen] [data-approves=${hashType}]`)
    const sentence = () => page.locator('[data-approves]').textContent()
    const japanese = await sentence()
    await page.click('button[lang=en]')
    await page.waitForSelector('html[lang=en]')
    const english = await sentence()
    await page.click('button[lang=ja]')
    return [japanese, english]
  }

  it('is shown, and said to be what is approved, in the form that is signed', async () => {
    const [document] = await portal.prepare(account, [{ label: 'agreement.pdf', bytes: original }])
    assert.ok(document)
    await askFor('sdr', document.prepared.documentDigest, document.bytes)
    const [japanese, english] = await said('sdr')
    assert.match(japanese ?? '', /署名の対象になるこの文書のハッシュ値/)
    assert.match(english ?? '', /the digest of this document in the form that is signed/)
    await page.frameLocator('iframe').locator('.textLayer span', { hasText: 'An agreement' }).waitFor()
    assert.deepEqual(await complaints(page), [])
    await decline()
  })

  it('is shown, and said to be what is approved, as a whole file; which its prepared form is not (T-UI-02)', async () => {
    const [document] = await portal.prepare(account, [{ label: 'agreement.pdf', bytes: original }])
    assert.ok(document)
    await askFor('sodr', await digestOf(original), original)
    const [japanese, english] = await said('sodr')
    assert.match(japanese ?? '', /ファイル全体/)
    assert.match(english ?? '', /as a whole file. The service prepares it for signing afterwards/)
    await decline()
    await askFor('sodr', document.prepared.documentDigest, document.bytes)
    await page.waitForSelector('[data-problem=document-unknown]')
    assert.equal(await page.locator('[data-basis=seen]').count(), 0)
    await decline()
  })

  it('is not approved as a whole file with a key of level 3, which is said', async () => {
    const strict = await openPerson(browser, site)
    const careful = await portal.welcome(strict, '鈴木 一', 'level-3')
    const digest = await digestOf(original)
    await askFor('sodr', digest, original, careful, strict)
    await strict.page.waitForSelector('[data-basis=seen]')
    assert.match(await textOf(strict.page), /この鍵では、この形の依頼に署名できません/)
    assert.ok(await strict.page.isDisabled('#approve'))
    await strict.go('about:blank')
    await askFor('sdr', digest, original, careful, strict)
    await strict.page.waitForSelector('[data-basis=seen]')
    assert.ok(await strict.page.isEnabled('#approve'))
    assert.deepEqual(strict.errors, [])
    await strict.leave()
  })
})

describe('documents that the page cannot show as they are', () => {
  it('are said to be, and approved when the signer says that she has read them elsewhere', async () => {
    const documents = await portal.prepare(account, [
      { label: 'scripted.pdf', bytes: documentWith({ catalog: '/AA << >>' }) },
      { label: 'broken.pdf', bytes: documentWith({ annotation: '/Subtype /RichMedia' }) },
    ])
    await person.handOverFiles(keep(documents))
    const begun = await ask(documents)
    await page.waitForSelector('[data-notice=risky]')
    assert.equal(await page.locator('[data-group=risky]').count(), 2)
    assert.deepEqual(await complaints(page), [])
    await approve(begun)
  })
})

async function textOf(of: Page): Promise<string> {
  return (await of.textContent('main')) ?? ''
}
