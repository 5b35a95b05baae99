/** A key of software sealed a statement. */
import { sealInput, sealSignature } from '@natsuin/protocol/approval'
import { ShapeError } from '@natsuin/protocol/shape'
import type { Sam } from '../sam.ts'
import { BrokenLink, demand } from '../verdict.ts'

export interface SealedStatement {
  readonly statement: Uint8Array
  readonly seal: string
}

/** @param spki DER SubjectPublicKeyInfo */
export async function checkSeal(
  { statement, seal }: SealedStatement,
  spki: Uint8Array,
  { platform }: Pick<Sam, 'platform'>,
): Promise<void> {
  const signature = readSeal(seal)
  const data = sealInput(statement)
  const sealed = await platform.verify({ algorithm: 'ecdsa-sha256', spki, data, signature })
  demand(sealed, 'seal-invalid', 'the seal is by another key, or over another statement')
}

function readSeal(seal: string): Uint8Array {
  try {
    return sealSignature(seal)
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw new BrokenLink('seal-invalid', error.message)
  }
}
