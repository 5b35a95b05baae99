/**
 * Signatures with their content inside, read and written without holding the content: RFC 5652, 5.2.
 *
 * Everything else works on the detached form. `openCades` takes a file apart, `attachContent` puts it together again.
 */
import { attachedForm, CONTENT_HEAD_BYTES, contentExtentIn, detachedForm } from '@natsuin/pki/cms'
import {
  appendedSource,
  type ByteSource,
  bytesSource,
  joinedSource,
  sliceSource,
} from '../pdf/byte-source.ts'
import { readable } from '../signing/readable.ts'

export interface OpenedCades {
  /** The signature in its detached form, DER ContentInfo with SignedData. */
  readonly signature: Uint8Array
  /** What was inside; `undefined` where the signature was detached already. */
  readonly content: ByteSource | undefined
}

/**
 * @param source  a signature file, attached (`.p7m`) or detached (`.p7s`), DER
 * @throws AdesRefusal `signature-unreadable`
 */
export async function openCades(source: ByteSource): Promise<OpenedCades> {
  const head = (await source.read(0, Math.min(CONTENT_HEAD_BYTES, source.size))).slice()
  const extent = readable(() => contentExtentIn(head, source.size))
  if (extent === undefined)
    return { signature: (await source.read(0, source.size)).slice(), content: undefined }
  const { start, end } = extent
  const tail = (await source.read(end, source.size - end)).slice()
  const signature = readable(() => detachedForm(head.subarray(0, start), tail, extent))
  return { signature, content: sliceSource(source, start, end) }
}

/**
 * The signature with its content inside.
 *
 * @param signature  in its detached form, DER
 * @param content    that was signed
 * @throws AdesRefusal `signature-unreadable`
 */
export function attachContent(signature: Uint8Array, content: ByteSource): ByteSource {
  const { head, tail } = readable(() => attachedForm(signature, content.size))
  return appendedSource(joinedSource(bytesSource(head), content), tail)
}
