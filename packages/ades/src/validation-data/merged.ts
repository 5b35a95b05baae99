import { toHex } from '@natsuin/pki/encoding'
import type { ValidationData } from './collect.ts'

/** Every one once. */
export function merged(data: readonly ValidationData[]): ValidationData {
  return {
    certificates: distinct(data.flatMap(({ certificates }) => certificates)),
    ocspResponses: distinct(data.flatMap(({ ocspResponses }) => ocspResponses)),
    crls: distinct(data.flatMap(({ crls }) => crls)),
  }
}

function distinct(ders: readonly Uint8Array[]): readonly Uint8Array[] {
  return [...new Map(ders.map(der => [toHex(der), der])).values()]
}
