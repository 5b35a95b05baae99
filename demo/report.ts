/** The result in the terminal. */
import { relative } from 'node:path'
import type { Result } from './result.ts'

export function report(result: Result, url: string, directory: string): string {
  const path = (absolute: string) => relative(directory, absolute)
  const judges = result.judges.map(({ name, verdict, good }) =>
    line(good ? `✔ ${name}` : `✘ ${name}`, verdict),
  )
  return [
    '',
    line('Credential', `${result.credentialID}, ${result.signer}`),
    line(
      'Approved',
      `${result.approved.label} (${result.approved.basis}), SHA-256 ${result.approved.digest}`,
    ),
    line('Time-stamp', result.timeStamp),
    '',
    ...judges,
    '',
    line('Signed PDF', path(result.signedPdf)),
    line('Evidence', path(result.evidence)),
    line('SAM key', result.samKeyDigest),
    line('Root', result.rootDigest),
    line('Level', result.level),
    line('Took', `${(result.elapsedMs / 1000).toFixed(1)} s`),
    '',
    `  Verify the evidence yourself, offline:`,
    `    npx natsuin evidence verify ${[result.evidence, result.signedPdf].map(path).map(quoted).join(' ')} --sam-key ${result.samKeyDigest}`,
    '',
    `  Try it with a passkey and a PDF of your own:  ${url}`,
    '',
  ].join('\n')
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

function line(name: string, text: string): string {
  return `  ${name.padEnd(12)} ${text}`
}
