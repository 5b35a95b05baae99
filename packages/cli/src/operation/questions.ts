/**
 * What `natsuin init` has to know: one table of questions, in the order in which they are asked.
 *
 * An answer comes from a flag, from the file of `--answers`, from the keyboard, or, with `--yes`, from the default.
 * A question that the answers before it make idle is not asked, and an answer to it is refused.
 */
import { isIP } from 'node:net'
import { isLocalName } from '@natsuin/protocol/node'

export type Answers = Readonly<Record<string, string>>

export interface Question {
  /** The flag without its dashes, and the member of the file. */
  readonly name: string
  readonly text: string
  /** `undefined`: idle after these answers. */
  readonly byDefault: (answers: Answers) => string | undefined
  /** What is wrong with an answer. */
  readonly wrong: (answer: string, answers: Answers) => string | undefined
}

const always = (value: string) => () => value
const when = (name: string, value: string, byDefault: string) => (answers: Answers) =>
  answers[name] === value ? byDefault : undefined

const oneOf =
  (...words: readonly string[]) =>
  (answer: string) =>
    words.includes(answer) ? undefined : `one of ${words.join(', ')}`

const filled = (answer: string) => (answer.trim() === '' ? 'something' : undefined)
const path = (answer: string) => (/^\/[^\0]*$/.test(answer) ? undefined : 'an absolute path')
const addresses = (answer: string) =>
  answer.split(',').every(one => isIP(one.trim()) !== 0) ? undefined : 'IP addresses, separated by commas'
const host = (answer: string) =>
  /^[A-Za-z0-9.:-]{1,253}$/.test(answer) ? undefined : 'a host name or an address'
const port = (answer: string) =>
  /^[1-9]\d{0,4}$/.test(answer) && Number(answer) < 65_536 ? undefined : 'a TCP port'
const label = (answer: string) =>
  /^[\x20-\x7e]{1,32}$/.test(answer) ? undefined : 'up to 32 letters, digits or signs'

function origin(answer: string): string | undefined {
  const url = URL.canParse(answer) ? new URL(answer) : undefined
  if (url === undefined || url.origin !== answer)
    return 'scheme, host and port alone, e.g. https://sign.example.org'
  return url.protocol === 'https:' || isLocalName(url.hostname) ? undefined : 'https, except on localhost'
}

const isLocal = ({ 'server-url': url }: Answers) => url !== undefined && isLocalName(new URL(url).hostname)

