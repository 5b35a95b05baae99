/**
 * PIN and code as an application hands them on: `authData` in v2, `PIN` and `OTP` in v1 (CSC API v2.0.0.2, 11.6;
 * v1.0.4.0, 11.6).
 *
 * Whether the SAM found the PIN or the code wrong is not said to anybody (a guesser learns nothing): v2 has one word for
 * both, and v1, which has two, always hears `invalid_otp`. What v1 is told apart here is only what a request shows by
 * itself: that one of the two is missing or is no PIN and no code at all.
 */
import { oneTimeCode, pin } from '@natsuin/protocol/approval'
import type { credentialsAuthorizeRequest, Edition, Formed } from '@natsuin/protocol/csc'
import { type Shape, ShapeError } from '@natsuin/protocol/shape'
import { type RequestError, RequestRefused } from '../../errors.ts'

/** The ids under which v2 takes them. */
export const PIN_ID = 'PIN'
export const CODE_ID = 'OTP'

type Given = Pick<Formed<typeof credentialsAuthorizeRequest>, 'authData' | 'PIN' | 'OTP'>

export interface PinAndCode {
  readonly pin: string
  readonly code: string
}

const READERS: Readonly<Record<Edition, (given: Given) => PinAndCode>> = {
  v1: ({ PIN, OTP }) => ({
    pin: shaped(pin, PIN, 'pin-invalid'),
    code: shaped(oneTimeCode, OTP, 'otp-invalid'),
  }),
  v2({ authData }) {
    if (authData === undefined) throw new RequestRefused('auth-data-missing')
    if (authData.length !== 2) throw new RequestRefused('auth-data-invalid')
    const value = (id: string) => authData.find(entry => entry.id === id)?.value
    return {
      pin: shaped(pin, value(PIN_ID), 'auth-data-invalid'),
      code: shaped(oneTimeCode, value(CODE_ID), 'auth-data-invalid'),
    }
  },
}

/** @throws RequestRefused */
export function pinAndCodeOf(given: Given, edition: Edition): PinAndCode {
  return READERS[edition](given)
}

function shaped(shape: Shape<string>, value: unknown, otherwise: RequestError): string {
  try {
    return shape(value)
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw new RequestRefused(otherwise)
  }
}
