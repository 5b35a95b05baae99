/**
 * Codes by mail: RFC 5321 through nodemailer, which enters here and nowhere else.
 *
 * The text says what the code is for and who asked, in both languages, and nothing that a mail program could follow. What
 * the message is made of holds no line breaks (`protocol/approval`), so nobody can add headers or recipients to it.
 */
import { createTransport } from 'nodemailer'
import type { CodeMessage, DeliverCode } from './message.ts'
import type { MailServer } from './setting.ts'

/** A mail server that does not answer is one that does not take it. */
const PATIENCE_MS = 10_000

/** @param name of the service */
export function sendMail(server: MailServer, name: string): DeliverCode {
  const { host, port, security, from, user, password } = server
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'clear',
    ...(user !== undefined && password !== undefined && { auth: { user, pass: password } }),
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
    // A message is the text below: nothing in it is fetched from anywhere.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return async message => {
    const to = { name: '', address: message.address }
    const subject = `${name}: 署名のためのコード / Code for your signature`
    await transport.sendMail({ from: { name, address: from }, to, subject, text: textOf(message) })
  }
}

function textOf({ code, client, credential, minutes }: CodeMessage): string {
  return `${code}

「${client}」が、あなたの署名鍵「${credential}」による署名を求めています。承認するには、このアプリに上のコードを
${minutes}分以内に入力してください。心当たりがなければ、誰にも教えず、サービスの運営者に知らせてください。

“${client}” asks for a signature with your key “${credential}”. To approve it, type the code above into that
application within ${minutes} minutes. If you did not ask for this, tell the code to nobody, and tell the operator
of the service.
`
}