export const QUESTIONS: readonly Question[] = [
  {
    name: 'name',
    text: 'Name of the service, as people read it',
    byDefault: always('Natsuin'),
    wrong: filled,
  },
  {
    name: 'organization',
    text: 'Organization in the certificates of the authorities',
    byDefault: ({ name = 'Natsuin' }) => name,
    wrong: filled,
  },
  {
    name: 'country',
    text: 'Its country (ISO 3166-1, two letters)',
    byDefault: always('JP'),
    wrong: answer => (/^[A-Z]{2}$/.test(answer) ? undefined : 'two capital letters'),
  },
  {
    name: 'max-level',
    text: 'Highest level of credentials (1: software module or demonstration; 2; 3: sole control)',
    byDefault: always('1'),
    wrong: oneOf('1', '2', '3'),
  },
  {
    name: 'server-url',
    text: 'Public address of the server: CSC API, log-in',
    byDefault: always('http://localhost:8080'),
    wrong: origin,
  },
  {
    name: 'approval-url',
    text: 'Public address of the approval page, on a host name of its own: it can never change',
    byDefault: answers => (isLocal(answers) ? 'http://approve.localhost:8081' : approvalBeside(answers)),
    wrong: (answer, { 'server-url': server = '' }) =>
      origin(answer) ?? (hostOf(answer) === hostOf(server) ? "another host than the server's" : undefined),
  },
  {
    name: 'authorities-url',
    text: 'Public address of the authorities, which every certificate will say: CRL, OCSP, time-stamps',
    byDefault: answers => (isLocal(answers) ? 'http://localhost:8082' : pkiBeside(answers)),
    wrong: answer => (/^https?:\/\/[^/?#\s]+$/.test(answer) ? undefined : 'scheme, host and port alone'),
  },
  {
    name: 'tls',
    text: 'Where TLS ends: "files" here, by certificate files; "proxy" in front of it; "none" on localhost',
    byDefault: answers => (isLocal(answers) ? 'none' : 'proxy'),
    wrong: (answer, answers) => (isLocal(answers) ? oneOf('none') : oneOf('files', 'proxy'))(answer),
  },
  {
    name: 'proxies',
    text: 'Exact addresses of the proxies, separated by commas',
    byDefault: when('tls', 'proxy', '127.0.0.1'),
    wrong: addresses,
  },
  {
    name: 'database',
    text: 'Database: "sqlite" embedded, or "postgres"',
    byDefault: always('sqlite'),
    wrong: oneOf('sqlite', 'postgres'),
  },
  {
    name: 'module',
    text: 'Crypto module: "software" (level 1), or "pkcs11"',
    byDefault: always('software'),
    wrong: (answer, { 'max-level': level }) =>
      oneOf('software', 'pkcs11')(answer) ??
      (answer === 'software' && level !== '1' ? 'pkcs11 above level 1' : undefined),
  },
  {
    name: 'module-path',
    text: 'Path of the PKCS #11 library',
    byDefault: when('module', 'pkcs11', '/usr/lib/softhsm/libsofthsm2.so'),
    wrong: path,
  },
  {
    name: 'sam-token',
    text: "Label of the SAM's token",
    byDefault: when('module', 'pkcs11', 'natsuin-sam'),
    wrong: label,
  },
  {
    name: 'authorities-token',
    text: 'Label of the token of the authorities, another one',
    byDefault: when('module', 'pkcs11', 'natsuin-authorities'),
    wrong: (answer, { 'sam-token': sam }) => label(answer) ?? (answer === sam ? 'another token' : undefined),
  },
  {
    name: 'hosts',
    text: 'Do SAM, authorities and server run on "one" machine or on "several"?',
    byDefault: always('one'),
    wrong: oneOf('one', 'several'),
  },
  {
    name: 'sam-host',
    text: "Name or address of the SAM's machine",
    byDefault: when('hosts', 'several', 'sam.internal'),
    wrong: host,
  },
  {
    name: 'sam-port',
    text: 'Port of the SAM, for the server alone',
    byDefault: when('hosts', 'several', '7001'),
    wrong: port,
  },
  {
    name: 'authorities-host',
    text: 'Name or address of the machine of the authorities',
    byDefault: when('hosts', 'several', 'authorities.internal'),
    wrong: host,
  },
  {
    name: 'authorities-port',
    text: 'Port of the authorities, for the server alone',
    byDefault: when('hosts', 'several', '7002'),
    wrong: port,
  },
  {
    name: 'users',
    text: 'Do all processes run as "one" user, or each as a user of its own ("separate")? Above level 1: separate',
    byDefault: ({ 'max-level': level }) => (level === '1' ? 'one' : 'separate'),
    wrong: (answer, { 'max-level': level }) =>
      oneOf('one', 'separate')(answer) ??
      (answer === 'one' && level !== '1' ? 'separate above level 1' : undefined),
  },
  {
    name: 'client-id',
    text: 'First application that may ask for signatures: its id',
    byDefault: always('application'),
    wrong: answer => (/^[A-Za-z0-9_-]{1,64}$/.test(answer) ? undefined : 'letters, digits, _ and -'),
  },
  {
    name: 'client-name',
    text: 'Its name, as signers read it',
    byDefault: ({ 'client-id': id }) => id,
    wrong: filled,
  },
  {
    name: 'client-redirect',
    text: 'The address at which it takes the signer back, exactly',
    byDefault: answers =>
      isLocal(answers) ? 'http://localhost:8090/callback' : beside(answers['server-url'] ?? '', 'desk'),
    wrong: answer => (URL.canParse(answer) ? undefined : 'a URL'),
  },
]

const hostOf = (url: string): string => new URL(url).hostname

/** sign.example.org → approve.example.org. */
function approvalBeside({ 'server-url': server = '' }: Answers): string {
  return beside(server, 'approve')
}

function pkiBeside({ 'server-url': server = '' }: Answers): string {
  return beside(server, 'pki').replace('https:', 'http:')
}

function beside(url: string, name: string): string {
  const { hostname } = new URL(url)
  const domain = hostname.split('.').slice(1).join('.')
  return `https://${name}.${domain === '' ? hostname : domain}`
}
