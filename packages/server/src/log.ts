/**
 * The log: JSON lines on standard error. What could hold a secret is taken out by name, whoever logs it; nothing
 * here logs requests, bodies or URLs at all (T-SEC-01).
 */
import { destination, type Logger, pino } from 'pino'

const SECRET = [
  'authorization',
  'cookie',
  'SAD',
  'sad',
  'token',
  'code',
  'access_token',
  'client_secret',
  'code_verifier',
  'handle',
  'body',
  'ticket',
]

export function createLog(level: string): Logger {
  const paths = SECRET.flatMap(name => [name, `*.${name}`, `*.*.${name}`])
  return pino({ level, base: { process: 'server' }, redact: { paths, remove: true } }, destination(2))
}
