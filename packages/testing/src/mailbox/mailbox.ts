/** A mail server on the loopback address that takes everything and keeps it: RFC 5321 by smtp-server. */
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'

export interface Mail {
  /** Envelope. */
  readonly from: string
  readonly to: readonly string[]
  /** Headers and body as they came. */
  readonly raw: string
  /** The body in clear, whatever it was encoded in. */
  readonly body: string
}

export interface Mailbox {
  readonly port: number
  readonly mails: readonly Mail[]
  /** The newest to this address. */
  newestTo(address: string): Mail | undefined
  /** From now on it answers what it gets with this; undefined: it takes it. */
  refuseWith(answer: string | undefined): void
  close(): Promise<void>
}

interface Access {
  readonly user: string
  readonly password: string
}

/** @param access who may send; without it, everybody */
export async function openMailbox(access?: Access): Promise<Mailbox> {
  const mails: Mail[] = []
  let refusal: string | undefined
  const server = new SMTPServer({
    hideSTARTTLS: true,
    allowInsecureAuth: true,
    authOptional: access === undefined,
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      username === access?.user && password === access?.password
        ? done(null, { user: username })
        : done(new Error('not known')),
    onData(stream, { envelope: { mailFrom, rcptTo } }, done) {
      void text(stream).then(raw => {
        if (refusal !== undefined) return done(Object.assign(new Error(refusal), { responseCode: 554 }))
        const from = mailFrom === false ? '' : mailFrom.address
        mails.push({ from, to: rcptTo.map(({ address }) => address), raw, body: bodyOf(raw) })
        return done()
      })
    },
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  const listening = server.listen(0, '127.0.0.1', resolve)
  await promise
  const address = listening.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    mails,
    newestTo: wanted => mails.findLast(({ to }) => to.includes(wanted)),
    refuseWith: answer => {
      refusal = answer
    },
    close: () => new Promise(closed => server.close(() => closed())),
  }
}

/** One part of text (RFC 2045, 6.7 and 6.8). */
function bodyOf(raw: string): string {
  const [head = '', ...parts] = raw.split('\r\n\r\n')
  const body = parts.join('\r\n\r\n')
  const [, encoding = '7bit'] = /^content-transfer-encoding: *(\S+)/im.exec(head) ?? []
  if (encoding.toLowerCase() === 'base64') return Buffer.from(body, 'base64').toString('utf8')
  return encoding.toLowerCase() === 'quoted-printable' ? unquoted(body) : body
}

const unquoted = (body: string): string =>
  Buffer.from(
    body
      .replaceAll('=\r\n', '')
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8')
