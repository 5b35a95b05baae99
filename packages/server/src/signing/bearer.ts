/** Bearer values: how they are made, and the digest under which they are stored. */
import { hash, randomBytes } from 'node:crypto'

/** 256 random bits, base64url. */
export function createBearer(): string {
  return randomBytes(32).toString('base64url')
}

/** A handle that lives for minutes: 128 random bits, base64url. */
export function createHandle(): string {
  return randomBytes(16).toString('base64url')
}

/** SHA-256, base64url. */
export function bearerDigest(bearer: string): string {
  return hash('sha256', bearer, 'base64url')
}
