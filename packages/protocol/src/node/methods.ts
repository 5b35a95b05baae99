/** What both ends of a connection between our processes share: a table of methods with their two shapes. */
import type { Shape, Shaped } from '../shape/shape.ts'

export type MethodTable = Readonly<
  Record<string, { readonly request: Shape<unknown>; readonly response: Shape<unknown> }>
>
export type RequestOf<T extends MethodTable, M extends keyof T> = Shaped<T[M]['request']>
export type ResponseOf<T extends MethodTable, M extends keyof T> = Shaped<T[M]['response']>

/** One function per method: a method without a handler does not compile. */
export type Handlers<T extends MethodTable> = {
  readonly [M in keyof T]: (request: RequestOf<T, M>) => Promise<ResponseOf<T, M>>
}

/** The largest message: a batch of 1,000 items with their signed attributes. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024

/**
 * Where a process listens or is found: a local socket, or TLS with certificates on both sides when it is on
 * another machine. Certificates and keys are PEM.
 */
export type Address =
  | {
      readonly socket: string
      /** Open to the group of its directory as well, where the peer runs as another user. */
      readonly group?: boolean
    }
  | { readonly host: string; readonly port: number; readonly tls: MutualTls }

export interface MutualTls {
  readonly certificate: string
  readonly key: string
  /** The one authority whose peers are let in. */
  readonly authority: string
}
