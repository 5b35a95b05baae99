/**
 * The orders n of the base points of the NIST curves (RFC 6979, A.2.5 to A.2.7), and integers as
 * octet strings of their length (big-endian: SEC 1 V2.0, 2.3.7 and 2.3.8).
 */
import type { Curve } from '@natsuin/pki/algorithms'

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
  const { buffer, byteOffset, byteLength } = octets
  return byteLength === 0 ? 0n : BigInt(`0x${Buffer.from(buffer, byteOffset, byteLength).toString('hex')}`)
}

/** A non-negative integer as exactly `size` big-endian octets; it must fit. */
export function octetsOf(integer: bigint, size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(integer.toString(16).padStart(size * 2, '0'), 'hex'))
}
