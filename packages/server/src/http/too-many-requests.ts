/** Whoever comes too often, and when he may come again. */
import { RequestRefused } from '../csc/errors.ts'

export class TooManyRequests extends RequestRefused {
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number) {
    super('too-many-requests')
    this.retryAfterSeconds = retryAfterSeconds
  }
}
