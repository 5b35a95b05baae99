/** What only a PDF has room for. */
import { UsageError } from '../command.ts'
import type { SignRequest } from './sign-request.ts'

/** @throws UsageError where one of these is wanted of another format */
export function refusePdfWishes({ description, appearance }: SignRequest): void {
  const { fieldName, reason, contactInfo } = description
  const wanted = [fieldName, reason, contactInfo, appearance].some(wish => wish !== undefined)
  if (wanted) throw new UsageError('--field, --reason, --contact, --text and --image are for --format pades.')
}
