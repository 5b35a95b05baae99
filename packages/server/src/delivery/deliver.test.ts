import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Mailbox, openMailbox } from '@natsuin/testing/mailbox'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { codeDelivery } from './deliver.ts'
import { deliverySetting, problemsOfDelivery } from './setting.ts'

const MESSAGE = {
  address: 'alice@example.org',
  code: '830512',
  client: 'Portal',
  credential: 'Alice · P-256',
  minutes: 5,
}
const access = { user: 'signing', password: 'smtp password' }

describe('codes by mail', () => {
  let mailbox: Mailbox
  before(async () => {
    mailbox = await openMailbox(access)
  })
  after(() => mailbox.close())

  const by = (password: string) =>
    codeDelivery(
      {
        mail: {
          host: '127.0.0.1',
          port: mailbox.port,
          security: 'clear',
          from: 'signing@example.org',
          user: access.user,
          password,
        },
      },
      '電子署名サービス',
    ) ?? assert.fail()

  it('go to the one address, and say in both languages what for, who asked, and for how long', async () => {
    await by(access.password)(MESSAGE)
    const { from, to, raw, body } = mailbox.newestTo(MESSAGE.address) ?? assert.fail()
    assert.equal(from, 'signing@example.org')
    assert.deepEqual(to, [MESSAGE.address])
    for (const said of ['830512', '「Portal」', '“Portal”', 'Alice · P-256', '5分以内', 'within 5 minutes']) {
      assert.ok(body.includes(said), said)
    }
    // Subjects are shown on locked screens.
    const [head = ''] = raw.split('\r\n\r\n')
    assert.ok(!head.includes('830512'))
  })

  it('T-OTP-08: are not sent without the password that the mail server wants, nor when it takes none', async () => {
    await assert.rejects(by('another')(MESSAGE))
    mailbox.refuseWith('no such mailbox')
    await assert.rejects(by(access.password)(MESSAGE))
    mailbox.refuseWith(undefined)
    await by(access.password)(MESSAGE)
    assert.equal(mailbox.mails.length, 2)
  })

  it('need TLS where TLS was said, and do not go out when there is none', async () => {
    const server = { host: '127.0.0.1', port: mailbox.port, from: 'signing@example.org' } as const
    for (const security of ['tls', 'starttls'] as const) {
      const deliver =
        codeDelivery({ mail: { ...server, security, password: undefined } }, 'Service') ?? assert.fail()
      await assert.rejects(deliver(MESSAGE))
    }
    assert.equal(mailbox.mails.length, 2)
  })
})

describe('codes by a program', () => {
  const folder = temporaryFolder()

  const by = (script: string, ...more: string[]) => {
    const file = join(folder, 'carry.mjs')
    writeFileSync(file, script)
    return codeDelivery({ command: { file: process.execPath, arguments: [file, ...more] } }, 'Service')
  }

  it('reach it on its standard input', async () => {
    const out = join(folder, 'message.json')
    const script = `import { readFileSync, writeFileSync } from 'node:fs'
writeFileSync(process.argv[2], readFileSync(0))`
    await by(script, out)?.(MESSAGE)
    assert.deepEqual(JSON.parse(readFileSync(out, 'utf8')), MESSAGE)
  })

  it('are not sent when it fails, or is not there', async () => {
    await assert.rejects(by('process.exit(3)')?.(MESSAGE) ?? Promise.resolve(), /ended with 3/)
    const missing = codeDelivery({ command: { file: join(folder, 'nothing') } }, 'Service')
    await assert.rejects(missing?.(MESSAGE) ?? Promise.resolve())
  })
})

describe('the setting codeDelivery', () => {
  const mail = { host: 'smtp.example.org', port: 25, from: 'a@example.org' } as const
  const problems = (members: object) => [
    ...problemsOfDelivery(deliverySetting({ mail: { ...mail, ...members } })),
  ]

  it('refuses mail in clear over the network, and half of an account', () => {
    assert.deepEqual(problems({ security: 'clear' }), ['codeDelivery: in clear on this machine alone'])
    assert.deepEqual(problems({ security: 'tls', user: 'signing' }), [
      'codeDelivery: user and passwordFile, or neither',
    ])
    assert.deepEqual(problems({ host: 'localhost', security: 'clear' }), [])
    assert.deepEqual(problems({ security: 'starttls' }), [])
  })

  it('by nobody carries nothing', () => {
    assert.equal(codeDelivery({ by: 'nobody' }, 'Service'), undefined)
  })
})
