/**
 * One request over HTTP, which the caller makes: the library does no I/O of its own.
 *
 * Addresses come out of certificates, so whoever can hand us a certificate chooses them: an exchange on a server
 * must refuse addresses inside its network. `guardedExchange` of `@natsuin/ades/node` does.
 */
export interface ExchangeRequest {
  readonly url: string
  /** POST with these bytes; GET without. */
  readonly body?: Uint8Array
  /** Media type of the body. */
  readonly contentType?: string
  /** Media type of the answer. */
  readonly accept: string
  /** A longer answer is not read to its end but refused. */
  readonly maxBytes: number
}

/**
 * The body of an answer of success.
 *
 * @throws AdesRefusal `exchange-forbidden`, `exchange-failed`, `exchange-exhausted`
 */
export type Exchange = (request: ExchangeRequest) => Promise<Uint8Array>
