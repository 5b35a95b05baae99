/** PINs and codes as people type them, and what of them a page puts into a box when somebody enrols. */
import { base64url, record, type Shape, type Shaped, ShapeError, text } from '../shape/shape.ts'

const digits = text({ min: 6, max: 12, pattern: /^[0-9]+$/ })

/** 6 to 12 digits, not one digit again and again, nor a row of them up or down: those are guessed first. */
export const pin: Shape<string> = (value, path = '') => {
  const chosen = digits(value, path)
  if (isRow(chosen)) throw new ShapeError(path, 'a PIN that is not guessed first')
  return chosen
}

/** As an authenticator app shows it (RFC 6238, 1.2 and RFC 4226, 5.3), and as it is sent. */
export const oneTimeCode = text({ min: 6, max: 6, pattern: /^[0-9]{6}$/ })

/** In the box of an enrolment. */
export const pinAndSecret = record({
  pin,
  /** What app and SAM share (RFC 4226, 4: 160 bits). */
  secret: base64url({ min: 20, max: 20 }),
  /** What the app shows now: so that nobody enrols with an app that does not have it. */
  code: oneTimeCode,
})

export type PinAndSecret = Shaped<typeof pinAndSecret>

/** Of a mailbox, in the form that all of them have: local part and domain (RFC 5321, 4.1.2), ASCII without quotes. */
export const mailAddress = text({
  max: 254,
  pattern: /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/,
})

/** In the box of an enrolment for codes that are sent. */
export const pinAndAddress = record({ pin, address: mailAddress })

export type PinAndAddress = Shaped<typeof pinAndAddress>

/** Every digit is as far from the one before it as the second is from the first: 111111, 345678, 987654. */
function isRow(chosen: string): boolean {
  const steps = [...chosen].slice(1).map((digit, i) => Number(digit) - Number(chosen[i]))
  return Math.abs(steps[0] ?? 0) <= 1 && steps.every(step => step === steps[0])
}
