/**
 * The orders n of the base points of the NIST curves (NIST SP 800-186, 3.2.1.3 to 3.2.1.5), and integers as
 * octet strings of their length (big-endian: SEC 1 V2.0, 2.3.7 and 2.3.8).
 */
import type { Curve } from '@natsuin/pki/algorithms'
import { toHex } from '@natsuin/pki/encoding'

export const curveOrders: Readonly<Record<Curve, bigint>> = {
  'P-256': 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  'P-384':
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  'P-521':
    0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
}

/** Bytes an integer below the order takes. */
export const orderSizes: Readonly<Record<Curve, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 }

/** The non-negative integer these big-endian octets spell. */
export function integerOf(octets: Uint8Array): bigint {
  return octets.length === 0 ? 0n : BigInt(`0x${toHex(octets)}`)
}

/** A non-negative integer as exactly `size` big-endian octets; it must fit. */
export function octetsOf(integer: bigint, size: number): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(size)
  const hex = integer.toString(16).padStart(size * 2, '0')
  for (let i = 0; i < size; i++) octets[i] = Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16)
  return octets
}
