/** Chooses the one key of a file that shall be imported and makes the package of it. Runs in the key thread. */
import { digestSync } from '@natsuin/pki/node'
import type { ImportKeyStatement, ImportPackage } from '@natsuin/protocol/keys'
import type { Examined, ExaminedKey } from './examine.ts'
import { wrapForImport } from './wrap.ts'

export interface Wanted {
  readonly importKey: ImportKeyStatement
  /** Fingerprint of the key, or the beginning of it; needed only where the file has several. */
  readonly fingerprint: string | undefined
  readonly otherCopies: ImportPackage['otherCopies']
  readonly at: Date
}

/** `undefined` when there is not exactly one such key, or something is wrong with it: the report says what. */
export function preparePackage(examined: Examined, wanted: Wanted): ImportPackage | undefined {
  const [chosen, ...more] = examined.keys.filter(key => isWanted(key, wanted))
  if (chosen?.sound === undefined || more.length > 0 || chosen.report.problems.length > 0) return undefined
  const { importKey, otherCopies, at } = wanted
  const { sound, report } = chosen
  return {
    v: 1,
    deployment: importKey.deployment,
    importKey: digestSync('sha256', importKey.publicKey),
    wrapping: importKey.wrapping,
    keyType: sound.keyType,
    publicKey: sound.spki,
    wrapped: wrapForImport(sound.privateKeyInfo, importKey),
    certificates: sound.chain.map(({ bytes }) => bytes),
    source: {
      format: examined.format,
      encrypted: report.encrypted,
      ...(report.name && { name: report.name }),
    },
    otherCopies,
    preparedAt: Math.floor(at.getTime() / 1000),
  }
}

function isWanted({ report }: ExaminedKey, { fingerprint }: Wanted): boolean {
  return fingerprint === undefined || report.fingerprint?.startsWith(fingerprint.toLowerCase()) === true
}
