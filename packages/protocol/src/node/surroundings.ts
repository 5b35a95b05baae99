/**
 * What could look into a process or change it from outside, and whether any of it is there (threats 16, T-SEC-02;
 * 19, T-CFG-05).
 *
 * A debugger, a heap snapshot or a preloaded module reads keys and answers for the process. Nobody who runs a
 * service needs them, so the frame of every process refuses to start with one instead of asking what it is for.
 */
import { url as inspectorUrl } from 'node:inspector'

export interface Surroundings {
  /** Options of Node itself, before the name of the program. */
  readonly nodeOptions: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Where a debugger may connect. */
  readonly inspector: string | undefined
}

/** Those of this process. */
export function ownSurroundings(): Surroundings {
  const { execArgv, env } = process
  return { nodeOptions: execArgv, environment: env, inspector: inspectorUrl() }
}

/** Options that open a process, write its memory to a file, or run other people's code before its own. */
const FORBIDDEN_OPTION =
  /^(?:--(?:inspect|debug-port|heapsnapshot-|heap-prof|cpu-prof|report-|diagnostic-dir|require|import|loader|experimental-loader|insecure-http-parser|tls-min-v1\.[01]|tls-cipher-list|use-openssl-ca)|-r\b)/

/** Variables that do the same, or that take the checks off a connection; with what is wrong about them. */
const FORBIDDEN_VARIABLES: Readonly<Record<string, string>> = {
  NODE_TLS_REJECT_UNAUTHORIZED: 'certificates of peers are always verified',
  LD_PRELOAD: 'no other code runs in this process',
  LD_AUDIT: 'no other code runs in this process',
}

/** Variables that change whom connections to the outside trust, or how; an operator may want that, and reads of it. */
const NOTED_VARIABLES = [
  'NODE_EXTRA_CA_CERTS',
  'NODE_USE_ENV_PROXY',
  'OPENSSL_CONF',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
]

/** Why this process does not start here; a line each. */
export function problemsOfSurroundings({ nodeOptions, environment, inspector }: Surroundings): string[] {
  const options = [...nodeOptions, ...(environment['NODE_OPTIONS'] ?? '').split(/\s+/)]
  return [
    ...(inspector === undefined ? [] : [`node: a debugger may connect (${inspector})`]),
    ...options
      .filter(option => FORBIDDEN_OPTION.test(option))
      .map(option => `node: ${nameOf(option)} is set`),
    ...Object.entries(FORBIDDEN_VARIABLES)
      .filter(([name]) => isSet(environment, name))
      .map(([name, why]) => `${name} is set; ${why}`),
  ]
}

/** Names of the variables that are worth a line in the log. */
export function notedVariables({ environment }: Surroundings): string[] {
  return NOTED_VARIABLES.filter(name => isSet(environment, name))
}

const isSet = (environment: Surroundings['environment'], name: string): boolean =>
  (environment[name] ?? '') !== ''

/** A value may be a path that is nobody's business. */
const nameOf = (option: string): string => option.split('=')[0] ?? option
